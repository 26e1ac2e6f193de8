import { ConsentBanner, ConsentDialog, ConsentManagerProvider, useConsentManager } from "@c15t/react";
import { ConsentDialogLink } from "@c15t/react/components/consent-dialog-link";
import "@c15t/react/styles.css";
import { createRoot } from "react-dom/client";
import { createPortal } from "react-dom";

const typed = (id) => {
	const { title, description } = WORDS.categories.find((c) => c.id === id);
	return { title, description };
};

const options = {
	mode: "offline",
	consentCategories: ["necessary", "functionality", "measurement", "marketing"],
	overrides: { country: "DE" },
	i18n: {
		locale: "en",
		messages: {
			en: {
				common: { acceptAll: WORDS.accept, rejectAll: WORDS.reject, customize: WORDS.customise, save: WORDS.save, close: WORDS.close },
				cookieBanner: { title: WORDS.title, description: WORDS.body },
				consentManagerDialog: { title: WORDS.dialogTitle, description: WORDS.dialogBody },
				consentTypes: { necessary: typed("essential"), functionality: typed("functional"), measurement: typed("analytics"), marketing: typed("marketing") },
			},
		},
	},
	scripts: [{ id: "tag", src: TRACKER + "/tag.js", category: "measurement" }],
};

/** Comes with consent alone. */
function Pixel() {
	const { has } = useConsentManager();
	return has("marketing") ? createPortal(<img src={TRACKER + "/pixel.gif"} width="1" height="1" alt="" />, document.getElementById("pixel")) : null;
}

createRoot(document.getElementById("root")).render(
	<ConsentManagerProvider options={options}>
		<ConsentBanner hideBranding />
		<ConsentDialog hideBranding />
		<Pixel />
		{createPortal(<ConsentDialogLink>Cookie settings</ConsentDialogLink>, document.getElementById("settings"))}
	</ConsentManagerProvider>,
);
