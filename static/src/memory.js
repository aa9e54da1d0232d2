/** Keeps the token on pages of other sites: a cookie of the page's own, which its back end can read, and a copy beside it. */

/**
 * @param {{origins: string[]}} data the sites that may use this widget
 * @param {string} name the cookie's
 * @param {(name: string) => string} cookie
 * @param {string} home where the script comes from
 */
export const memory = ({ origins }, name, cookie, home) => {
  if (home.startsWith(location.origin + "/")) return; // there the server sets the cookie
  if (!origins.includes(location.origin)) {
    throw Error(`consent_widget: add ${location.origin} to CONSENT_ORIGINS to use the widget on this page.`);
  }
  return {
    read: () => cookie(name) || localStorage.getItem(name) || "",
    /** @param {string} token */
    write: (token) => {
      const secure = location.protocol == "https:" ? ";secure" : "";
      document.cookie = `${name}=${token};path=/;max-age=15552000;samesite=lax${secure}`;
      localStorage.setItem(name, token);
    },
  };
};
