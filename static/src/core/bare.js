/**
 * Data as it was sent, and nothing else: what is not in it is not looked for in `Object.prototype`, which a page's own
 * code can be brought to change (`?__proto__[scripted]=1`).
 * @template T
 * @param {T} data
 * @returns {T}
 */
export const bare = (data) => {
  if (data instanceof Object) {
    Object.values(data).forEach(bare);
    if (!Array.isArray(data)) Object.setPrototypeOf(data, null);
  }
  return data;
};
