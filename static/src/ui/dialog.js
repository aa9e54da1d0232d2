/** A modal dialog of the browser, which keeps the focus inside, makes the page inert, and afterwards restores both. */

import { build } from "./element.js";
import { isVisible } from "./isVisible.js";

/**
 * @param {ShadowRoot} root
 * @param {HTMLElement} content
 * @param {() => void} onClose
 */
export const openDialog = (root, content, onClose) => {
  const title = content.querySelector("h2");
  const dialog = /** @type {HTMLDialogElement} */ (build(["dialog", { "aria-label": title?.textContent, part: "dialog" }]));
  dialog.append(content);
  dialog.onclose = () => {
    dialog.remove();
    onClose();
  };
  root.append(dialog);
  dialog.showModal();
  title?.setAttribute("tabindex", "-1");
  title?.focus(); // a screen reader begins there
  // an extension that hides the widget must not leave the page inert under a dialog that nobody sees
  new ResizeObserver(() => isVisible(dialog) || dialog.close()).observe(dialog);
};
