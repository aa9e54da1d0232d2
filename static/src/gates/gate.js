/**
 * Keeps tags inert until their purposes are granted. What is open is known here, never read from the page's attributes: frameworks
 * copy pages, keep them for going back, and reuse their elements.
 */

import { attribute, nonce } from "../core/config.js";

/** @typedef {(element: HTMLElement) => unknown} MayRun */

/**
 * @typedef {object} Gates the state of all gates in this page
 * @property {Map<HTMLElement, string>} open embeds and templates that are open, each with the address that it was opened with
 * @property {WeakSet<HTMLElement>} started scripts that have run, or wait for their turn; none runs twice
 * @property {Map<string, HTMLElement>} ran by what it says: a gate of scripts that have run. A library may show a page any number of times
 * @property {Promise<unknown>} queue scripts run one after the other, in document order
 * @property {any} [trust] the Trusted Types policy, made only for a page that inserts gated scripts as text
 * @property {MayRun} [mayRun] as it was given last
 * @property {WeakMap<Element, HTMLElement>} [shown] what came out of templates, each element with its template
 * @property {(element: HTMLElement) => void} [openEmbed] comes with the part of the script for embedded content
 * @property {(roots: Set<Document | ShadowRoot>) => void} [update] fills the elements that stand for content of a vendor: see facades.js
 * @property {(host: HTMLElement, root: ShadowRoot, id: string, values: Record<string, string>) => void} [place] where that is a script: see places.js
 * @property {(element: Element, address: string) => string} [address] the address that is loaded in place of the one that the page has
 */

/** @type {Gates} */
export const gates = CW_SHARED.gates ??= {
  __proto__: null,
  open: new Map(),
  started: new WeakSet(),
  ran: new Map(),
  queue: Promise.resolve(),
};
/** Gated elements. A form never is one: its fields can hide its own properties and methods. */
export const GATED = "[data-consent]:not(form)";
/**
 * Where the page has a nonce, it trusts scripts that have it; and with `strict-dynamic` every script that such a script inserts.
 * So an element must have the nonce itself before the widget inserts it.
 */
export const isTrusted = (/** @type {HTMLScriptElement} */ script) => !nonce || script.nonce == nonce;

/** @param {string} text @returns {string} for sinks that may require Trusted Types */
const asTrustedType = (text, kind = "createScript") => {
  const createScript = (/** @type {string} */ unchanged) => unchanged;
  const rules = { createScript, createScriptURL: createScript };
  gates.trust ??= /** @type {any} */ (globalThis).trustedTypes?.createPolicy("consent_widget", rules) || rules;
  return gates.trust[kind](text);
};

/**
 * A script that was set as markup (or is a clone of such) never runs, and nothing tells it from one that the parser read: so a
 * copy runs. Scripts of strict policies carry a nonce and never come as markup: they run themselves.
 * @param {HTMLScriptElement} script
 */
const executable = (script) => {
  const copy = script.nonce ? script : document.createElement("script");
  try {
    for (const { name, value } of script.attributes) {
      const real = name.replace("data-src", "src");
      copy.setAttribute(real, real == "src" ? asTrustedType(value, "createScriptURL") : value);
    }
    if (script.nonce) return script;
    copy.removeAttribute("data-consent");
    copy.text = asTrustedType(script.text);
    copy.onload = script.onload;
    copy.onerror = script.onerror;
  } catch { // the page's policy allows no Trusted Types policy, and so no text either
    return script;
  }
  return copy;
};

/**
 * Runs a script as if it stood there without the widget. Its markup is inert again as soon as it has started, and its copy is
 * removed when it has ended, so a copy of the page holds nothing that runs by itself.
 * @param {HTMLScriptElement} inert
 */
const runScript = async (inert) => {
  const script = executable(inert);
  const ended = new Promise((done) => ["load", "error"].forEach((event) => script.addEventListener(event, done)));
  script.type = attribute(inert, "type");
  script.async = inert.hasAttribute("async");
  inert.after(script);
  script.type = "text/plain";
  if (script.src) await ended;
  if (script != inert) script.remove();
};

/** @param {HTMLElement} element @param {HTMLElement} [gate] the element whose purposes count */
export const open = (element, gate = element) => {
  if (!(element instanceof HTMLScriptElement)) gates.openEmbed?.(element);
  else if (isTrusted(element)) {
    gates.started.add(element);
    // by the time it starts, consent may have been withdrawn, or the script removed
    const start = async () => {
      if (!element.isConnected || !gates.mayRun?.(gate)) return gates.started.delete(element);
      gates.ran.set(attribute(gate, "consent") + attribute(gate, "consent-service"), gate);
      await runScript(element);
    };
    if (element.hasAttribute("async")) start();
    else gates.queue = gates.queue.then(start).catch(console.warn); // a failure does not stop the next script
  }
};

/**
 * Opens every gate that may open now.
 * @param {MayRun} mayRun
 * @param {Iterable<HTMLElement>} elements
 * @returns {boolean | undefined} true, unless the page has broken `mayRun`: then every gate stays shut
 */
export const openPermitted = (mayRun, elements = [.../** @type {any} */ (document.querySelectorAll(GATED))]) => {
  // an element without purposes may never run: if it may, the page has replaced a function of the language
  if (mayRun(document.createElement("i"))) return;
  gates.mayRun = mayRun;
  for (const element of elements) {
    if (!gates.open.has(element) && !gates.started.has(element) && mayRun(element)) open(element);
  }
  return true;
};
