/** Writes the token to a cookie of the page's own site, which that site's server can read. verifyToken.js stores the copy. */

/**
 * @param {string} token
 * @param {{name: string, attributes: string}} cookie
 * @param {{days: number, domain?: string}} data how long decisions last, and the parent domain that shares them
 */
export const writeToken = (token, { name, attributes }, { days, domain }) => {
  const shared = domain && ("." + location.hostname).endsWith("." + domain) ? ";domain=" + domain : "";
  const steps = [
    () => shared && (document.cookie = name + "=;max-age=0;path=/"), // this host's own cookie would be read first
    () => document.cookie = `${name}=${token};max-age=${days * 86400}${attributes}${shared}`,
  ];
  for (const step of steps) {
    try {
      step();
    } catch { /* then only the copy remains, or this page's memory */ }
  }
};
