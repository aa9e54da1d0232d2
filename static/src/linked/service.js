/** The vendors' tags that the notice names: which may run, and what those leave behind that may not. */

/** @typedef {import("../core/policy.js").Terms} Terms */
/** @typedef {(purpose: string, recipient?: string) => unknown} Permits */

/**
 * It may run when all it needs is granted.
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
const tidy = ({ cookies, storage }) => {
  /** @param {string[]} names @param {string[]} patterns each a name, or a beginning and `*` */
  const among = (names, patterns) =>
    names.filter((name) =>
      patterns.some((each) => each.endsWith("*") ? name.startsWith(each.slice(0, -1)) : name == each)
    );
  try {
    for (const name of among(document.cookie.split("; ").map((each) => each.split("=", 1).join()), cookies)) {
      location.hostname.split(".").forEach((_, at, labels) => {
        document.cookie = name + "=;max-age=0;path=/;domain=" + labels.slice(at).join(".");
      });
      document.cookie = name + "=;max-age=0;path=/";
    }
    for (const box of [localStorage, sessionStorage]) {
      among(Object.keys(box), storage).forEach((key) => box.removeItem(key));
    }
  } catch { /* a page that may not read its storage has nothing to clear */ }
};

export const service = {
  permitted,
  /**
   * May an element of this service run for these purposes? One that needs separate consent has it by its recipient.
   * @param {Terms} terms @param {Permits} permits @param {string} id @param {string[]} purposes
   */
  allowed: (terms, permits, id, purposes) =>
    purposes.every((purpose) => permits(purpose) || terms.separate?.includes(purpose)) && permitted(terms, permits, id),
  /** @param {Terms} terms @param {Permits} permits */
  clear: (terms, permits) => {
    for (const each of terms.services || []) if (!permitted(terms, permits, each.id)) tidy(each);
  },
};
