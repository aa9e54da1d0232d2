/** The services that the notice names: which may run. */

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

export const service = {
  permitsTo,
  permitted,
  /**
   * May an element of this service run for these purposes? A purpose of separate consent is granted to the recipient.
   * @param {Terms} terms @param {Permits} permits @param {string} id @param {string[]} purposes
   */
  allowed: (terms, permits, id, purposes) =>
    purposes.every((purpose) => permitsTo(permits, id)(purpose) || terms.separate?.includes(purpose)) &&
    permitted(terms, permits, id),
};
