/** What the server puts around the linked modules: the words and trees of one locale, and the style sheet. */
declare const CW_DATA: any;
declare const CW_CSS: string;
/** For the part with the placeholders: its three texts by locale, and its style sheet. */
declare const CW_WORDS: Record<string, string[]>;
declare const CW_EMBEDS_CSS: string;
/** The address of the rest of the widget, for the first part of it. */
declare const CW_REST: string;
/** What the first part of the widget hands to the rest, where there are two. It may be of an earlier deployment: only add to it. */
declare const CW_SHARED: {
  /** The tag that runs the script, if any, with what the server says on it about this visitor. */
  tag: HTMLScriptElement | null;
  /** What the address of the script has in its path: `/consent/widget.`. */
  file: string;
  /** The folder of the script: see config.js. */
  home?: string;
  /** The page's language: see config.js. */
  language?: string;
  /** The widget's element in the page. */
  host?: HTMLElement;
  /** See trustedToken.js. */
  judged?: string[];
  /** Did the server render this page for this visitor? Then also their age band, and whether they sent the opt-out signal. */
  /** Has the server drawn this page? Where it has asked nothing: the id of the state that it has drawn it for. */
  rendered?: true | string;
  band?: string;
  /** What stands beside the way back while it is honoured. */
  gpc?: string;
  /** The page's cookies when the first part began, read once. */
  cookie?: string;
  /** From when a press may grant again, on the clock of events. */
  delay?: number;
  /** See gate.js. */
  gates?: any;
  /** Submissions that the storage does not take: see outboxStore.js. */
  outbox?: Map<string, import("./core/outboxStore.js").Submission>;
  /** The token, where the browser stores nothing. */
  token?: string;
  /** The digest of the notice that the first part was built with; without a first part it is missing. */
  notice?: string;
  /** A press that waits for the rest. */
  press?: { target: HTMLElement; isTrusted: boolean; state: string };
  /** A refusal that was pressed before the rest was loaded. */
  refused?: import("./core/outboxStore.js").Submission;
};
/** Modules that are linked only where a site uses them. */
declare const CW_LINKED: {
  names?: RegExp;
  store?: typeof import("./linked/domainStore.js").domainStore;
  news?: typeof import("./linked/news.js").news;
  lead?: typeof import("./linked/lead.js").lead;
  /** Those that begin by themselves, once the widget is there: leave, tags, elsewhere, signal. */
  begin?: (tools: typeof import("./tools.js").tools, api: object) => void;
  age?: typeof import("./linked/age.js").age;
  ask?: typeof import("./linked/ask.js").ask;
  clear?: typeof import("./linked/clear.js").clear;
  service?: typeof import("./linked/service.js").service;
  groups?: typeof import("./linked/groups.js").groups;
  followers?: typeof import("./linked/followers.js").followers;
  /** The part with the placeholders, or its address. */
  embeds: typeof import("./embeds/embeds.js").embeds | string;
};
