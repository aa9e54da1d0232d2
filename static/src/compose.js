/** One act in full, as it is sent. */

import { asked, data, forced, gpc, keys } from "./state.js";

/**
 * What is granted, and what is not.
 * @param {string} action
 * @param {string} surface
 * @param {string[]} picked
 * @param {boolean} trusted
 * @param {string} notice that it answers
 * @returns {import("./kept.js").Submission}
 */
export const compose = (action, surface, picked, trusted, notice) => {
  const single = /allow|refuse|ack/.test(action);
  const granted = action == "accept_all"
    ? keys((option) => option.all && !forced(option))
    : /save|allow/.test(action)
    ? picked
    : [];
  /** @type {Record<string, boolean>} */
  const purposes = {};
  for (const option of data.options) {
    if (/age/.test(action)) break;
    const { key } = option;
    const answered = single ? picked.includes(key) : option.bulk &&
      !(action == "accept_all" ? key.includes(":") : action == "close" && asked(option) != null);
    if (answered) purposes[key] = granted.includes(key);
  }
  const key = crypto.getRandomValues(new Uint32Array(4)).join("-");
  return { key, notice, locale: data.locale, action, surface, purposes, gpc: !!gpc, scripted: !trusted };
};
