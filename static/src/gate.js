/** Keeps tags inert until their purposes are granted, and clears up after them when they no longer are. */

/** @typedef {import("./policy.js").Service} Service */

/** @type {Set<HTMLElement>} what has run or been loaded */
const running = new Set();
/** @type {Map<HTMLElement, HTMLElement>} what stands in the place of content that is kept out */
const standing = new Map();
/** @type {Promise<unknown>} scripts wait their turn, in document order */
let turn = Promise.resolve();

/**
 * An inert script that is put in its place again runs, and keeps nonce and integrity.
 * @param {HTMLScriptElement} script
 */
const run = (script) => {
  script.type = script.dataset.type || "";
  script.async = script.hasAttribute("async");
  const ended = new Promise((done) => ["load", "error"].forEach((event) => script.addEventListener(event, done)));
  script.before(script);
  return script.src && ended;
};

/** @param {HTMLElement} element */
const open = (element) => {
  if (element instanceof HTMLScriptElement) {
    const start = () => run(element);
    if (element.hasAttribute("async")) start();
    else turn = turn.then(start);
  } else if (element instanceof HTMLTemplateElement) {
    const scripts = element.content.querySelectorAll("script");
    for (const script of scripts) {
      script.dataset.type = script.type;
      script.type = "text/plain";
    }
    element.replaceWith(element.content);
    scripts.forEach(open);
  } else {
    standing.get(element)?.remove();
    element.hidden = false;
    element.setAttribute("src", element.dataset.src || "");
  }
};

/**
 * Opens what is allowed now.
 * @param {(element: HTMLElement) => boolean} allowed
 * @param {(element: HTMLElement) => HTMLElement} instead makes what stands in the place of embedded content
 * @returns {boolean} whether something runs that is no longer allowed: only a reload ends it
 */
export const gates = (allowed, instead) => {
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-consent]"))) {
    if (running.has(element)) continue;
    if (allowed(element)) {
      running.add(element);
      open(element);
    } else if (element.dataset.src) {
      standing.get(element)?.remove();
      element.hidden = false;
      const placeholder = instead(element);
      standing.set(element, placeholder);
      element.before(placeholder);
      element.hidden = true;
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
      for (let domain = location.hostname; domain; domain = domain.replace(/^[^.]*\.?/, "")) {
        document.cookie = name + "=;max-age=0;path=/;domain=" + domain;
      }
      document.cookie = name + "=;max-age=0;path=/";
    }
    for (const box of [localStorage, sessionStorage]) {
      among(Object.keys(box), storage).forEach((key) => box.removeItem(key));
    }
  } catch { /* a page that may not read its storage has nothing to clear */ }
};
