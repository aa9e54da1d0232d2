/** The visitor's state, from the cookie that the server signs. Reading needs no key, so it proves nothing. */

/**
 * What was decided, by the tag of each option: granted or not, through which day since 1970.
 * @typedef {Map<string, [granted: boolean, until: number]>} Decisions
 */
/**
 * @typedef {object} State what a token says
 * @property {string} token itself
 * @property {string} band how old the visitor is: a child, a teen or an adult, by the first letter, or empty
 * @property {string} subject
 * @property {number} seq
 * @property {number} time in seconds
 * @property {Decisions} decisions
 */

const FORM = /^1([cta]?)\.([\w-]{22})\.(\w+)\.\w*\.(\w+)((\.\w+(\.([\w-]{4})*){2})*)\.[\w-]+$/;

/**
 * @param {string} token
 * @returns {State[]} none where the token is not one of ours to the letter
 */
export const readToken = (token) => {
  const [, band, subject, seq, time, groups] = FORM.exec(token) || [];
  if (groups == null) return [];
  /** @type {Decisions} */
  const decisions = new Map();
  for (const [, until, ...both] of groups.matchAll(/(\w+)\.([\w-]*)\.([\w-]*)/g)) {
    both.forEach((tags, denied) => {
      for (const tag of tags.match(/.{4}/g) || []) decisions.set(tag, [!denied, parseInt(until, 36)]);
    });
  }
  return [{ token, band, subject, seq: parseInt(seq, 36), time: parseInt(time, 36), decisions }];
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
