/** Elements from the trees the server makes: text is only ever text, so no sink needs trusting. */

import { HOME } from "../core/config.js";

/** @typedef {[tag: string, ...unknown[]]} Tree */

/** All that a tree may be made of. The first part has no list: it makes what stands in its own file, and nothing else. */
const NAMES = CW_MORE.names || /./;

/**
 * @param {Tree} tree `[tag, {attributes}?, child, …]`
 * @returns {HTMLElement}
 */
export const build = (tree) => {
  const made = document.createElement(NAMES.test(tree[0]) ? tree[0] : "b");
  for (let at = 1; at < tree.length; at++) { // without iterators, which a slow phone is slow at
    const part = /** @type {any} */ (tree[at]);
    if (typeof part == "string") made.append(part);
    else if (Array.isArray(part)) made.append(build(/** @type {Tree} */ (part)));
    else {
      for (const name of Object.keys(part)) {
        const value = part[name];
        if (name == "href") made.setAttribute(name, /^#/.test(value) ? value : HOME + value);
        else if (NAMES.test(name)) made.setAttribute(name, value);
      }
    }
  }
  return made;
};
