/** The style of everything in a shadow root. */

import { nonce } from "../core/config.js";

/** @type {CSSStyleSheet | undefined} */
let sheet;
let current = "";

/**
 * Before Firefox 101 and Safari 16.4 there is no sheet for several roots: each gets an element of its own.
 * @param {ShadowRoot} root
 * @param {string} [css] the style from now on
 */
export const setStyle = (root, css = current) => {
  if (root.adoptedStyleSheets) {
    sheet ??= new CSSStyleSheet();
    if (css != current) sheet.replaceSync(css);
    root.adoptedStyleSheets = [sheet];
  } else {
    const element = root.querySelector("style") || root.appendChild(document.createElement("style"));
    element.nonce = nonce;
    element.textContent = css;
  }
  current = css;
};
