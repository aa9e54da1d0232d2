/**
 * Removes the prototype of every object in parsed JSON. A property that the JSON does not have is then never looked up in
 * `Object.prototype`, to which a faulty script of the page may have let an address add one (`?__proto__[scripted]=1`).
 * @template T
 * @param {T} data changed in place
 * @returns {T}
 */
export const plainData = (data) => {
  if (data instanceof Object) {
    for (const key of Object.keys(data)) plainData(/** @type {any} */ (data)[key]); // libraries replace `Object.values`
    if (!Array.isArray(data)) Object.setPrototypeOf(data, null);
  }
  return data;
};
