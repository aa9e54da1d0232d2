/** Which gated element may run or load now. */

import { attribute } from "../core/config.js";
import { data, permits } from "../core/state.js";

/** @type {WeakSet<Element>} elements that the visitor chose to load once */
export const loadedOnce = new WeakSet();

/** Is the page prerendered, so that nobody has opened it yet? */
export const prerendering = () => /** @type {any} */ (document).prerendering;

/** @param {HTMLElement} element */
export const mayRun = (element) => {
  const service = attribute(element, "consent-service");
  const purposes = attribute(element, "consent").split(" ");
  if (prerendering()) return false;
  return loadedOnce.has(element) ||
    (service
      ? CW_LINKED.service?.allowed(data, permits, service, purposes)
      : purposes.every((purpose) => permits(purpose)));
};
