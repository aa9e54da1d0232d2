/** Style sheets that no Content-Security-Policy stops. */

/** @type {Map<string, CSSStyleSheet>} by their text: one serves all roots */
const sheets = new Map();

/** @param {Document} document @param {Document | ShadowRoot} root @param {string} css */
export const adopt = (document, root, css) => {
  try {
    const sheet = sheets.get(css) || new CSSStyleSheet();
    if (!sheets.has(css)) sheet.replaceSync(css);
    sheets.set(css, sheet);
    if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  } catch { // an older browser; a rule that is inserted by script passes every policy
    if (root.querySelector("style[data-cw]")) return;
    const style = document.createElement("style");
    style.setAttribute("data-cw", "");
    (root == document ? document.head : root).append(style);
    style.sheet?.insertRule(`@media all{${css}}`);
  }
};
