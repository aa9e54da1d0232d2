/** How this page verifies tokens: by the responses to its own submissions, and by asking the server. */

import { compareClocks } from "./compareClocks.js";
import { fetchJson } from "./fetchJson.js";
import { numberAt } from "./numberAt.js";
import { readToken } from "./token.js";
import { cookieName, judged, readTokens, tokenStorage } from "./trustedToken.js";

let lastAsked = "";

/**
 * Is the first token the older one? Of the same subject by part 2, how many submissions have led to it: the clocks of two
 * processes may differ.
 * @param {string} one
 * @param {string} other
 * @param {number} [at] the part that tells it of two subjects, where that is wanted
 */
export const isOlder = (one, other, at = 1e4) => {
  if (one.split(".")[1] == other.split(".")[1]) at = 2;
  return numberAt(one, at) < numberAt(other, at);
};

/** @param {string} token @param {boolean} trusted */
const judge = (token, trusted) => {
  if (!trusted) return judged.push(token);
  judged.unshift(token);
  try {
    if (!CW_SHARED.rendered) tokenStorage().setItem(cookieName, token);
  } catch { /* then the next page asks again */ }
};

/** Trusts a token that came in a response to this page. */
export const trustToken = (/** @type {string} */ token) => {
  if (!readToken(token)[0]) return;
  compareClocks(token);
  judge(token, true);
};

/**
 * Asks the server about a token that is not verified yet: another tab has received it, or somebody has forged it.
 * @param {() => unknown} onAnswer
 */
export const verifyToken = async (onAnswer) => {
  const token = readTokens()[1]?.token;
  if (!token || token == lastAsked) return;
  lastAsked = token;
  try {
    const { genuine } = await fetchJson("verify", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ token }),
    });
    const trusted = readTokens()[0]?.token || ""; // the newer of the two is trusted
    judge(token, genuine && !isOlder(token, trusted, 4)); // by the second when it was signed
    onAnswer();
  } catch {
    lastAsked = ""; // asked again the next time
  }
};
