/** What the server puts around the linked modules: the words and trees of one locale, and the style sheet. */
declare const CW_DATA: any;
declare const CW_CSS: string;
/** Linked only where a site has a use for them. */
declare const CW_MORE: {
  memory?: typeof import("./memory.js").memory;
  news?: typeof import("./news.js").news;
  leave?: typeof import("./leave.js").leave;
  age?: typeof import("./age.js").age;
  ask?: typeof import("./ask.js").ask;
};
