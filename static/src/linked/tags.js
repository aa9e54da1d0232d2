/** Loads the tags that the notice takes from the catalogue of vendors: each stands in the page as a gated script, and its calls wait. */

/**
 * @typedef {object} Queue what keeps the calls until the script is there: the global of this name
 * @property {string} name
 * @property {"lists" | "items" | "function" | "methods"} kind
 * @property {string} [at] where a function keeps them: its own property, or with `global` the global array
 * @property {boolean} [global]
 * @property {string} [forward] the function's property that takes calls once the script is there
 * @property {object} [fields]
 * @property {string[]} [methods]
 */
/** @typedef {{args: unknown[], to?: string, new?: string}} Call */
/** @typedef {{src: string, attributes?: Record<string, string>, globals?: Record<string, unknown>, queue?: Queue, start?: Call[], loaded?: Call[]}} Tag */

const page = /** @type {any} */ (globalThis);

/** Sets a global, unless a script of the page has. An element with that id, which a comment may bring, is no property of the window's own. */
const provide = (/** @type {string} */ name, /** @type {unknown} */ value) => {
  if (!Object.prototype.hasOwnProperty.call(page, name) || page[name] == null) page[name] = value;
};

/** @param {Queue} queue */
const stub = ({ kind, at, global, forward, fields, methods = [] }) => {
  /** @type {any} */
  let made = [];
  if (kind == "function") {
    made = function () {
      const next = forward && made[forward];
      if (next) next.apply(made, arguments);
      else (global ? page[at || ""] : made[at || ""]).push(arguments); // some scripts tell these from arrays
    };
    if (at && global) provide(at, []);
    else if (at) made[at] = [];
    if (forward) made.push = made;
  }
  for (const method of methods) made[method] = (/** @type {unknown[]} */ ...args) => made.push([method, ...args]);
  return Object.assign(made, fields);
};

/** @param {object} tools of the widget @param {() => any} tools.data @param {string} tools.nonce @param {(work: () => void) => () => void} tools.logErrors */
export const tags = ({ data, nonce, logErrors }) => {
  /** @param {string} id @param {string[]} purposes @param {Tag} tag */
  const prepare = (id, purposes, { src, attributes = {}, globals = {}, queue, start = [], loaded = [] }) => {
    /** With the time, and the queue as it stands; objects are as a page makes them, and ours have no prototype. @param {any} value @returns {any} */
    const filled = (value) => {
      if (Array.isArray(value)) return value.map(filled);
      if (typeof value == "object") {
        return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, filled(each)]));
      }
      return value == "{now}" ? new Date() : value == "{queue}" ? page[queue?.name || ""] : value;
    };
    const call = (/** @type {Call} */ { args, to, new: made }) => {
      const [first, ...others] = args = filled(args);
      if (made && to) page[made] = new page[to](...args);
      else if (to) page[to][first](...others);
      else if (queue?.kind == "function") page[queue.name](...args);
      else if (queue?.kind == "methods") page[queue.name][first](...others);
      else if (queue) page[queue.name].push(...(queue.kind == "lists" ? [args] : args));
    };
    for (const name of Object.keys(globals)) provide(name, filled(globals[name]));
    if (queue) provide(queue.name, stub(queue));
    start.forEach(call);
    const script = document.createElement("script");
    for (const name of Object.keys(attributes)) script.setAttribute(name, attributes[name]);
    script.type = "text/plain";
    script.async = true;
    script.nonce = nonce;
    script.setAttribute("data-consent", purposes.join(" "));
    script.setAttribute("data-consent-service", id);
    script.setAttribute("data-src", src);
    script.onload = logErrors(() => loaded.forEach(call));
    document.head.append(script);
  };
  for (const { id, purposes, tag } of data().services) if (tag) logErrors(() => prepare(id, purposes, tag))();
};
