/** What the server puts around the linked modules: the words and trees of one locale, and the style sheet. */
declare const CW_DATA: any;
declare const CW_CSS: string;
/** Linked only where pages of other sites use the widget. */
declare const CW_MEMORY: typeof import("./memory.js").memory | undefined;
