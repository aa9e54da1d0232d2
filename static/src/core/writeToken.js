/** Writes the token to a cookie of the page's own site, which that site's server can read. verifyToken.js stores the copy. */

/**
 * @param {string} token empty to delete the cookie and the copy
 * @param {{name: string, attributes: string, parent?: string}} cookie `parent` names the domain that shares it
 * @param {number} days how long decisions last
 */
export const writeToken = (token, { name, attributes, parent = "" }, days) => {
  const steps = [
    () => parent && (document.cookie = name + "=;max-age=0;path=/"), // this host's own cookie would be read first
    () => document.cookie = `${name}=${token};max-age=${token ? days * 86400 : 0}${attributes}${parent}`,
    () => token || document.cookie, // to read it waits until it is deleted
    () => token || localStorage.removeItem(name), // so that other tabs, which look as soon as the copy goes, find neither
  ];
  for (const step of steps) {
    try {
      step();
    } catch { /* then only the copy remains, or this page's memory */ }
  }
};
