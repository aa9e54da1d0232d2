/** What stands where embedded content is kept out: who it comes from, and the way to let it in. */

import { build } from "./element.js";

/** @type {Map<HTMLElement, HTMLElement>} */
const standing = new Map();

/**
 * @param {HTMLElement} content
 * @param {CSSStyleSheet} sheet
 * @param {string} language
 * @param {{blocked: string, once: string, always: string}} words
 * @param {(always: boolean, trusted: boolean) => void} load
 */
export const placeholder = (content, sheet, language, words, load) => {
  standing.get(content)?.remove();
  const host = document.createElement("div");
  const root = host.attachShadow({ mode: "open" });
  root.adoptedStyleSheets = [sheet];
  const box = build([
    "div",
    { class: "cw-blocked", lang: language },
    ["p", words.blocked],
    ["div", ["button", words.once], ["button", { class: "cw-quiet" }, words.always]],
  ]);
  box.onclick = ({ target, isTrusted }) => {
    if (target instanceof HTMLButtonElement) load(!!target.className, isTrusted);
  };
  root.append(box);
  content.hidden = true;
  content.before(host);
  standing.set(content, host);
};

/** @param {HTMLElement} content */
export const lift = (content) => standing.get(content)?.remove();
