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
  if (format != "1" || groups.length % 3 != 1) return;
  /** @type {Decisions} */
  const decisions = {};
  for (let at = 0; at < groups.length - 1; at += 3) {
    for (const which of [1, 2]) {
      for (const tag of groups[at + which].match(/.{4}/g) || []) {
        decisions[tag] = [which == 1, parseInt(groups[at], 36)];
      }
    }
  }
  return decisions;
};

/**
 * @param {string} name
 * @returns {string} the cookie's value, empty where there is none or it may not be read
 */
export const cookie = (name) => {
  try {
    return document.cookie.match(`(?:^|; )${name}=([^;]*)`)?.[1] || "";
  } catch {
    return "";
  }
};
