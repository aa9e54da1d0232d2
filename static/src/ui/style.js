/** The style of everything in the widget's shadow root. */

import { nonce } from "../core/config.js";
import { root } from "./host.js";

/** @type {CSSStyleSheet | undefined} */
let sheet;

/** @param {string} css from now on. Before Firefox 101 and Safari 16.4 there are no sheets made by script, but elements only */
export const setStyle = (css) => {
  if (root.adoptedStyleSheets) {
    if (!sheet) root.adoptedStyleSheets = [sheet = new CSSStyleSheet()];
    return sheet.replaceSync(css);
  }
  const style = root.querySelector("style") || root.appendChild(document.createElement("style"));
  style.nonce = nonce;
  style.textContent = css;
};
