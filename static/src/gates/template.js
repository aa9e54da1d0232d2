/** Gates that hold more than one element, and elements that must stay shut. */

import { gates, open, openPermitted } from "./gate.js";

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
