/** Tells the developer, in the console, what they wrote that cannot work. */

import { isLoadable } from "./addresses.js";

/** What Firefox fetches as soon as it parses a template, whatever the template waits for. */
const FETCHED = "[src]:not(script[type='text/plain' i]),[srcset],[poster],link[href]";

/** Has it an address that the browser does not know yet? Others have what they show inside, where it is live. @param {HTMLElement} element */
const waits = (element) => ["src", "srcset"].some((name) => name in element && element.dataset[name]);

/** @param {string} mistake @param {Element} element */
const report = (mistake, element) => console.warn(`consent_widget: ${mistake}:`, element);

/**
 * @param {import("./placeholder.js").Tools} tools
 * @param {HTMLElement} element that is gated, and was not looked at before
 */
export const reportMistakes = ({ isTrusted, unknownId }, element) => {
  const unknown = unknownId(element);
  const fetched = element instanceof HTMLTemplateElement && element.content.querySelector(FETCHED);
  if (unknown) report(`stays shut, the notice does not have "${unknown}"`, element);
  else if (fetched) report("Firefox fetches this before consent. Write data-src", fetched);
  else if (element instanceof HTMLScriptElement) {
    if (!/^text\/plain$/i.test(element.type)) report('runs before consent. Write type="text/plain"', element);
    else if (!isTrusted(element)) report("not run, it lacks the page's nonce", element);
  } else if (!(element instanceof HTMLTemplateElement || waits(element))) report("nothing here waits for consent. Put it into a <template data-consent>", element);
  else if (!isLoadable(element.dataset.src || "")) report("not loaded, its address is not http(s)", element);
};
