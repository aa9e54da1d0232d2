/** One act in full, as it is sent. */

import { asked, data, gpc, seen } from "./state.js";

/**
 * Does an act that is about everything answer this option? Closing leaves alone what was answered before; a named
 * recipient is never agreed to by the way.
 * @param {string} action
 * @param {import("./state.js").Option} option
 */
export const answers = (action, option) =>
  option.bulk && !(action == "accept_all" ? option.key.includes(":") : action == "close" && asked(option) != null);

/**
 * @param {string} action
 * @param {string} surface
 * @param {Record<string, boolean>} purposes
 * @param {boolean} trusted
 * @param {string} notice that it answers
 * @returns {import("./kept.js").Submission}
 */
export const submission = (action, surface, purposes, trusted, notice) => {
  const key = crypto.getRandomValues(new Uint32Array(4)).join("-");
  return { key, after: seen, notice, locale: data.locale, action, surface, purposes, gpc: !!gpc, scripted: !trusted };
};
