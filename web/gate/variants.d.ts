// The gate is built in variants, so that a site pays for what it has: see
// internal/webbuild.

/** Has the site more than one language? */
declare const __LANGUAGES: boolean;

/** Has the site tags of the server's? */
declare const __TAGS: boolean;

/** Is something of the site paused? */
declare const __PAUSED: boolean;

/** Are there regions in which the site does not ask first? */
declare const __REGIONS: boolean;
