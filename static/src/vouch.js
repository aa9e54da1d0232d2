/** What this page learns about tokens: from the answers to its own acts, and by asking. */

import { bare } from "./bare.js";
import { HOME } from "./element.js";
import { rendered } from "./host.js";
import { box, judged, mark, name, tokens } from "./trust.js";

let last = "";

/** @param {string} token @param {boolean} genuine */
export const judge = (token, genuine) => {
  judged.set(mark(token), genuine);
  try {
    if (genuine && !rendered) box().setItem(name, token);
  } catch { /* then it is asked about again on the next page */ }
};

/** The visitor's. */
export const token = () => {
  const { sure, doubtful } = tokens();
  return (sure || doubtful)?.token || "";
};

/**
 * Asks the server about a token that nobody has spoken about: another tab was given it, or somebody has planted it.
 * @param {() => unknown} answered
 */
export const verify = async (answered) => {
  const { token = last } = tokens().doubtful || {};
  if (token == last) return;
  last = token;
  try {
    const response = await fetch(HOME + "verify", {
      // @ts-ignore so that it has no more options than these
      __proto__: null,
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ token }),
    });
    const { genuine } = bare(await response.json());
    judge(token, /** @type {boolean} */ (genuine));
    answered();
  } catch {
    last = ""; // the next time, then
  }
};
