import { fileOf } from "../brought.mjs";
import { page } from "../host.mjs";
import { category, words } from "../words.mjs";

// As its README says, with its .min files; it loads its styles, words and services
// itself. Its types api, analytic and ads stand for our categories.
const titled = (id) => ({ title: category(id).title, details: category(id).description });
const texts = {
	middleBarHead: words.title,
	alertBigPrivacy: words.body,
	acceptAll: words.accept,
	denyAll: words.reject,
	allowAll: words.accept,
	personalize: words.customise,
	title: words.dialogTitle,
	info: words.dialogTitle,
	disclaimer: words.dialogBody,
	close: words.close,
	save: words.save,
	mandatoryTitle: category("essential").title,
	mandatoryText: category("essential").description,
	api: titled("functional"),
	analytic: titled("analytics"),
	ads: titled("marketing"),
};
const options = {
	privacyUrl: "#privacy",
	bodyPosition: "bottom",
	hashtag: "#tarteaucitron",
	cookieName: "tarteaucitron",
	orientation: "bottom",
	groupServices: true,
	showDetailsOnClick: true,
	serviceDefaultState: "wait",
	showAlertSmall: false,
	showTitleBanner: true,
	cookieslist: false,
	cookieslistEmbed: false,
	showIcon: false,
	adblocker: false,
	DenyAllCta: true,
	AcceptAllCta: true,
	highPrivacy: true,
	alwaysNeedConsent: false,
	handleBrowserDNTRequest: false,
	removeCredit: true,
	moreInfoLink: false,
	useExternalCss: false,
	useExternalJs: false,
	readmoreLink: "",
	mandatory: true,
	mandatoryCta: true,
	googleConsentMode: false,
	bingConsentMode: false,
	pianoConsentMode: false,
	softConsentMode: false,
	dataLayer: false,
	serverSide: false,
	partnersList: false,
};

const service = (key, type, name, code) =>
	`tarteaucitron.services.${key}={key:'${key}',type:'${type}',name:'${name}',needConsent:true,cookies:[],js:function(){${code}},fallback:function(){}};(tarteaucitron.job=tarteaucitron.job||[]).push('${key}');`;

const services = (tracker) =>
	service(
		"benchframe",
		"api",
		"Embedded map",
		`var f=document.createElement('iframe');f.width=300;f.height=118;f.title='Embedded map';f.src='${tracker}/frame.html';document.getElementById('frame').appendChild(f);`,
	) +
	service("benchscript", "analytic", "Site statistics", `tarteaucitron.addScript('${tracker}/tag.js');`) +
	service("benchpixel", "ads", "Ad pixel", `var i=new Image(1,1);i.alt='';i.src='${tracker}/pixel.gif';document.getElementById('pixel').appendChild(i);`);

export default {
	id: "tarteaucitron",
	title: "tarteaucitron",
	packages: ["tarteaucitronjs"],
	build: ({ tracker }) => ({
		...Object.fromEntries(
			["tarteaucitron.min.js", "tarteaucitron.services.min.js", "css/tarteaucitron.min.css", "lang/tarteaucitron.en.min.js"].map((name) => [name, fileOf("tarteaucitronjs/" + name)]),
		),
		"index.html": page({
			head: `<script src="tarteaucitron.min.js"></script>\n<script>var tarteaucitronForceLanguage='en',tarteaucitronCustomText=${JSON.stringify(texts)};tarteaucitron.init(${JSON.stringify(options)});</script>`,
			pixel: '<span id="pixel"></span>',
			frame: '<span id="frame"></span>',
			settings: '<button type="button" class="tarteaucitronOpenPanel">Cookie settings</button>',
			end: `<script>tarteaucitron.services=tarteaucitron.services||{};${services(tracker)}</script>`,
		}),
	}),
	selectors: { banner: "#tarteaucitronAlertBig", accept: "#tarteaucitronPersonalize2", reject: "#tarteaucitronAllDenied2" },
};
