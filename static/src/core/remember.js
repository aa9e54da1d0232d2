/** The token that came last is the one that counts. */

import { data } from "./state.js";
import { memory, token } from "./trust.js";
import { older, vouch } from "./vouch.js";

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
