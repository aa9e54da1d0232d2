/** Stores the token that came last from the server. */

import { currentToken, tokenStore } from "./trustedToken.js";
import { isOlder, trustToken } from "./verifyToken.js";

/**
 * @param {string} token from an acknowledgement
 * @returns {Promise<boolean>} whether the browser stores it, so that it is still there at the next visit
 */
export const saveToken = async (token) => {
  if (isOlder(token, currentToken())) return true; // a newer response came before this one
  trustToken(token);
  tokenStore?.write?.(token);
  for (let tries = 9; tries--;) {
    CW_SHARED.token = "";
    if (currentToken() == token) return true;
    CW_SHARED.token = token; // where the browser stores nothing, this page at least keeps it
    await new Promise((done) => setTimeout(done, 30)); // WebKit shows scripts the cookie of a response a moment later
  }
  return false;
};
