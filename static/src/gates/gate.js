/** Keeps tags inert until their purposes are granted. */

import { attribute, nonce } from "../core/config.js";

/** @typedef {(element: HTMLElement) => unknown} MayRun */

/**
 * @typedef {object} Gates the state of all gates in this page
 * @property {Set<HTMLElement>} running elements that have run or were loaded
 * @property {Promise<unknown>} queue scripts run one after the other, in document order
 * @property {any} [trust] the Trusted Types policy, made only for a page that inserts gated scripts as text
 * @property {MayRun} [mayRun] as it was given last
 * @property {(element: HTMLElement) => void} [openTemplate] opens templates, and reports what must stay shut; it comes
 *   with the rest of the script
 */

/** @type {Gates} */
export const gates = CW_SHARED.gates ??= { __proto__: null, running: new Set(), queue: Promise.resolve() };
export const { running } = gates;
/** Gated elements. A form never is one: its fields can hide its own properties and methods. */
export const GATED = "[data-consent]:not(form)";

/** @param {string} text @returns {string} for sinks that may require Trusted Types */
const asTrustedType = (text, kind = "createScript") => {
  const unchanged = (/** @type {string} */ same) => same;
  gates.trust ??= /** @type {any} */ (globalThis).trustedTypes?.createPolicy("consent_widget", {
    createScript: unchanged,
    createScriptURL: unchanged,
  }) || {};
  return gates.trust[kind]?.(text) ?? text;
};

/**
 * A script that the parser read runs when it is inserted again with its own type. One that was set as markup (or is a clone
 * of such) never runs, and nothing tells them apart: so a copy takes its place. Scripts of strict policies carry a nonce and
 * never come as markup.
 * @param {HTMLScriptElement} script
 */
const executable = (script) => {
  if (script.nonce) return script;
  const copy = document.createElement("script");
  try {
    for (const { name, value } of script.attributes) {
      copy.setAttribute(name, name == "src" ? asTrustedType(value, "createScriptURL") : value);
    }
    copy.text = asTrustedType(script.text);
    copy.onload = script.onload;
    copy.onerror = script.onerror;
  } catch { // the page's policy allows no Trusted Types policy, and so no text either
    return script;
  }
  script.replaceWith(copy);
  running.delete(script);
  running.add(copy);
  return copy;
};

/** @param {HTMLScriptElement} inert */
const runScript = (inert) => {
  const script = executable(inert);
  script.type = attribute(script, "type");
  script.async = script.hasAttribute("async");
  const ended = new Promise((done) => ["load", "error"].forEach((event) => script.addEventListener(event, done)));
  script.before(script);
  return script.src && ended;
};

/** Is an address relative, or one of HTTP? */
export const isLoadable = (/** @type {string} */ address) => /^(https?:|[\w.-]*([/?#]|$))/i.test(address);

/**
 * Would the page load this without the widget? A script needs the page's nonce: with `strict-dynamic` a page trusts every
 * script that one with the nonce inserts.
 * @param {HTMLElement} element
 */
const isSafe = (element) =>
  element instanceof HTMLScriptElement ? !nonce || element.nonce == nonce : isLoadable(attribute(element, "src"));

/** @param {HTMLElement} element @param {HTMLElement} [gate] the element whose purposes count */
export const open = (element, gate = element) => {
  if (element instanceof HTMLTemplateElement || !isSafe(element)) {
    running.delete(element);
    gates.openTemplate?.(element);
  } else if (element instanceof HTMLScriptElement) {
    // by the time it starts, consent may have been withdrawn, or the script removed
    const start = () => element.isConnected && gates.mayRun?.(gate) ? runScript(element) : running.delete(element);
    if (element.hasAttribute("async")) start();
    else gates.queue = gates.queue.then(start).catch(console.warn); // a failure does not stop the next script
  } else {
    element.hidden = false;
    element.setAttribute("src", attribute(element, "src"));
  }
};

/**
 * Opens every gate that may open now.
 * @param {MayRun} mayRun
 * @returns {boolean | undefined} true, unless the page has broken `mayRun`: then every gate stays shut
 */
export const openPermitted = (mayRun) => {
  // an element without purposes may never run: if it may, the page has replaced a function of the language
  if (mayRun(document.createElement("i"))) return;
  gates.mayRun = mayRun;
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(GATED))) {
    if (running.has(element) || !mayRun(element)) continue;
    running.add(element);
    open(element);
  }
  return true;
};
