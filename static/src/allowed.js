/** Which element may run now. */

import { attribute } from "./element.js";
import { data, may } from "./state.js";

/** @type {WeakSet<Element>} what the visitor lets in for this once */
export const once = new WeakSet();

/** Nobody looks at the page yet. */
export const prerendering = () => /** @type {any} */ (document).prerendering;

/** @param {HTMLElement} element */
export const allowed = (element) => {
  const { permits, permitsService } = may();
  const service = attribute(element, "consent-service");
  if (prerendering()) return false;
  return once.has(element) ||
    attribute(element, "consent").split(" ").every((purpose) => permits(purpose) || service && data.separate.includes(purpose)) &&
      (!service || permitsService(service));
};
