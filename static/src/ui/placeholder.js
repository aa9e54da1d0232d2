/** What is shown in place of embedded content that is held back: who it comes from, and how to load it. */

import { build } from "./element.js";
import { isHasty } from "./pressDelay.js";
import { setStyle } from "./style.js";

/**
 * @param {HTMLElement} element whose place and size it takes
 * @param {string} language
 * @param {string[]} words what is held back; "load once"; "load always"
 * @param {(always: boolean, trusted: boolean) => void} load
 */
export const buildPlaceholder = (element, language, [blocked, ...words], load) => {
  const host = build(["div", { lang: language }]);
  const root = host.attachShadow({ mode: "open" });
  const box = build(["div", { class: "cw-blocked" }, ["p", blocked], [
    "div",
    ...words.map((word) => ["button", word]),
  ]]);
  box.style.minHeight = element.offsetHeight + "px";
  const delayEnd = performance.now() + 500; // the placeholder itself has only just appeared
  box.querySelectorAll("button").forEach((button, at) =>
    button.addEventListener("click", (event) =>
      // a listener, which the page cannot call as it could `onclick`
      isHasty(event, "allow") || isHasty(event, "allow", delayEnd) || load(!!at, event.isTrusted))
  );
  setStyle(root);
  root.append(box);
  return host;
};
