/** Keeps tags inert until their purposes are granted, and clears up after them when they no longer are. */

/** @typedef {import("./policy.js").Service} Service */
/** @typedef {(element: HTMLElement) => unknown} Allowed */

/** @type {Set<HTMLElement>} what has run or been loaded */
const running = new Set();
/** @type {WeakMap<HTMLElement, HTMLElement>} what stands in the place of content that is kept out */
const standing = new WeakMap();
/** @type {Promise<unknown>} scripts wait their turn, in document order */
let turn = Promise.resolve();
/** @type {any} made only for a page that puts gated scripts in as text */
let trust;

/** Asks for what nobody can grant. A page whose natives let it through is one to keep everything shut in. */
const probe = document.createElement("i");
probe.dataset.consent = "?";

/** @param {string} text @returns {string} for sinks that may ask for a trusted type */
const trusted = (text, kind = "createScript") => {
  const itself = (/** @type {string} */ same) => same;
  trust ??= /** @type {any} */ (globalThis).trustedTypes?.createPolicy("consent_widget", {
    createScript: itself,
    createScriptURL: itself,
  }) || {};
  return trust[kind]?.(text) ?? text;
};

/**
 * A script runs when it is put there again with its own type, but never where it came in as markup, or was cloned from
 * such: there only a copy does, and nobody can tell. Those of strict policies carry a nonce and are never such.
 * @param {HTMLScriptElement} script
 */
const ready = (script) => {
  if (script.nonce) return script;
  const copy = document.createElement("script");
  try {
    for (const { name, value } of script.attributes) {
      copy.setAttribute(name, name == "src" ? trusted(value, "createScriptURL") : value);
    }
    copy.text = trusted(script.text);
    copy.onload = script.onload;
    copy.onerror = script.onerror;
  } catch { // the page's policy allows no policy of ours: then it allows no text either
    return script;
  }
  script.replaceWith(copy);
  running.delete(script);
  running.add(copy);
  return copy;
};

/** @param {HTMLScriptElement} inert */
const run = (inert) => {
  const script = ready(inert);
  script.type = script.dataset.type || "";
  script.async = script.hasAttribute("async");
  const ended = new Promise((done) => ["load", "error"].forEach((event) => script.addEventListener(event, done)));
  script.before(script);
  return script.src && ended;
};

/** @param {HTMLElement} element @param {Allowed} allowed */
const open = (element, allowed) => {
  if (element instanceof HTMLScriptElement) {
    // it may have been withdrawn meanwhile, or gone
    const start = () => element.isConnected && allowed(element) ? run(element) : running.delete(element);
    if (element.hasAttribute("async")) start();
    else turn = turn.then(start).catch(console.warn); // the next one's turn comes all the same
  } else if (element instanceof HTMLTemplateElement) {
    const scripts = element.content.querySelectorAll("script");
    for (const script of scripts) {
      script.dataset.type = script.type;
      script.type = "text/plain";
    }
    element.replaceWith(element.content);
    for (const script of scripts) open(script, () => allowed(element));
  } else {
    standing.get(element)?.remove();
    element.hidden = false;
    element.setAttribute("src", element.dataset.src || "");
  }
};

/**
 * Opens what is allowed now.
 * @param {Allowed} allowed
 * @param {(element: HTMLElement) => HTMLElement} instead makes what stands in the place of embedded content
 * @param {string} language that it speaks
 * @returns {boolean} whether something runs that is no longer allowed: only a reload ends it
 */
export const gates = (allowed, instead, language) => {
  if (allowed(probe)) return false;
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-consent]"))) {
    if (running.has(element)) continue;
    if (allowed(element)) {
      running.add(element);
      open(element, allowed);
    } else if (element.dataset.src) {
      const old = standing.get(element);
      if (old?.lang == language && old.nextSibling == element) continue;
      old?.remove();
      element.hidden = false;
      const placeholder = instead(element);
      standing.set(element, placeholder);
      element.before(placeholder);
      element.hidden = true;
    }
  }
  for (const element of running) {
    if (!element.isConnected && element.dataset.src) { // it no longer runs, and is let in anew where it comes back
      element.removeAttribute("src");
      running.delete(element);
    }
  }
  return [...running].some((element) => !allowed(element));
};

/** @param {Service} service removes the cookies and storage keys that it has left on this site */
export const clear = ({ cookies, storage }) => {
  /** @param {string[]} names @param {string[]} patterns each a name, or a beginning and `*` */
  const among = (names, patterns) =>
    names.filter((name) =>
      patterns.some((each) => each.endsWith("*") ? name.startsWith(each.slice(0, -1)) : name == each)
    );
  try {
    for (const name of among(document.cookie.split("; ").map((each) => each.split("=")[0]), cookies)) {
      location.hostname.split(".").forEach((_, at, labels) => {
        document.cookie = name + "=;max-age=0;path=/;domain=" + labels.slice(at).join(".");
      });
      document.cookie = name + "=;max-age=0;path=/";
    }
    for (const box of [localStorage, sessionStorage]) {
      among(Object.keys(box), storage).forEach((key) => box.removeItem(key));
    }
  } catch { /* a page that may not read its storage has nothing to clear */ }
};
