/** Stores the token that came last from the server. */

import { data } from "./state.js";
import { currentToken, tokenStore } from "./trustedToken.js";
import { isOlder, trustToken } from "./verifyToken.js";

/**
 * @param {string} token from an acknowledgement
 * @returns {boolean} whether the browser stores it, so that it is still there at the next visit
 */
export const saveToken = (token) => {
  if (isOlder(token, currentToken())) return true; // a newer response came before this one
  CW_SHARED.token = "";
  trustToken(token);
  if (tokenStore) CW_LINKED.writeToken?.(token, tokenStore, data);
  const saved = currentToken() == token;
  if (!saved) CW_SHARED.token = token; // where the browser stores nothing, this page at least keeps it
  return saved;
};
