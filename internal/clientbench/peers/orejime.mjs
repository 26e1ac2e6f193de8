import { fileOf } from "../brought.mjs";
import { page } from "../host.mjs";
import { words } from "../words.mjs";

// As its README says: its standard theme in English, the style sheet in the head.
const config = {
	privacyPolicyUrl: "#privacy",
	purposes: words.categories.map(({ id, title, description }) => ({ id, title, description, cookies: [], isMandatory: id === "essential" })),
	translations: {
		banner: { title: words.title, description: words.body, accept: words.accept, acceptTitle: words.accept, decline: words.reject, declineTitle: words.reject, configure: words.customise, configureTitle: words.customise },
		modal: { title: words.dialogTitle, description: words.dialogBody, close: words.close, closeTitle: words.close, acceptAll: words.accept, declineAll: words.reject, save: words.save, saveTitle: words.save },
	},
};

export default {
	id: "orejime",
	title: "Orejime",
	packages: ["orejime"],
	build: ({ tracker }) => ({
		"orejime.js": fileOf("orejime/dist/orejime-standard-en.js"),
		"orejime.css": fileOf("orejime/dist/orejime-standard.css"),
		"index.html": page({
			head: `<link rel="stylesheet" href="orejime.css">\n<script>window.orejimeConfig=${JSON.stringify(config)}</script>\n<script defer src="orejime.js"></script>`,
			script: `<template data-purpose="analytics"><script src="${tracker}/tag.js"></script></template>`,
			pixel: `<template data-purpose="marketing"><img src="${tracker}/pixel.gif" width="1" height="1" alt=""></template>`,
			frame: `<template data-purpose="functional"><iframe src="${tracker}/frame.html" width="300" height="118" title="Embedded map"></iframe></template>`,
			settings: '<button type="button" onclick="orejime.prompt()">Cookie settings</button>',
		}),
	}),
	selectors: { banner: ".orejime-Banner", accept: ".orejime-Banner .orejime-Button--save", reject: ".orejime-Banner .orejime-Button--decline" },
};
