// The same words for every tool, so that all banners say as much.
export const words = {
	title: "We value your privacy",
	body: "We use cookies and similar technologies to run this site, to remember your choices, to measure how it is used and to show relevant content. You can accept all of them, reject all optional ones, or choose by category. You can change your mind at any time.",
	accept: "Accept all",
	reject: "Reject all",
	customise: "Preferences",
	dialogTitle: "Privacy preferences",
	dialogBody: "Choose which categories of cookies we may use. Essential cookies are always on because the site does not work without them.",
	save: "Save choices",
	close: "Close",
	categories: [
		{ id: "essential", title: "Essential", description: "Needed for the site to work, such as security, load balancing and this choice itself. They cannot be switched off." },
		{ id: "functional", title: "Functional", description: "Embedded content and features such as maps, videos and live chat that are provided by other companies." },
		{ id: "analytics", title: "Analytics", description: "Help us understand how visitors use the site, in aggregate, so that we can improve its content and speed." },
		{ id: "marketing", title: "Marketing", description: "Used to show relevant advertising on other sites and to measure how well our campaigns perform." },
	],
};

export const category = (id) => words.categories.find((c) => c.id === id);
