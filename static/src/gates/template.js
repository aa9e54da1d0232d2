/** Gates that are more than one element, and those that must stay shut. */

import { gates, open, opened } from "./gate.js";

/**
 * What has purposes of its own inside a template waits for them: in a template of its own, where nothing else holds it.
 * @param {DocumentFragment} content
 */
const part = (content) => {
  for (const each of content.querySelectorAll("[data-consent]:not(template,[data-src],[type='text/plain' i])")) {
    const gate = document.createElement("template");
    for (const { name, value } of each.attributes) gate.setAttribute(name, value);
    each.removeAttribute("data-consent");
    each.replaceWith(gate);
    gate.content.append(each);
  }
};

/**
 * Takes shadow roots that came as markup out: they may be closed, and what runs in them would pass every gate. Asking for
 * one empties that which is there (DOM, attach a shadow root, step 4); where none was, a copy of the element has none again.
 * @param {DocumentFragment} content
 */
const flatten = (content) => {
  for (const each of content.querySelectorAll("*")) {
    try {
      each.attachShadow({ mode: each.shadowRoot ? "open" : "closed" });
      const copy = /** @type {Element} */ (each.cloneNode());
      copy.append(...each.childNodes);
      each.replaceWith(copy);
    } catch { /* elements of this kind have none, scripts among them */ }
  }
};

/** @param {HTMLElement} element */
export const others = (element) => {
  if (!(element instanceof HTMLTemplateElement)) {
    console.warn("consent_widget: it lacks the nonce, or http(s):", element);
    return element.removeAttribute("data-consent");
  }
  const { content } = element;
  flatten(content);
  part(content);
  /** @type {NodeListOf<HTMLScriptElement>} */
  const scripts = content.querySelectorAll("script:not([type='text/plain' i])");
  for (const script of scripts) {
    script.setAttribute("data-type", script.type);
    script.type = "text/plain";
  }
  element.replaceWith(content);
  for (const script of scripts) open(script, element);
  if (opened.allowed) gates(opened.allowed); // what came with it
};
