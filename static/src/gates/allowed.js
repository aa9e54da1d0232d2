/** Which element may run now. */

import { attribute } from "../core/config.js";
import { data, permits } from "../core/state.js";

/** @type {WeakSet<Element>} what the visitor lets in for this once */
export const once = new WeakSet();

/** Nobody looks at the page yet. */
export const prerendering = () => /** @type {any} */ (document).prerendering;

/** @param {HTMLElement} element */
export const allowed = (element) => {
  const service = attribute(element, "consent-service");
  const purposes = attribute(element, "consent").split(" ");
  if (prerendering()) return false;
  return once.has(element) ||
    (service ? CW_MORE.service?.allowed(data, permits, service, purposes) : purposes.every((each) => permits(each)));
};
