/** The visitor's state, from the cookie that the server signs. Reading needs no key, so it proves nothing. */

/**
 * What was decided, by the tag of each option: granted or not, through which day since 1970.
 * @typedef {Map<string, [granted: boolean, until: number]>} Decisions
 */
/**
 * @typedef {object} State what a token says
 * @property {string} token itself
 * @property {string} mark how its signature begins: enough to name it
 * @property {string} band how old the visitor is: a child, a teen or an adult, by the first letter, or empty
 * @property {string} subject
 * @property {number} time in seconds
 * @property {Decisions} decisions
 */

const FORM = /^1([cta]?)\.([\w-]{22})\.\w+\.\w*\.(\w+)((?:\.\w+(?:\.(?:[\w-]{4})*){2})*)\.([\w-]{1,8})[\w-]*$/;

/**
 * @param {string} token
 * @returns {State[]} none where the token is not one of ours to the letter
 */
export const readToken = (token) => {
  const [, band, subject, time, groups, mark] = FORM.exec(token) || [];
  if (!mark) return [];
  /** @type {Decisions} */
  const decisions = new Map();
  let until = 0;
  groups.split(".").forEach((part, at) => { // nothing; until, granted, denied; until, …
    if (at % 3 == 1) until = parseInt(part, 36);
    else for (const tag of part.match(/.{4}/g) || []) decisions.set(tag, [at % 3 == 2, until]);
  });
  return [{ token, mark, band, subject, time: parseInt(time, 36), decisions }];
};

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
