/** Short messages to the visitor, which screen readers read out. */

import { build } from "./element.js";
import { root } from "./host.js";

export const toast = build(["p", { class: "cw-toast", role: "status", part: "status" }]);
let messageTimer = 0;

/** @param {string} text @param {number} [seconds] after which it disappears */
export const showMessage = (text, seconds) => {
  const front = [root, ...root.querySelectorAll("dialog[open]")].pop();
  if (toast.parentNode != front) front?.append(toast); // a screen reader would not read it behind a dialog
  if (seconds || toast.textContent != text) toast.replaceChildren(text); // what stays is read out once
  clearTimeout(messageTimer);
  if (seconds) messageTimer = setTimeout(showMessage, seconds * 1e3, "");
};
