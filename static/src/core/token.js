/** The visitor's state, read from the token that the server signs. The script cannot check the signature: see trustedToken.js. */

/**
 * Decisions by the tag of the option: granted or denied, valid through the day `until` (days since 1970).
 * @typedef {Map<string, [granted: boolean, until: number]>} Decisions
 */
/**
 * @typedef {object} State what a token says
 * @property {string} token
 * @property {string} band the age band: `c` for a child, `t` for a teen, `a` for an adult, or empty
 * @property {Decisions} decisions
 */

const FORM = /^1([cta]?)\.[\w-]{22}\.\w+\.\w*\.\w+((?:\.\w+(?:\.(?:[\w-]{4})*){2})*)\.[\w-]+$/;

/**
 * @param {string} token
 * @returns {State[]} empty where the text is not exactly a token of this widget
 */
export const readToken = (token) => {
  const [, band, groups] = FORM.exec(token) || [];
  if (groups == null) return [];
  /** @type {Decisions} */
  const decisions = new Map();
  let until = 0;
  groups.split(".").forEach((part, at) => { // empty, then groups of three: until, granted, denied
    if (at % 3 == 1) until = parseInt(part, 36);
    else for (const tag of part.match(/.{4}/g) || []) decisions.set(tag, [at % 3 == 2, until]);
  });
  return [{ token, band, decisions }];
};

/** The id of the state in a token, `<subject>.<seq>`; `0` without one. A submission says by it what the visitor saw. */
export const stateId = (/** @type {string} */ token) => token.split(".").slice(1, 3).join(".") || "0";

/**
 * @param {string} name
 * @returns {string[]} the values of all cookies of exactly this name: a parent domain can set a second one
 */
export const cookieValues = (name) => {
  try {
    const all = CW_SHARED.cookie ?? document.cookie;
    CW_SHARED.cookie = undefined;
    return all.split("; ").flatMap((cookie) => cookie.startsWith(name + "=") ? cookie.slice(name.length + 1) : []);
  } catch { // a page that may not read its cookies has none
    return [];
  }
};
