/** The services that the notice names: which may run, and what the others have stored on this site. */

/** @typedef {import("../core/policy.js").Terms} Terms */
/** @typedef {(purpose: string, recipient?: string) => unknown} Permits */

/**
 * What is decided about a purpose as far as one service goes: its own answer, else that of the purpose.
 * @param {Permits} permits
 * @param {string} id
 * @returns {(purpose: string) => unknown}
 */
const permitsTo = (permits, id) => (purpose) => permits(purpose + "@" + id) ?? permits(purpose);

/**
 * May a service run? All its purposes must be granted, to it alone or to all, and its recipient where it has one.
 * @param {Terms} terms
 * @param {Permits} permits
 * @param {string} id
 */
const permitted = ({ services = [], separate = [] }, permits, id) =>
  services.some((service) =>
    service.id == id &&
    service.purposes.every((purpose) =>
      (separate.includes(purpose) ? service.recipient : permitsTo(permits, id)(purpose)) &&
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
    purposes.every((purpose) => permitsTo(permits, id)(purpose) || terms.separate?.includes(purpose)) &&
    permitted(terms, permits, id),
  /**
   * The options that let an element of this service run for these purposes, and nothing else: by key. There is no option of
   * that key where the visitor cannot decide about the service alone; and no key where the notice has no such service, or the
   * service has a recipient, which is decided about instead.
   * @param {Terms} terms @param {Permits} permits @param {string} id @param {string[]} purposes
   */
  keys: (terms, permits, id, purposes) => {
    const service = terms.services?.find((service) => service.id == id);
    return !service || service.recipient ? [] : [...new Set([...purposes, ...service.purposes])]
      .filter((purpose) => !permitsTo(permits, id)(purpose))
      .map((purpose) => purpose + "@" + id);
  },
  /** @param {Terms} terms @param {Permits} permits */
  clear: (terms, permits) => {
    for (const service of terms.services || []) if (!permitted(terms, permits, service.id)) clearStored(service);
  },
};
