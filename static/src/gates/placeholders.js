/** Embedded content that is held back: which it is, and the part of the script that shows placeholders for it. */

import { attribute, HOME } from "../core/config.js";
import { logErrors } from "../core/logErrors.js";
import { running } from "./gate.js";

/** @typedef {import("./gate.js").MayRun} MayRun */

const EMBEDDED = "[data-consent][data-src]:not(form,script,template)";
/**
 * How long after its load event a page keeps its markup as it came. Frameworks take over what the server rendered (hydration),
 * whenever they like, and discard it when they find an element of ours in it.
 */
const UNTOUCHED = 3e3;
/** @type {WeakSet<Element> | undefined} what was in the page when it had loaded, for as long as the markup is untouched */
let early;
/** @type {ReturnType<typeof import("../embeds/embeds.js").embeds> | undefined} */
let show;
let asked = false;

/** The part of the script that makes placeholders, which only a pinned script has in it. */
const loadEmbeds = async () => {
  const { embeds } = CW_LINKED;
  return embeds instanceof Function ? embeds : (await import(HOME + embeds)).default;
};

/**
 * Shows a placeholder for each embedded element that is held back, and for no other. Pages without any load nothing for it.
 * @param {MayRun} mayRun
 * @param {import("../embeds/embeds.js").Tools} tools
 */
export const showPlaceholders = (mayRun, tools) => {
  const roots = [document];
  /** @type {HTMLElement[]} */
  const heldBack = roots.flatMap((root) => [.../** @type {any} */ (root.querySelectorAll(EMBEDDED))]).filter((element) =>
    attribute(element, "src") && !running.has(element) && !mayRun(element)
  );
  if (!early && document.readyState == "complete") {
    early = new WeakSet(heldBack);
    setTimeout(logErrors(() => tools.openGates(early = new WeakSet())), UNTOUCHED);
  }
  if (show) show(early ? heldBack.filter((element) => !early?.has(element)) : [], roots);
  else if (!asked && (heldBack[0] || document.querySelector("[data-cw-blocked]"))) {
    asked = true;
    loadEmbeds().then((embeds) => {
      show = embeds(tools);
      tools.openGates();
    }).catch((error) => console.warn("consent_widget: embedded content stays shut, without a placeholder:", error));
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
