/** Follows what the page does to gated elements: it copies, changes, moves and removes them. */

import { attribute } from "../core/config.js";
import { gates } from "./gate.js";
import { roots } from "./roots.js";

/** @typedef {import("./gate.js").MayRun} MayRun */

const shown = gates.shown ??= new WeakMap();
/** Attributes from which an embed loads at once. */
const LIVE = ["src", "srcset"];

/** Ends what an element shows, in its place: without an address, a frame that is inserted anew is empty. @param {HTMLElement} element */
const shut = (element) => {
  gates.open.delete(element);
  if (element instanceof HTMLTemplateElement) return;
  const { nextSibling, parentNode } = element;
  element.remove();
  for (const name of LIVE) {
    const address = element.getAttribute(name);
    if (address && !attribute(element, name)) element.setAttribute("data-" + name, address);
    element.removeAttribute(name);
  }
  parentNode?.insertBefore(element, nextSibling);
};

/** @param {HTMLElement} element gated, and not open as far as we know @param {MayRun} mayRun */
const shutCopy = (element, mayRun) => {
  const live = LIVE.filter((name) => element.hasAttribute(name));
  if (!live[0] || element instanceof HTMLTemplateElement) return;
  if (live.some((name) => !attribute(element, name))) console.warn("consent_widget: loads before consent. Write data-src:", element);
  if (mayRun(element)) gates.open.set(element, attribute(element, "src"));
  else shut(element);
};

/**
 * Shuts whatever is open and may not be: what was allowed before, and copies that came with the page's own markup.
 * @param {HTMLElement[]} elements all that are gated
 * @param {MayRun} mayRun
 */
export const shutForbidden = (elements, mayRun) => {
  for (const element of elements) {
    if (element instanceof HTMLScriptElement) continue;
    const address = gates.open.get(element);
    if (address == null) shutCopy(element, mayRun);
    else if (!mayRun(element)) shut(element);
    else if (address != attribute(element, "src")) gates.open.delete(element); // it is opened anew, with its new address
  }
  for (const element of gates.open.keys()) if (!element.isConnected) shut(element); // it is gated again if it returns
  for (const root of roots) {
    for (const element of root.querySelectorAll("[data-consent-shown]")) {
      const template = shown.get(element);
      if (!template || !gates.open.has(template)) element.remove(); // also in a copy of the page, with all that it showed
    }
  }
};

/** Has a script run that is no longer permitted? Only a reload of the page ends it. @param {MayRun} mayRun */
export const mustReload = (mayRun) => [...gates.ran.values()].some((gate) => !mayRun(gate));
