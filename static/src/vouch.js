/** What this page learns about tokens: from the answers to its own acts, and by asking. */

import { rendered } from "./host.js";
import { load } from "./load.js";
import { readToken } from "./token.js";
import { box, known, name, tokens } from "./trust.js";

let last = "";

const seq = (/** @type {string} */ token) => parseInt(token.split(".").at(2) || "", 36);

/** Is it a token of the same visitor as the other, from before it? */
export const older = (/** @type {string} */ one, /** @type {string} */ other) => {
  const [was, is] = [one, other].flatMap(readToken);
  return was?.subject == is?.subject && seq(one) < seq(other);
};

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

/** The visitor's. */
export const token = () => {
  const [sure, doubtful] = tokens();
  return (sure || doubtful)?.token || "";
};

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
    const sure = tokens().at(0); // of two the newer one counts
    judge(doubtful, genuine && !(sure && (doubtful.time < sure.time || older(token, sure.token))));
    answered();
  } catch {
    last = ""; // the next time, then
  }
};
