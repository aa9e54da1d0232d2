/** Placeholders for embedded content that is held back, and the elements that still run though they may not. */

import { attribute } from "../core/config.js";
import { GATED, running } from "./gate.js";

/** @typedef {import("./gate.js").MayRun} MayRun */

/** @type {WeakMap<HTMLElement, HTMLElement>} */
const placeholders = new WeakMap();

/**
 * Puts a placeholder before each embedded element that is held back, and removes those that are no longer needed.
 * @param {MayRun} mayRun
 * @param {(element: HTMLElement) => HTMLElement} makePlaceholder
 * @param {string} language of the placeholders
 */
export const showPlaceholders = (mayRun, makePlaceholder, language) => {
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(GATED))) {
    const old = placeholders.get(element);
    const heldBack = attribute(element, "src") && !running.has(element) && !mayRun(element);
    if (heldBack && old && old.lang == language && old.nextSibling == element) continue;
    old?.remove();
    if (!heldBack) continue;
    element.hidden = false; // the placeholder takes its size
    const placeholder = makePlaceholder(element);
    placeholders.set(element, placeholder);
    element.before(placeholder);
    element.hidden = true;
  }
};

/**
 * @param {MayRun} mayRun
 * @returns {boolean} whether something runs that is no longer permitted: only a reload ends it
 */
export const stillRunning = (mayRun) => {
  for (const element of running) {
    if (!element.isConnected && attribute(element, "src")) { // removed, so it no longer runs; it is gated again if it returns
      element.removeAttribute("src");
      running.delete(element);
    }
  }
  return [...running].some((element) => !mayRun(element));
};
