/** A native dialog: the browser keeps the focus in, makes the page inert, and gives both back. */

import { build } from "./element.js";

/** @typedef {import("./element.js").Tree} Tree */

/**
 * @param {ShadowRoot} root
 * @param {Tree} tree
 * @param {string} language
 */
export const dialog = (root, tree, language) => {
  const made = document.createElement("dialog");
  made.lang = language;
  made.setAttribute("aria-labelledby", "cw-title");
  const inside = build(tree);
  made.append(inside);
  made.onclose = () => made.remove();
  made.onclick = ({ target }) => target == made && made.close();
  root.append(made);
  made.showModal();
  return inside;
};
