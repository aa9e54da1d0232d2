/** Stores the token on pages of other sites: in a cookie of that site, which its server can read, and a copy in the storage. */

/** The cookie's value while there is no token: the storage holds a refusal. */
const USED = "0";

/**
 * @param {{origins?: string[]}} data the origins that may use this widget
 * @param {string} name of the cookie
 * @param {(name: string) => string[]} cookieValues
 * @param {string} home where the script comes from
 */
export const store = ({ origins = [] }, name, cookieValues, home) => {
  if (home.startsWith(location.origin + "/")) return; // there the server sets the cookie
  if (!origins.includes(location.origin)) {
    throw Error(
      `consent_widget: pages of ${location.origin} may not use it: add it to CONSENT_ORIGINS (sites.toml: origins).`,
    );
  }
  const attributes = ";path=/;samesite=lax" + (location.protocol == "https:" ? ";secure" : "");
  return {
    attributes,
    name,
    /** Is there no sign of an earlier visit? Only the storage knows for sure, and a phone is slow to open it. */
    isEmpty: () => !cookieValues(name).length,
    /** From now on the storage is read at once on every page, token or not. */
    markUsed: () => {
      try {
        if (!cookieValues(name).length) document.cookie = `${name}=${USED}${attributes}`;
      } catch { /* then the storage is read a moment later */ }
    },
  };
};
