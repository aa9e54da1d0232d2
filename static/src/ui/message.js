/** Short messages to the visitor, which screen readers read out. */

import { build } from "./element.js";
import { root } from "./host.js";

export const toast = build(["p", { class: "cw-toast", role: "status", part: "status" }]);
let messageTimer = 0;

/** Where the widget's small things are when no dialog is open: the way back, and messages. */
export const corner = build(["section"]);

/**
 * Moves the message area into the dialog in front: a screen reader would not read it behind one, and reads only what comes into
 * an area that is there already.
 */
export const moveToast = () => {
  const front = [corner, ...root.querySelectorAll("dialog[open]")].pop();
  if (toast.parentNode != front) front?.append(toast);
};

/** @param {string} text @param {number} [seconds] after which it disappears */
export const showMessage = (text, seconds) => {
  moveToast();
  if (seconds || toast.textContent != text) toast.replaceChildren(text); // what stays is read out once
  clearTimeout(messageTimer);
  if (seconds) messageTimer = setTimeout(showMessage, seconds * 1e3, "");
};
