/** Gates that hold more than one element. The template stays in the page as it was written; what it holds is shown after it. */

import { setAddresses } from "./addresses.js";

/** Scripts, and not blocks of data. */
const SCRIPTS = "script:not([type*='/']),script[type*='javascript' i]";
const EMBEDS = ":is([src],[srcset],[data-src],[data-srcset],[data-poster]):not([data-consent],script)";

/**
 * Puts each element that has purposes of its own into a template of its own, where it waits for them.
 * @param {Document} document
 * @param {DocumentFragment} content of a template
 */
const splitGates = (document, content) => {
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

/**
 * Shows what a template holds, and runs its scripts. A copy takes its place in the template: the scripts themselves are those
 * that the page's policy trusts.
 * @param {import("./placeholder.js").Tools} tools
 * @param {HTMLTemplateElement} template
 */
export const openTemplate = ({ document, gates, isTrusted, open }, template) => {
  const { content } = template;
  const copy = content.cloneNode(true);
  removeShadowRoots(content);
  splitGates(document, content);
  setAddresses(content.querySelectorAll(EMBEDS), gates);
  /** @type {NodeListOf<HTMLScriptElement>} */
  const scripts = content.querySelectorAll(SCRIPTS);
  for (const script of scripts) {
    script.setAttribute("data-type", script.type);
    script.type = "text/plain";
    if (!isTrusted(script)) console.warn("consent_widget: not run, it lacks the page's nonce:", script);
  }
  for (const node of [...content.childNodes]) {
    const element = node instanceof Text && node.data.trim() ? document.createElement("span") : node;
    if (element != node) content.replaceChild(element, node), element.appendChild(node);
    if (!(element instanceof Element)) continue;
    element.setAttribute("data-consent-shown", "");
    gates.shown?.set(element, template);
  }
  template.after(content);
  content.append(copy);
  gates.open.set(template, "");
  for (const script of scripts) open(script, template);
};
