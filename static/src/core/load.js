/** What is asked of the service, apart from records. */

import { bare } from "./bare.js";
import { HOME } from "./config.js";

/**
 * @param {string} path
 * @param {RequestInit} [more]
 * @returns {Promise<any>} nothing where the answer is none
 */
export const load = async (path, more) => {
  const options = /** @type {RequestInit} */ ({ __proto__: null, cache: "no-cache", ...more });
  const response = await fetch(HOME + path, options);
  if (response.ok) return bare(await response.json());
};
