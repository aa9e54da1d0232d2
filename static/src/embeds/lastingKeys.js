/** What "Load always" grants. */

/** @typedef {import("./placeholder.js").Tools} Tools */

/**
 * Of an element with a service that service alone, else its purposes: the keys of those that are not granted yet. None where that
 * is not the visitor's to grant, or not enough: a service with a recipient is decided about by its recipient.
 * @param {Tools} tools
 * @param {string} id of the service
 * @param {string[]} purposes of the element
 */
export const lastingKeys = ({ data, isOff, permits }, id, purposes) => {
  const { options, services = [] } = data();
  const service = services.find((service) => service.id == id);
  const all = [...new Set(purposes.concat(service?.purposes || []))];
  const keys = id ? all.map((purpose) => purpose + "@" + id).filter((key, at) => !(permits(key) ?? permits(all[at]))) : purposes;
  const may = keys[0] && !service?.recipient &&
    keys.every((key) => options.some((option) => option.key == key && !isOff(option)));
  return may ? keys : undefined;
};
