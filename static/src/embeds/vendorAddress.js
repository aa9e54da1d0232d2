/** What an address of a vendor says, and the address that a frame gets instead. Does the same as consent_widget/vendors/embedded.py. */

/**
 * @typedef {object} Facade as script/facades.py makes it
 * @property {string} [frame] the address of the frame; `{name}` stands for a parameter
 * @property {Record<string, string>} [attributes]
 * @property {Record<string, [pattern: string, example: string, mayMiss?: 1]>} [parameters]
 * @property {string[]} [addresses]
 * @property {Record<string, string>} [queries]
 * @property {Record<string, string>} [played]
 * @property {1} [film] can it be played?
 * @property {any} [tag] of a script instead of a frame: see tags.js
 * @property {string} [ready] the parameter of the script's address by which it says that it can be used
 * @property {string} [gives] the global that it makes
 * @property {string} [kind]
 * @property {string[]} [words] what stands in its place, and on the two buttons
 */

export const has = (/** @type {object} */ table, /** @type {string} */ name) => Object.prototype.hasOwnProperty.call(table, name);
export const matching = (/** @type {string} */ pattern, /** @type {string} */ text) => RegExp(`^(?:${pattern})$`).exec(text);

/** @param {string} template @param {Record<string, string>} values */
export const built = (template, values) => {
  const filled = template.replace(/\{(\w+)\}/g, (_, name) =>
    encodeURIComponent(values[name] || "").replace(/%(2C|2F|3D)/g, (each) => decodeURIComponent(each)));
  const [path, query = ""] = filled.split("?");
  const said = query.split("&").filter((part) => /=./.test(part)).join("&");
  return path + (said && "?" + said);
};

/** A moment in a film as links write it: 1h2m3s. */
const seconds = (/** @type {string} */ text) => {
  const [found, hours = 0, minutes = 0, rest = 0] = matching("(?:(\\d{1,2})h)?(?:(\\d{1,3})m)?(?:(\\d{1,5})s)?", text) || [];
  return found ? `${+hours * 3600 + +minutes * 60 + +rest}` : "";
};

/** Does it say what to show? @param {Facade} facade @param {Record<string, string>} values */
export const isComplete = ({ parameters = {} }, values) =>
  Object.keys(parameters).every((name) => values[name] || parameters[name][2]) &&
  (Object.keys(values)[0] || !Object.keys(parameters)[0]);

/** What an address of this vendor says. @param {Facade} facade @param {string} text @returns {Record<string, string> | undefined} */
export const readAddress = (facade, text) => {
  const { addresses = [], parameters = {}, queries = {} } = facade;
  try {
    const { hostname, pathname, protocol, searchParams } = new URL(text, "https://x");
    const place = /^https?:$/.test(protocol) ? hostname + decodeURIComponent(pathname) : "";
    for (const pattern of addresses) {
      const found = matching(pattern, place);
      if (!found) continue;
      /** @type {Record<string, string>} */
      const values = {};
      const take = (/** @type {string} */ name, /** @type {string | undefined} */ value = "") => {
        if (!has(parameters, name) || has(values, name)) return;
        const fitting = [value, seconds(value)].find((each) => matching(parameters[name][0], each));
        if (fitting) values[name] = fitting;
      };
      for (const name of Object.keys(found.groups || {})) take(name, found.groups?.[name]);
      searchParams.forEach((value, name) => take(has(queries, name) ? queries[name] : name, value));
      return isComplete(facade, values) ? values : undefined;
    }
  } catch { /* no address */ }
};
