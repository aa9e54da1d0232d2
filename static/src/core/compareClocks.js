/** How far the visitor's clock is ahead of the server's. */

import { ageOf, KEY } from "./clock.js";

/** @param {string} token that the server has just signed. A clock that is wrong by less than a day is left alone */
export const compareClocks = (token) => {
  try {
    if (Math.abs(ageOf(token)) > 864e5) localStorage[KEY] = ageOf(token);
    else delete localStorage[KEY];
  } catch { /* then this visitor is asked again */ }
};
