/** The visitor's state, from the cookie that the server signs. Reading needs no key. */

/**
 * What was decided, by the tag of each option: granted or not, through which day since 1970.
 * @typedef {Record<string, [granted: boolean, until: number]>} Decisions
 */

/**
 * @param {string} token
 * @returns {Decisions | undefined} nothing where the token is not one of ours
 */
export const readToken = (token) => {
  const [format, , , , , ...groups] = token.split(".");
  if (token[0] != "1") return;
  /** @type {Decisions} */
  const decisions = {};
  groups.forEach((tags, at) => {
    const which = at % 3; // until, granted, denied; the signature comes last
    for (const tag of which && tags.match(/.{4}/g) || []) {
      decisions[tag] = [which == 1, parseInt(groups[at - which], 36)];
    }
  });
  return decisions;
};

/** Which state a token holds, as `<subject>.<seq>`; `0` without one. An act says by it what the visitor saw. */
export const stateId = (/** @type {string} */ token) => token.split(".").slice(1, 3).join(".") || "0";

/** How old the visitor is, where the token says it: a child, a teen or an adult, by the first letter. */
export const bandOf = (/** @type {string} */ token) => token.split(".")[0].slice(1);

/**
 * @param {string} name
 * @returns {string} the cookie's value, empty where there is none
 */
export const cookie = (name) => {
  try {
    const all = CW_SHARED.cookie ?? document.cookie;
    CW_SHARED.cookie = undefined;
    return `; ${all}`.split(`; ${name}=`)[1]?.split(";")[0] || "";
  } catch { // a page that may not read its cookies has none
    return "";
  }
};
