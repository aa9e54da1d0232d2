/** Makes elements from the trees that the server sends. Text stays text: no markup is ever parsed. */

import { HOME } from "../core/config.js";

/** @typedef {[tag: string, ...unknown[]]} Tree */

/** Names of elements and attributes that a tree may use. The first part has no list: its trees come in its own file. */
const NAMES = CW_LINKED.names || /./;

/**
 * @param {Tree} tree `[tag, {attributes}?, child, …]`
 * @returns {HTMLElement}
 */
export const build = (tree) => {
  const element = document.createElement(NAMES.test(tree[0]) ? tree[0] : "b");
  for (let at = 1; at < tree.length; at++) { // no iterator: a slow phone takes long to start one
    const part = /** @type {any} */ (tree[at]);
    if (typeof part == "string") element.append(part);
    else if (Array.isArray(part)) element.append(build(/** @type {Tree} */ (part)));
    else {
      for (const name of Object.keys(part)) {
        const value = part[name];
        if (name == "href") element.setAttribute(name, /^(#|mai|tel|htt)/.test(value) ? value : HOME + value);
        else if (NAMES.test(name)) element.setAttribute(name, value);
      }
    }
  }
  return element;
};
