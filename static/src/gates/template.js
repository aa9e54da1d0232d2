/** Gates that hold more than one element, and elements that must stay shut. */

import { attribute } from "../core/config.js";
import { gates, isLoadable, open, openPermitted } from "./gate.js";

/** What Firefox fetches as soon as it parses a template, whatever the template waits for. */
const FETCHED = "[src]:not(script[type='text/plain' i]),[srcset],[poster],link[href]";
/** @type {WeakSet<Element>} */
const reported = new WeakSet();

/** Tells the developer, once for each template, what a browser may fetch from it before consent. */
export const reportFetched = () => {
  for (const template of /** @type {NodeListOf<HTMLTemplateElement>} */ (document.querySelectorAll("template[data-consent]"))) {
    const element = !reported.has(template) && template.content?.querySelector(FETCHED);
    reported.add(template);
    if (element) console.warn("consent_widget: Firefox fetches this before consent. Write data-src:", element);
  }
};

/**
 * Gives elements their real addresses: in a template they wait as `data-src`, which no browser fetches ahead.
 * @param {DocumentFragment} content of a template
 */
const setAddresses = (content) => {
  for (const name of ["src", "srcset", "poster"]) {
    for (const element of content.querySelectorAll(`[data-${name}]:not([data-consent],script)`)) {
      const address = attribute(element, name);
      if (name != "src" || isLoadable(address)) element.setAttribute(name, address);
    }
  }
};

/**
 * Puts each element that has purposes of its own into a template of its own, where it waits for them.
 * @param {DocumentFragment} content of a template
 */
const splitGates = (content) => {
  for (const element of content.querySelectorAll("[data-consent]:not(template,[data-src],[type='text/plain' i])")) {
    const gate = document.createElement("template");
    for (const { name, value } of element.attributes) gate.setAttribute(name, value);
    element.removeAttribute("data-consent");
    element.replaceWith(gate);
    gate.content.append(element);
  }
};

/**
 * Removes shadow roots that came as markup: they may be closed, and what is in them would pass every gate. Attaching a shadow
 * root to an element that has such a one empties it (DOM, "attach a shadow root", step 4); an element that had none is
 * replaced by a copy without one.
 * @param {DocumentFragment} content
 */
const removeShadowRoots = (content) => {
  for (const element of content.querySelectorAll("*")) {
    try {
      element.attachShadow({ mode: element.shadowRoot ? "open" : "closed" });
      const copy = /** @type {Element} */ (element.cloneNode());
      copy.append(...element.childNodes);
      element.replaceWith(copy);
    } catch { /* elements of this kind cannot have one, scripts among them */ }
  }
};

/** Opens a template, or reports an element that the page's policy would not load. @param {HTMLElement} element */
export const openTemplate = (element) => {
  if (!(element instanceof HTMLTemplateElement)) {
    console.warn("consent_widget: not loaded: without the page's nonce, or not http(s):", element);
    return element.removeAttribute("data-consent");
  }
  const { content } = element;
  removeShadowRoots(content);
  splitGates(content);
  setAddresses(content);
  /** @type {NodeListOf<HTMLScriptElement>} */
  const scripts = content.querySelectorAll("script:not([type='text/plain' i])");
  for (const script of scripts) {
    script.setAttribute("data-type", script.type);
    script.type = "text/plain";
  }
  element.replaceWith(content);
  for (const script of scripts) open(script, element);
  if (gates.mayRun) openPermitted(gates.mayRun); // gates that were inside the template
};
