/** The services that the notice names: which may run. */

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

export const service = {
  permitted,
  /**
   * May an element of this service run for these purposes? A purpose of separate consent is granted to the recipient.
   * @param {Terms} terms @param {Permits} permits @param {string} id @param {string[]} purposes
   */
  allowed: (terms, permits, id, purposes) =>
    purposes.every((purpose) => permits(purpose) || terms.separate?.includes(purpose)) && permitted(terms, permits, id),
};
