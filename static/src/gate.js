/** Keeps tags inert until their purposes are granted, and clears up after them when they no longer are. */

/** @typedef {import("./policy.js").Service} Service */
/** @typedef {(element: HTMLElement) => boolean} Allowed */

/** @type {Set<HTMLElement>} what has run or been loaded */
const running = new Set();
/** @type {Promise<unknown>} scripts wait their turn, in document order */
let turn = Promise.resolve();

/** @param {HTMLScriptElement} script put in place again, a script that was inert runs and keeps nonce and integrity */
const run = (script) => {
  const waits = script.src && !script.hasAttribute("async");
  script.type = script.dataset.type || "text/javascript";
  script.async = script.hasAttribute("async");
  const place = document.createComment("");
  script.replaceWith(place);
  const ended = waits ? new Promise((done) => (script.onload = script.onerror = done)) : undefined;
  place.replaceWith(script);
  return ended;
};

/** @param {HTMLElement} element */
const open = (element) => {
  if (element instanceof HTMLScriptElement) {
    if (element.hasAttribute("async")) run(element);
    else turn = turn.then(() => run(element));
  } else if (element instanceof HTMLTemplateElement) {
    const scripts = [...element.content.querySelectorAll("script")];
    for (const script of scripts) {
      script.dataset.type = script.type;
      script.type = "text/plain";
    }
    element.replaceWith(element.content);
    scripts.forEach(open);
  } else {
    element.setAttribute("src", element.dataset.src || "");
    element.hidden = false;
  }
};

/**
 * Opens what is allowed now.
 * @param {Allowed} allowed
 * @param {(element: HTMLElement) => void} shut called for embedded content that stays shut
 * @returns {boolean} whether something runs that is no longer allowed: only a reload ends it
 */
export const gates = (allowed, shut) => {
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-consent]"))) {
    if (running.has(element)) continue;
    if (allowed(element)) {
      running.add(element);
      open(element);
    } else if (element.dataset.src) shut(element);
  }
  return [...running].some((element) => !allowed(element));
};

/** @param {string} pattern a name, or a beginning and `*` */
const matches = (pattern) => (/** @type {string} */ name) =>
  pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name == pattern;

/** @param {Service} service removes the cookies and storage keys it has left on this site */
export const clear = ({ cookies, storage }) => {
  try {
    const names = document.cookie.split("; ").map((each) => each.split("=")[0]);
    const parts = location.hostname.split(".");
    const domains = ["", ...parts.map((_, at) => ";domain=" + parts.slice(at).join("."))];
    for (const name of cookies.flatMap((pattern) => names.filter(matches(pattern)))) {
      for (const domain of domains) document.cookie = name + "=;max-age=0;path=/" + domain;
    }
    for (const box of [localStorage, sessionStorage]) {
      for (const key of storage.flatMap((pattern) => Object.keys(box).filter(matches(pattern)))) box.removeItem(key);
    }
  } catch { /* a page that may not read its storage has nothing to clear */ }
};
