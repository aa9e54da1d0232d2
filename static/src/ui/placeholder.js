/** What stands where embedded content is kept out: who it comes from, and the way to let it in. */

import { hasty } from "./calm.js";
import { build } from "./element.js";

/**
 * @param {HTMLElement} element whose place and size it takes
 * @param {CSSStyleSheet} sheet
 * @param {string} language
 * @param {string[]} words what is kept out; load once; load always
 * @param {(always: boolean, trusted: boolean) => void} load
 */
export const placeholder = (element, sheet, language, [blocked, ...words], load) => {
  const host = build(["div", { lang: language }]);
  const root = host.attachShadow({ mode: "open" });
  const box = build(["div", { class: "cw-blocked" }, ["p", blocked], [
    "div",
    ...words.map((word) => ["button", word]),
  ]]);
  box.style.minHeight = element.offsetHeight + "px";
  const calm = performance.now() + 500; // it has just come up itself
  box.querySelectorAll("button").forEach((button, at) =>
    button.addEventListener("click", (event) => // no handler that a page could call
      hasty(event, "allow") || hasty(event, "allow", calm) || load(!!at, event.isTrusted)
    )
  );
  root.adoptedStyleSheets = [sheet];
  root.append(box);
  return host;
};
