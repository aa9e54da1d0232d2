/** The visitor's state, from the cookie that the server signs. Reading needs no key, so it proves nothing. */

/**
 * What was decided, by the tag of each option: granted or not, through which day since 1970.
 * @typedef {Map<string, [granted: boolean, until: number]>} Decisions
 */
/**
 * @typedef {object} State what a token says
 * @property {string} token itself
 * @property {string} band how old the visitor is: a child, a teen or an adult, by the first letter, or empty
 * @property {Decisions} decisions
 */

const FORM = /^1([cta]?)\.[\w-]{22}\.\w+\.\w*\.\w+((?:\.\w+(?:\.(?:[\w-]{4})*){2})*)\.[\w-]+$/;

/**
 * @param {string} token
 * @returns {State[]} none where the token is not one of ours to the letter
 */
export const readToken = (token) => {
  const [, band, groups] = FORM.exec(token) || [];
  if (groups == null) return [];
  /** @type {Decisions} */
  const decisions = new Map();
  let until = 0;
  groups.split(".").forEach((part, at) => { // nothing; until, granted, denied; until, …
    if (at % 3 == 1) until = parseInt(part, 36);
    else for (const tag of part.match(/.{4}/g) || []) decisions.set(tag, [at % 3 == 2, until]);
  });
  return [{ token, band, decisions }];
};

/** Which state a token holds, as `<subject>.<seq>`; `0` without one. An act says by it what the visitor saw. */
export const stateId = (/** @type {string} */ token) => token.split(".").slice(1, 3).join(".") || "0";

/**
 * @param {string} name
 * @returns {string[]} the values of all cookies of exactly this name: a parent domain can have one beside our own
 */
export const cookies = (name) => {
  try {
    const all = CW_SHARED.cookie ?? document.cookie;
    CW_SHARED.cookie = undefined;
    return all.split("; ").flatMap((each) => each.startsWith(name + "=") ? each.slice(name.length + 1) : []);
  } catch { // a page that may not read its cookies has none
    return [];
  }
};
