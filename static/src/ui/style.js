/** Style that is added by script. */

import { nonce } from "../core/config.js";

/**
 * Before Firefox 101 and Safari 16.4 it needs an element, which a strict policy lets in by its nonce.
 * @param {Document | ShadowRoot} place
 * @returns {(css: string) => void} sets the style, in place of what it set before
 */
export const addStyle = (place) => {
  if (place.adoptedStyleSheets) {
    const sheet = new CSSStyleSheet();
    place.adoptedStyleSheets = [...place.adoptedStyleSheets, sheet];
    return (css) => void sheet.replaceSync(css);
  }
  const style = document.createElement("style");
  style.nonce = nonce;
  (place == document ? document.head : place).append(style);
  return (css) => void (style.textContent = css);
};
