/**
 * Keeps tags inert until their purposes are granted. What is open is known here, never read from the page's attributes: frameworks
 * copy pages, keep them for going back, and reuse their elements.
 */

import { attribute, ownTag } from "../core/config.js";

/** @typedef {(element: HTMLElement) => unknown} MayRun */

/**
 * @typedef {object} Gates the state of all gates in this page
 * @property {Set<Document | ShadowRoot>} roots the page, and the open shadow roots in it
 * @property {Map<HTMLElement, string>} open embeds and templates that are open, each with the address that it was opened with
 * @property {WeakSet<HTMLElement>} started scripts that have run, or wait for their turn; none runs twice
 * @property {Map<string, HTMLElement>} ran one copy of a gate for all scripts of the same purposes and service that have run
 * @property {Promise<unknown>} queue scripts run one after the other, in document order
 * @property {any} [trust] the Trusted Types policy, made only for a page that inserts gated scripts as text
 * @property {MayRun} [mayRun] as it was given last
 * @property {(template: HTMLTemplateElement) => void} [openTemplate] comes with the rest of the script
 */

/** @type {Gates} */
export const gates = CW_SHARED.gates ??= {
  __proto__: null,
  roots: new Set([document]),
  open: new Map(),
  started: new WeakSet(),
  ran: new Map(),
  queue: Promise.resolve(),
};
/** Gated elements. A form never is one: its fields can hide its own properties and methods. */
const GATED = "[data-consent]:not(form)";
export const gatedElements = () =>
  [...gates.roots].flatMap((root) => /** @type {HTMLElement[]} */ ([...root.querySelectorAll(GATED)]));
/**
 * Where the widget's tag has a nonce, the page trusts scripts that have it; and with `strict-dynamic` every script that such
 * a script inserts. So an element must have the nonce itself before the widget inserts it.
 */
export const isTrusted = (/** @type {HTMLScriptElement} */ script) => !ownTag.nonce || script.nonce == ownTag.nonce;

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
 * A script that was set as markup (or is a clone of such) never runs, and nothing tells it from one that the parser read: so a
 * copy runs. Scripts of strict policies carry a nonce and never come as markup: they run themselves.
 * @param {HTMLScriptElement} script
 */
const executable = (script) => {
  if (script.nonce) return script;
  const copy = document.createElement("script");
  try {
    for (const { name, value } of script.attributes) {
      const real = name.replace("data-src", "src");
      copy.setAttribute(real, real == "src" ? asTrustedType(value, "createScriptURL") : value);
    }
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
const runScript = (inert) => {
  const script = executable(inert);
  const { type } = inert;
  const end = () => script == inert || script.remove();
  const ended = new Promise((done) => ["load", "error"].forEach((event) => script.addEventListener(event, done)));
  script.type = attribute(inert, "type");
  script.async = inert.hasAttribute("async");
  inert.after(script);
  script.type = type;
  return script.src ? ended.then(end) : end();
};

/** Is an address relative, or one of HTTP? */
export const isLoadable = (/** @type {string} */ address) => /^(https?:|[\w.-]*([/?#]|$))/i.test(address);

/** Gives an element its real addresses, which wait as `data-…`. @param {Element} element */
export const setAddresses = (element) => {
  for (const name of ["src", "srcset", "poster"]) {
    const address = attribute(element, name);
    if (address && name in element && isLoadable(address)) element.setAttribute(name, address);
  }
};

/** @param {HTMLElement} element @param {HTMLElement} [gate] the element whose purposes count */
export const open = (element, gate = element) => {
  const { open, ran, started } = gates;
  if (!(element instanceof HTMLScriptElement)) {
    if (element instanceof HTMLTemplateElement) return gates.openTemplate?.(element);
    open.set(element, attribute(element, "src"));
    return setAddresses(element);
  }
  if (!isTrusted(element)) return;
  started.add(element);
  // by the time it starts, consent may have been withdrawn, or the script removed
  const start = () => {
    if (!element.isConnected || !gates.mayRun?.(gate)) return started.delete(element);
    ran.set(attribute(gate, "consent") + attribute(gate, "consent-service"), /** @type {HTMLElement} */ (gate.cloneNode()));
    return runScript(element);
  };
  if (element.hasAttribute("async")) start();
  else gates.queue = gates.queue.then(start).catch(console.warn); // a failure does not stop the next script
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
  for (const element of gatedElements()) {
    if (!gates.open.has(element) && !gates.started.has(element) && mayRun(element)) open(element);
  }
  return true;
};
