/** What this page learns about tokens: from the answers to its own acts, and by asking. */

import { rendered } from "./config.js";
import { load } from "./load.js";
import { readToken } from "./token.js";
import { box, known, name, tokens } from "./trust.js";

let last = "";

/** @param {string} token @param {number} at which of its numbers: 2 counts the acts, 4 is the second when it was signed */
const number = (token, at) => parseInt(token.split(".").at(at) || "", 36);

/** Is it a token of the same visitor as the other, from before it? */
export const older = (/** @type {string} */ one, /** @type {string} */ other) =>
  one.split(".").at(1) == other.split(".").at(1) && number(one, 2) < number(other, 2);

/** @param {import("./token.js").State} state @param {boolean} counts */
const judge = ({ token }, counts) => {
  if (!counts) return known.push(token);
  known.unshift(token);
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
  const doubtful = tokens().at(1);
  const { token = last } = doubtful || {};
  if (!doubtful || token == last) return;
  last = token;
  try {
    const { genuine } = await load("verify", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ token }),
    });
    const sure = tokens().at(0)?.token || ""; // of two the newer one counts
    judge(doubtful, genuine && !(number(token, 4) < number(sure, 4) || older(token, sure)));
    answered();
  } catch {
    last = ""; // the next time, then
  }
};
