/** What the server puts around the linked modules: the words and trees of one locale, and the style sheet. */
declare const CW_DATA: any;
declare const CW_CSS: string;
/** Where the rest of the widget is, seen from the first part of it. */
declare const CW_REST: string;
/** What the first part of the widget hands to the rest, where there are two. */
declare const CW_SHARED: {
  /** Our own tag, and what the server says on it of this visitor. */
  tag: HTMLScriptElement;
  /** Our own element in the page. */
  host?: HTMLElement;
  /** See trust.js. */
  known?: string[];
  /** The page's cookies as the first part begins, for its first look alone. */
  cookie?: string;
  /** When a press may grant again, on the clock of events. */
  calm?: number;
  opened?: any;
  own?: Map<string, import("./core/kept.js").Submission>;
  /** The token, where the browser keeps nothing. */
  held?: string;
  /** The digest of the notice that was shown. */
  notice?: string;
  /** A press that waits. */
  press?: { target: HTMLElement; isTrusted: boolean; seen: string; preventDefault: () => void };
  refused?: import("./core/kept.js").Submission;
};
/** Linked only where a site has a use for them. */
declare const CW_MORE: {
  names?: RegExp;
  memory?: typeof import("./linked/memory.js").memory;
  write?: typeof import("./linked/write.js").write;
  news?: typeof import("./linked/news.js").news;
  leave?: typeof import("./linked/leave.js").leave;
  age?: typeof import("./linked/age.js").age;
  ask?: typeof import("./linked/ask.js").ask;
  service?: typeof import("./linked/service.js").service;
  groups?: typeof import("./linked/groups.js").groups;
};
