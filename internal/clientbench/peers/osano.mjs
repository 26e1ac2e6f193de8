import { fileOf } from "../brought.mjs";
import { page } from "../host.mjs";
import { words } from "../words.mjs";

// Its opt-in mode. It has no categories and holds nothing itself: the page loads
// the tags when it calls back.
const config = {
	type: "opt-in",
	position: "bottom",
	revokable: true,
	animateRevokable: false,
	palette: { popup: { background: "#ffffff", text: "#1b1b1b" }, button: { background: "#0b4f9e", text: "#ffffff" } },
	content: { message: words.body, allow: words.accept, deny: words.reject, link: words.customise, href: "#privacy", policy: "Cookie settings" },
};

const loadTags = (tracker) => `function load(){if(window.loaded)return;window.loaded=1;
var i=new Image(1,1);i.alt='';i.src='${tracker}/pixel.gif';document.getElementById('pixel').appendChild(i);
var f=document.createElement('iframe');f.width=300;f.height=118;f.title='Embedded map';f.src='${tracker}/frame.html';document.getElementById('frame').appendChild(f);
var s=document.createElement('script');s.src='${tracker}/tag.js';document.body.appendChild(s)}
window.addEventListener('load',function(){var c=${JSON.stringify(config)};
c.onInitialise=function(){if(this.hasConsented())load()};
c.onStatusChange=function(){if(this.hasConsented())load();else location.reload()};
window.cookieconsent.initialise(c)});`;

export default {
	id: "osano",
	title: "Osano",
	packages: ["cookieconsent"],
	build: ({ tracker }) => ({
		"cookieconsent.js": fileOf("cookieconsent/build/cookieconsent.min.js"),
		"cookieconsent.css": fileOf("cookieconsent/build/cookieconsent.min.css"),
		"index.html": page({
			head: `<link rel="stylesheet" href="cookieconsent.css">\n<script src="cookieconsent.js"></script>\n<script>${loadTags(tracker)}</script>`,
			pixel: '<span id="pixel"></span>',
			frame: '<span id="frame"></span>',
		}),
	}),
	selectors: { banner: ".cc-window", accept: ".cc-window .cc-allow", reject: ".cc-window .cc-deny" },
};
