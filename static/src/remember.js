/** The token that came last is the one that counts. */

import { data } from "./state.js";
import { memory, token } from "./trust.js";
import { vouch } from "./vouch.js";

/** Is it a token of the same visitor as the other, from before it? */
const older = (/** @type {string} */ one, /** @type {string} */ other) => {
  const [, subject, seq] = one.split(".");
  const [, known, latest] = other.split(".");
  return subject == known && parseInt(seq, 36) < parseInt(latest, 36);
};

/**
 * Keeps what the server has acknowledged.
 * @param {string} saved
 * @returns {boolean} whether it is still known when the visitor comes back
 */
export const remember = (saved) => {
  if (older(saved, token())) return true; // an answer that was overtaken
  CW_SHARED.held = "";
  vouch(saved);
  if (memory) CW_MORE.write?.(saved, memory, data);
  const lasting = token() == saved;
  if (!lasting) CW_SHARED.held = saved; // where the browser keeps nothing, the page at least does
  return lasting;
};
