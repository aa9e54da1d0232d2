/** Tells the developer, in the console, what they wrote that cannot work. */

import { attribute } from "../core/config.js";
import { data } from "../core/state.js";
import { isLoadable, isTrusted } from "./gate.js";
import { purposesOf } from "./mayRun.js";

/** What Firefox fetches as soon as it parses a template, whatever the template waits for. */
const FETCHED = "[src]:not(script[type='text/plain' i]),[srcset],[poster],link[href]";

/** @param {string} mistake @param {Element} element */
export const report = (mistake, element) => console.warn(`consent_widget: ${mistake}:`, element);

/** @param {HTMLElement} element that is gated, and seen for the first time */
export const reportMistakes = (element) => {
  const { always, options, separate = [], services } = data;
  const known = [...always, ...separate, ...options.map(({ key }) => key)];
  const unknown = purposesOf(element).find((purpose) => !known.includes(purpose));
  const service = attribute(element, "consent-service");
  const fetched = element instanceof HTMLTemplateElement && element.content.querySelector(FETCHED);
  if (unknown) report(`stays shut, the notice has no purpose "${unknown}"`, element);
  else if (service && !services?.some(({ id }) => id == service)) report(`stays shut, the notice has no service "${service}"`, element);
  else if (fetched) report("Firefox fetches this before consent. Write data-src", fetched);
  else if (element instanceof HTMLScriptElement) {
    if (!/^text\/plain$/i.test(element.type)) report('runs before consent. Write type="text/plain"', element);
    else if (!isTrusted(element)) report("not run, it lacks the page's nonce", element);
  } else if (!isLoadable(attribute(element, "src"))) report("not loaded, its address is not http(s)", element);
};
