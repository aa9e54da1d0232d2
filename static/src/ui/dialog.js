/** A native dialog: the browser keeps the focus in, makes the page inert, and gives both back. */

import { build } from "./element.js";

/**
 * @param {ShadowRoot} root
 * @param {HTMLElement} content
 * @param {() => void} closed
 */
export const dialog = (root, content, closed) => {
  const name = content.querySelector("h2")?.textContent || "";
  const made = /** @type {HTMLDialogElement} */ (build(["dialog", { "aria-label": name, part: "dialog" }]));
  made.append(content);
  made.onclose = () => {
    made.remove();
    closed();
  };
  root.append(made);
  made.showModal();
};
