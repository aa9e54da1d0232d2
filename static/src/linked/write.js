/** Keeps the token in a cookie of the page's own site, where that site's back end can read it. `trust.js` keeps the copy. */

/**
 * @param {string} token
 * @param {{name: string, attributes: string}} cookie
 * @param {{days: number, domain?: string}} data how long decisions last, and the parent domain that shares them
 */
export const write = (token, { name, attributes }, { days, domain }) => {
  const shared = domain && ("." + location.hostname).endsWith("." + domain) ? ";domain=" + domain : "";
  const ways = [
    () => shared && (document.cookie = name + "=;max-age=0;path=/"), // of this host alone: it would be read first
    () => document.cookie = `${name}=${token};max-age=${days * 86400}${attributes}${shared}`,
  ];
  for (const keep of ways) {
    try {
      keep();
    } catch { /* then the copy does, or this page alone knows it */ }
  }
};
