/** Requests to the widget's own server, except for records. */

import { HOME } from "./config.js";
import { plainData } from "./plainData.js";

/**
 * @param {string} path
 * @param {RequestInit} [more]
 * @returns {Promise<any>} the JSON of a successful response, else undefined
 */
export const fetchJson = async (path, more) => {
  const options = /** @type {RequestInit} */ ({ __proto__: null, cache: "no-cache", ...more });
  const response = await fetch(HOME + path, options);
  if (response.ok) return plainData(await response.json());
};
