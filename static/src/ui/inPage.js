import { roots } from "../gates/roots.js";

/** The elements of the page that match, also in open shadow roots. @param {string} selector @returns {HTMLElement[]} */
export const inPage = (selector) => [...roots].flatMap((root) => [.../** @type {any} */ (root.querySelectorAll(selector))]);
