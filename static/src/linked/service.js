/** The services that the notice names: which may run, and what the others have stored on this site. */

/** @typedef {import("../core/policy.js").Terms} Terms */
/** @typedef {(purpose: string, recipient?: string) => unknown} Permits */

/**
 * May a service run? All its purposes must be granted, and its recipient where it has one.
 * @param {Terms} terms
 * @param {Permits} permits
 * @param {string} id
 */
const permitted = ({ services = [], separate = [] }, permits, id) =>
  services.some((service) =>
    service.id == id &&
    service.purposes.every((purpose) =>
      (separate.includes(purpose) ? service.recipient : permits(purpose)) &&
      (!service.recipient || permits(purpose, service.recipient))
    )
  );

/**
 * Removes the cookies and storage keys that a service has left on this site.
 * @param {import("../core/policy.js").Service} service
 */
const clearStored = ({ cookies, storage }) => {
  /** @param {string[]} names @param {string[]} patterns names, or beginnings of names followed by `*` */
  const matching = (names, patterns) =>
    names.filter((name) =>
      patterns.some((pattern) => pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name == pattern)
    );
  try {
    for (const name of matching(document.cookie.split("; ").map((cookie) => cookie.split("=", 1).join()), cookies)) {
      location.hostname.split(".").forEach((_, at, labels) => {
        document.cookie = name + "=;max-age=0;path=/;domain=" + labels.slice(at).join(".");
      });
      document.cookie = name + "=;max-age=0;path=/";
    }
    for (const storageArea of [localStorage, sessionStorage]) {
      matching(Object.keys(storageArea), storage).forEach((key) => storageArea.removeItem(key));
    }
  } catch { /* a page that may not read its storage has nothing to clear */ }
};

export const service = {
  permitted,
  /**
   * May an element of this service run for these purposes? A purpose of separate consent is granted to the recipient.
   * @param {Terms} terms @param {Permits} permits @param {string} id @param {string[]} purposes
   */
  allowed: (terms, permits, id, purposes) =>
    purposes.every((purpose) => permits(purpose) || terms.separate?.includes(purpose)) && permitted(terms, permits, id),
  /** @param {Terms} terms @param {Permits} permits */
  clear: (terms, permits) => {
    for (const service of terms.services || []) if (!permitted(terms, permits, service.id)) clearStored(service);
  },
};
