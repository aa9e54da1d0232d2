/** Which gated element may run or load now. */

import { attribute } from "../core/config.js";
import { data, permits } from "../core/state.js";

/** @type {WeakSet<Element>} elements that the visitor chose to load once */
export const loadedOnce = new WeakSet();

/** Is the page prerendered, so that nobody has opened it yet? */
export const prerendering = () => /** @type {any} */ (document).prerendering;

/** The purposes of a gated element, parted by white space or commas. @param {Element} element */
export const purposesOf = (element) => attribute(element, "consent").match(/[^\s,]+/g) || [""];

/** @param {HTMLElement} element */
export const mayRun = (element) => {
  const service = attribute(element, "consent-service");
  const purposes = purposesOf(element);
  if (prerendering()) return false;
  return loadedOnce.has(element) ||
    (service
      ? CW_LINKED.service?.allowed(data, permits, service, purposes)
      : purposes.every((purpose) => permits(purpose)));
};
