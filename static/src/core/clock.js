/** Today, by the server's clock as far as it is known: a visitor's own may be wrong by years. */

/** The storage key for how far the visitor's clock is ahead, in milliseconds: see compareClocks.js. */
export const KEY = "cw-clock";

/** @param {string} token @returns {number} how long ago it was signed by the visitor's clock, in milliseconds */
export const ageOf = (token) => Date.now() - parseInt(token.split(".")[4], 36) * 1e3;

let ahead = 0;

/** To be called with the token that counts: a clock that was set right since its error was measured is believed again. */
export const setClock = (/** @type {string} */ token) => {
  try {
    ahead = +localStorage[KEY] || 0;
  } catch { /* not known */ }
  if (ageOf(token) < ahead) ahead = 0; // by this error the token would not be signed yet
};

/** Days since 1970, UTC. */
export const today = () => Math.floor((Date.now() - ahead) / 864e5);
