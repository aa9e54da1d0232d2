/** What an act grants, and what it does not. */

import { forced, keys } from "./options.js";
import { data } from "./state.js";
import { answers, submission } from "./submission.js";

/**
 * @param {string} action
 * @param {string} surface
 * @param {string[]} picked
 * @param {boolean} trusted
 * @param {string} notice that it answers
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
    if (single ? picked.includes(key) : answers(action, option)) purposes[key] = granted.includes(key);
  }
  return submission(action, surface, purposes, trusted, notice);
};
