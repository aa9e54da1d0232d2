/** What stands where embedded content is kept out: who it comes from, and the way to let it in. */

import { build } from "./element.js";

/**
 * @param {CSSStyleSheet} sheet
 * @param {string} language
 * @param {string[]} words what is kept out; load once; load always
 * @param {(always: boolean, trusted: boolean) => void} load
 */
export const placeholder = (sheet, language, [blocked, once, always], load) => {
  const host = document.createElement("div");
  const root = host.attachShadow({ mode: "open" });
  root.adoptedStyleSheets = [sheet];
  const buttons = [once, always].map((word) => build(["button", word]));
  const box = build(["div", { class: "cw-blocked", lang: language }, ["p", blocked], ["div"]]);
  /** @type {HTMLElement} */ (box.lastChild).append(...buttons);
  buttons.forEach((button, at) => button.onclick = ({ isTrusted }) => load(!!at, isTrusted));
  root.append(box);
  return host;
};
