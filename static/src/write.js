/** Keeps the token on pages of other sites. `memory.js` finds it there. */

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
    () => localStorage.setItem(name, token),
  ];
  for (const keep of ways) {
    try {
      keep();
    } catch { /* then the other does, or this page alone knows it */ }
  }
};
