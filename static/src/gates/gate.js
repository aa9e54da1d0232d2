/** Keeps tags inert until their purposes are granted. */

import { attribute, ownTag } from "../core/config.js";

/** @typedef {(element: HTMLElement) => unknown} Allowed */

/**
 * @typedef {object} Opened how it stands in this page
 * @property {Set<HTMLElement>} running what has run or been loaded
 * @property {Promise<unknown>} turn scripts wait theirs, in document order
 * @property {any} trust made only for a page that puts gated scripts in as text
 * @property {Allowed | null} allowed as it is known now
 * @property {((element: HTMLElement) => void) | null} others opens templates, and tells of what must stay shut; it comes
 *   with the rest of the script
 */

/** @type {Opened} */
export const opened = CW_SHARED.opened ??= {
  running: new Set(),
  turn: Promise.resolve(),
  trust: null,
  allowed: null,
  others: null,
};
export const { running } = opened;
/** What is held back. A form never is: its fields can stand before whatever it is asked. */
export const GATED = "[data-consent]:not(form)";
/**
 * Where our own tag has one, the page trusts what has it; and by `strict-dynamic` whatever script that puts into the page.
 * So what we let in has to have it by itself.
 */
const nonce = ownTag.nonce;

/** @param {string} text @returns {string} for sinks that may ask for a trusted type */
const trusted = (text, kind = "createScript") => {
  const itself = (/** @type {string} */ same) => same;
  opened.trust ??= /** @type {any} */ (globalThis).trustedTypes?.createPolicy("consent_widget", {
    createScript: itself,
    createScriptURL: itself,
  }) || {};
  return opened.trust[kind]?.(text) ?? text;
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
  script.type = attribute(script, "type");
  script.async = script.hasAttribute("async");
  const ended = new Promise((done) => ["load", "error"].forEach((event) => script.addEventListener(event, done)));
  script.before(script);
  return script.src && ended;
};

/**
 * Would the page's own policy let it in, were it not for us? An address is relative, or one of HTTP.
 * @param {HTMLElement} element
 */
const sound = (element) =>
  element instanceof HTMLScriptElement
    ? !nonce || element.nonce == nonce
    : /^(https?:|[\w.-]*([/?#]|$))/i.test(attribute(element, "src"));

/** @param {HTMLElement} element @param {HTMLElement} [judged] the one whose purposes count */
export const open = (element, judged = element) => {
  if (element instanceof HTMLTemplateElement || !sound(element)) {
    running.delete(element);
    opened.others?.(element);
  } else if (element instanceof HTMLScriptElement) {
    // it may have been withdrawn meanwhile, or gone
    const start = () => element.isConnected && opened.allowed?.(judged) ? run(element) : running.delete(element);
    if (element.hasAttribute("async")) start();
    else opened.turn = opened.turn.then(start).catch(console.warn); // the next one's turn comes all the same
  } else {
    element.hidden = false;
    element.setAttribute("src", attribute(element, "src"));
  }
};

/**
 * Opens what is allowed now.
 * @param {Allowed} allowed
 * @returns {boolean | undefined} whether it could be asked
 */
export const gates = (allowed) => {
  // a page whose natives let through what asks for nothing: everything stays shut
  if (allowed(document.createElement("i"))) return;
  opened.allowed = allowed;
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(GATED))) {
    if (running.has(element) || !allowed(element)) continue;
    running.add(element);
    open(element);
  }
  return true;
};
