import { fileOf } from "../brought.mjs";
import { page } from "../host.mjs";
import { words } from "../words.mjs";

// As its documentation says: the style sheet in the head, one module that runs it.
// It holds scripts alone, so pixel and frame come from scripts.
const config = {
	categories: Object.fromEntries(words.categories.map(({ id }) => [id, id === "essential" ? { enabled: true, readOnly: true } : {}])),
	language: {
		default: "en",
		translations: {
			en: {
				consentModal: { title: words.title, description: words.body, acceptAllBtn: words.accept, acceptNecessaryBtn: words.reject, showPreferencesBtn: words.customise },
				preferencesModal: {
					title: words.dialogTitle,
					acceptAllBtn: words.accept,
					acceptNecessaryBtn: words.reject,
					savePreferencesBtn: words.save,
					closeIconLabel: words.close,
					sections: [{ description: words.dialogBody }, ...words.categories.map(({ id, title, description }) => ({ title, description, linkedCategory: id }))],
				},
			},
		},
	},
};

const held = (category, code) => `<script type="text/plain" data-category="${category}">${code}</script>`;

export default {
	id: "vanilla-cookieconsent",
	title: "vanilla-cookieconsent",
	packages: ["vanilla-cookieconsent"],
	build: ({ tracker }) => ({
		"cookieconsent.js": fileOf("vanilla-cookieconsent/dist/cookieconsent.umd.js"),
		"cookieconsent.css": fileOf("vanilla-cookieconsent/dist/cookieconsent.css"),
		"config.js": `import "./cookieconsent.js";CookieConsent.run(${JSON.stringify(config)});`,
		"index.html": page({
			head: '<link rel="stylesheet" href="cookieconsent.css">\n<script type="module" src="config.js"></script>',
			script: `<script type="text/plain" data-category="analytics" src="${tracker}/tag.js"></script>`,
			pixel: held("marketing", `var i=new Image(1,1);i.alt='';i.src='${tracker}/pixel.gif';document.currentScript.parentNode.appendChild(i)`),
			frame: held(
				"functional",
				`var f=document.createElement('iframe');f.width=300;f.height=118;f.title='Embedded map';f.src='${tracker}/frame.html';document.currentScript.parentNode.appendChild(f)`,
			),
			settings: '<button type="button" data-cc="show-preferencesModal">Cookie settings</button>',
		}),
	}),
	selectors: { banner: "#cc-main .cm", accept: '#cc-main .cm [data-role="all"]', reject: '#cc-main .cm [data-role="necessary"]' },
};
