/** What "Always load" grants. */

/** @typedef {import("./placeholder.js").Tools} Tools */

/**
 * Of an element with a service that service alone, else its purposes: the keys of those that are not granted yet. None where that
 * is not the visitor's to grant, or not enough: a service with a recipient is decided about by its recipient.
 * @param {Tools} tools
 * @param {string} id of the service
 * @param {string[]} purposes of the element
 */
export const lastingKeys = ({ data, isOff, permits, service: rules }, id, purposes) => {
  const { options, services = [] } = data();
  const service = services.find((service) => service.id == id);
  const all = [...new Set(purposes.concat(service?.purposes || []))];
  const missing = all.filter((purpose) => !rules?.permitsTo(permits, id)(purpose));
  const keys = id ? missing.map((purpose) => purpose + "@" + id) : purposes;
  const may = keys[0] && !service?.recipient &&
    keys.every((key) => options.some((option) => option.key == key && !isOff(option)));
  return may ? keys : undefined;
};
