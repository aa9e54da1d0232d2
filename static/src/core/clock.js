/**
 * Today, by the server's clock as far as it is known: a visitor's own may be wrong by years. A token that the server has just
 * signed tells by how much.
 */

import { numberAt } from "./numberAt.js";

const KEY = "cw-clock";
const DAY = 864e5;
/** The part of a token with the second when it was signed. */
export const TIME = 4;
const signedAt = (/** @type {string} */ token) => numberAt(token, TIME) * 1e3 || 0;

/** How far the visitor's clock is ahead, and the earliest time that it can be: in milliseconds. */
let [ahead, earliest] = [0, 0];

/** To be called with a token that the server has just signed. A clock that is wrong by less than a day is left alone. */
export const compareClocks = (/** @type {string} */ token) => {
  const difference = Date.now() - signedAt(token);
  try {
    if (Math.abs(difference) > DAY) localStorage[KEY] = difference;
    else delete localStorage[KEY];
  } catch { /* then this visitor is asked again */ }
};

/** It is not before `token` was signed. */
export const setClock = (/** @type {string} */ token) => {
  earliest = signedAt(token);
  try {
    ahead = +localStorage[KEY] || 0;
  } catch { /* as above */ }
};

/** Days since 1970, UTC. A clock that was set right in the meantime is believed again. */
export const today = () => {
  const now = Date.now();
  return Math.floor((now - ahead < earliest ? Math.max(now, earliest) : now - ahead) / DAY);
};
