/** The token on pages of other sites: a cookie of the page's own, which its back end can read, and a copy beside it. */

/** In the place of a token while there is none: a refusal is kept in the storage. */
const MARK = "0";

/**
 * @param {{origins?: string[]}} data the sites that may use this widget
 * @param {string} name the cookie's
 * @param {(name: string) => string[]} cookies
 * @param {string} home where the script comes from
 */
export const memory = ({ origins = [] }, name, cookies, home) => {
  if (home.startsWith(location.origin + "/")) return; // there the server sets the cookie
  if (!origins.includes(location.origin)) {
    throw Error(
      `consent_widget: pages of ${location.origin} may not use it: add it to CONSENT_ORIGINS (sites.toml: origins).`,
    );
  }
  const attributes = ";path=/;samesite=lax" + (location.protocol == "https:" ? ";secure" : "");
  return {
    name,
    attributes,
    /** Nothing says that this visitor has been here. To be sure takes the storage, which a phone is slow to open. */
    blank: () => !cookies(name).length,
    /** What is kept in the storage is looked for at once from now on, token or no token. */
    mark: () => {
      try {
        if (!cookies(name).length) document.cookie = `${name}=${MARK}${attributes}`;
      } catch { /* then it is looked for a moment later */ }
    },
  };
};
