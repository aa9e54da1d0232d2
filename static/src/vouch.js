/** What this page learns about tokens: from the answers to its own acts, and by asking. */

import { rendered } from "./host.js";
import { load } from "./load.js";
import { readToken } from "./token.js";
import { box, known, name, tokens } from "./trust.js";

let last = "";

/** When it was signed, in seconds. */
const time = (/** @type {import("./token.js").State} */ { token }) => parseInt(token.split(".")[4], 36);

/** @param {import("./token.js").State} state @param {boolean} counts */
const judge = ({ token, mark }, counts) => {
  if (!counts) return known.push(mark);
  known.unshift(mark);
  try {
    if (!rendered) box().setItem(name, token);
  } catch { /* then it is asked about again on the next page */ }
};

/** The token came in an answer to this page. */
export const vouch = (/** @type {string} */ token) => readToken(token).forEach((each) => judge(each, true));

/**
 * Asks the server about a token that nobody has spoken about: another tab was given it, or somebody has planted it.
 * @param {() => unknown} answered
 */
export const verify = async (answered) => {
  const { sure, doubtful } = tokens();
  const { token = last } = doubtful || {};
  if (!doubtful || token == last) return;
  last = token;
  try {
    const { genuine } = await load("verify", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ token }),
    });
    judge(doubtful, genuine && !(sure && time(doubtful) < time(sure))); // of two the newer one counts
    answered();
  } catch {
    last = ""; // the next time, then
  }
};
