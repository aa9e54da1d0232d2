/** What in a page needs more than a gate: embedded content, templates, and mistakes. Only pages that have such load a part for it. */

import { attribute, HOME } from "../core/config.js";
import { logErrors } from "../core/logErrors.js";
import { data } from "../core/state.js";
import { gates, isTrusted } from "./gate.js";
import { purposesOf } from "./mayRun.js";
import { roots } from "./roots.js";

/**
 * How long after its load event a page keeps its markup as it came. Frameworks take over what the server rendered (hydration),
 * whenever they like, and discard it when they find an element of ours in it.
 */
const UNTOUCHED = 3e3;
/** @type {WeakSet<Element> | undefined} what was in the page when it had loaded, for as long as the markup is untouched */
let early;
/** @type {ReturnType<typeof import("../embeds/embeds.js").embeds> | undefined} */
let part;
/** @type {Promise<unknown> | 0 | undefined} */
let loading;
let tries = 0;

/** The part of the script that a pinned script has in it, and any other loads. */
const loadPart = async () => {
  const { embeds } = CW_LINKED;
  if (embeds instanceof Function) return embeds;
  return (await import(HOME + embeds + "?" + tries++)).default; // a browser remembers that an address failed
};

/** A purpose or service of an element that the notice does not have. @param {Element} element */
export const unknownId = (element) => {
  const { always, options, separate = [], services = [] } = data;
  const purposes = [...always, ...separate, ...options.map(({ key }) => key)];
  const service = attribute(element, "consent-service");
  return purposesOf(element).find((purpose) => !purposes.includes(purpose)) ||
    !services.some(({ id }) => id == service) && service;
};

/** A script that waits for its purposes, as it should. @param {Element} element */
const justWaits = (element) =>
  element instanceof HTMLScriptElement && /^text.plain$/i.test(element.type) && isTrusted(element) && !unknownId(element);

/**
 * Shows a placeholder for each embedded element that is held back, and for no other. Pages without any load nothing for it.
 * @param {HTMLElement[]} elements all that are gated, after those that may were opened
 * @param {import("../embeds/embeds.js").Tools} tools
 */
export const showEmbeds = (elements, tools) => {
  const shut = elements.filter((element) => !gates.open.has(element) && !gates.started.has(element));
  const heldBack = shut.filter((element) => attribute(element, "src") && !/^(script|template)$/.test(element.localName));
  if (!early && document.readyState == "complete") {
    early = new WeakSet(heldBack);
    setTimeout(logErrors(() => tools.openGates(early = new WeakSet())), UNTOUCHED);
  }
  // what is our own (`now`: see facades.js) has its placeholder at once
  if (part) part(shut, heldBack.filter((element) => /** @type {any} */ (element).now || early?.has(element) == false), roots);
  else if (!shut.every(justWaits) || document.querySelector("[data-cw-blocked]")) {
    loading ||= loadPart().then((embeds) => {
      part = embeds(tools);
      tools.openGates();
    }).catch((error) => {
      console.warn("consent_widget: embeds stay shut:", error);
      setTimeout(() => loading = 0, UNTOUCHED); // the next change of the page tries again
    });
  }
};
