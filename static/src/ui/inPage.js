/** The elements of the page that match. @param {string} selector @returns {HTMLElement[]} */
export const inPage = (selector) => [document].flatMap((root) => [.../** @type {any} */ (root.querySelectorAll(selector))]);
