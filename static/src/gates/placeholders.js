/** Placeholders for embedded content that is held back. */

import { attribute } from "../core/config.js";
import { gates } from "./gate.js";
import { allGated } from "./roots.js";

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
  for (const element of allGated()) {
    const old = placeholders.get(element);
    const heldBack = attribute(element, "src") && !gates.open.has(element) && !mayRun(element);
    if (heldBack && old && old.lang == language && old.nextSibling == element) continue;
    old?.remove();
    if (old) element.hidden = false;
    if (!heldBack) continue;
    element.hidden = false; // the placeholder takes its size
    const placeholder = makePlaceholder(element);
    placeholders.set(element, placeholder);
    element.before(placeholder);
    element.hidden = true;
  }
};
