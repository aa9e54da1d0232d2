/** The style of a root, which no Content-Security-Policy stops. */

/** @type {Map<string, CSSStyleSheet>} by their text: one serves all roots */
const sheets = new Map();

/** @param {{document: Document, nonce: string}} tools @param {Document | ShadowRoot} root @param {string} css */
export const adopt = ({ document, nonce }, root, css) => {
  if (root.adoptedStyleSheets) {
    const sheet = sheets.get(css) || new CSSStyleSheet();
    if (!sheets.has(css)) sheet.replaceSync(css);
    sheets.set(css, sheet);
    if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  } else if (!root.querySelector("style[data-cw]")) { // before Firefox 101 and Safari 16.4
    const style = document.createElement("style");
    style.nonce = nonce;
    style.dataset.cw = "";
    style.append(css);
    (root == document ? document.head : root).append(style);
  }
};
