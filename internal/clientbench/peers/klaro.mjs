import { fileOf } from "../brought.mjs";
import { page } from "../host.mjs";
import { words } from "../words.mjs";

// As its documentation says: two deferred scripts, styles and translations within.
const config = {
	version: 1,
	elementID: "klaro",
	acceptAll: true,
	hideDeclineAll: false,
	hideLearnMore: false,
	showNoticeTitle: true,
	mustConsent: false,
	groupByPurpose: true,
	storageMethod: "cookie",
	lang: "en",
	disablePoweredBy: true,
	translations: {
		en: {
			ok: words.accept,
			acceptAll: words.accept,
			decline: words.reject,
			save: words.save,
			acceptSelected: words.save,
			close: words.close,
			privacyPolicyUrl: "#privacy",
			consentNotice: { title: words.title, description: words.body, learnMore: words.customise },
			consentModal: { title: words.dialogTitle, description: words.dialogBody },
			purposes: Object.fromEntries(words.categories.map(({ id, title, description }) => [id, { title, description }])),
		},
	},
	services: words.categories.map(({ id, title, description }) => ({ name: id, title, description, purposes: [id], required: id === "essential", default: false })),
};

export default {
	id: "klaro",
	title: "Klaro",
	packages: ["klaro"],
	build: ({ tracker }) => ({
		"klaro.js": fileOf("klaro/dist/klaro.js"),
		"config.js": `var klaroConfig=${JSON.stringify(config)};`,
		"index.html": page({
			head: '<script defer src="config.js"></script>\n<script defer data-config="klaroConfig" src="klaro.js"></script>',
			script: `<script type="text/plain" data-type="application/javascript" data-name="analytics" data-src="${tracker}/tag.js"></script>`,
			pixel: `<img data-name="marketing" data-src="${tracker}/pixel.gif" width="1" height="1" alt="">`,
			frame: `<iframe data-name="functional" data-src="${tracker}/frame.html" width="300" height="118" title="Embedded map"></iframe>`,
			settings: '<button type="button" onclick="klaro.show(undefined,true)">Cookie settings</button>',
		}),
	}),
	selectors: { banner: ".klaro .cookie-notice", accept: ".klaro .cookie-notice .cm-btn-success", reject: ".klaro .cookie-notice .cn-decline" },
};
