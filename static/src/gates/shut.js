/** The other side of the gates: what stands where content is kept out, and what still runs though it may not. */

import { attribute } from "../core/config.js";
import { GATED, running } from "./gate.js";

/** @typedef {import("./gate.js").Allowed} Allowed */

/** @type {WeakMap<HTMLElement, HTMLElement>} what stands in the place of what */
const standing = new WeakMap();

/**
 * In the place of embedded content that is kept out stands who it comes from.
 * @param {Allowed} allowed
 * @param {(element: HTMLElement) => HTMLElement} instead makes what stands there
 * @param {string} language that it speaks
 */
export const shut = (allowed, instead, language) => {
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(GATED))) {
    const old = standing.get(element);
    const out = attribute(element, "src") && !running.has(element) && !allowed(element);
    if (out && old && old.lang == language && old.nextSibling == element) continue;
    old?.remove();
    if (!out) continue;
    element.hidden = false; // it is measured
    const placeholder = instead(element);
    standing.set(element, placeholder);
    element.before(placeholder);
    element.hidden = true;
  }
};

/**
 * @param {Allowed} allowed
 * @returns {boolean} whether something runs that is no longer allowed: only a reload ends it
 */
export const overrun = (allowed) => {
  for (const element of running) {
    if (!element.isConnected && attribute(element, "src")) { // it no longer runs, and is let in anew where it comes back
      element.removeAttribute("src");
      running.delete(element);
    }
  }
  return [...running].some((element) => !allowed(element));
};
