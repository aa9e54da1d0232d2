/** Where gated elements may be: in the page, and in the open shadow roots of its components. */

/** @type {Set<Document | ShadowRoot>} */
export const roots = new Set([document]);

/** The elements of the page that match, wherever they are. @param {string} selector @returns {HTMLElement[]} */
export const inPage = (selector) => [...roots].flatMap((root) => [.../** @type {any} */ (root.querySelectorAll(selector))]);
