/** Loads the tags that the notice takes from the catalogue of vendors: each stands in the page as a gated script, and its calls wait. */

/**
 * @typedef {object} Queue what keeps the calls until the script is there: the global of this name
 * @property {string} name
 * @property {"lists" | "items" | "function" | "methods"} kind
 * @property {string} [at] where a function keeps them: its own property, or with `global` the global array
 * @property {boolean} [global]
 * @property {string} [forward] the function's property that takes calls once the script is there
 * @property {"pair" | "timed"} [entry] how a call is kept, if not as its arguments alone
 * @property {Record<string, unknown>} [fields]
 * @property {Record<string, object>} [lists] further arrays, by where they stand in the stub, with their own properties
 * @property {string[]} [methods]
 */
/** @typedef {{on: string, args: unknown[], to?: string, new?: string, once?: true}} Call */
/**
 * @typedef {object} Tag
 * @property {string} [src] missing where the site loads it in markup of its own
 * @property {string} [first] the address of a script that has to run before it
 * @property {1} [advanced] loaded before the visitor has chosen
 * @property {Record<string, string>} [attributes]
 * @property {Record<string, unknown>} [globals]
 * @property {Queue} [queue]
 * @property {Call[]} calls in the order in which they are made: vendors/model.py says when
 * @property {Record<string, string[]>} [signals] by name: the purposes that it needs besides the service itself
 * @property {Record<string, unknown[]>} [words] what is said for no and for yes, if not "denied" and "granted"
 */
/** @typedef {{id: string, purposes: string[], recipient?: string, tag: Tag, allowed?: boolean, started?: boolean}} Vendor */
/** @typedef {(name: string) => unknown} Signal what a signal says */
/** @typedef {ReturnType<typeof makers>} Makers */

const page = /** @type {any} */ (globalThis);

/** A global that a script has set. An element with that id, which a comment may bring, is no property of the window's own. */
const own = (/** @type {string} */ name) => Object.prototype.hasOwnProperty.call(page, name) ? page[name] : null;
const provide = (/** @type {string} */ name, /** @type {unknown} */ value) => {
  if (own(name) == null) page[name] = value;
};

/** @param {Queue} queue */
export const stub = ({ kind, at, global, forward, entry, fields, lists = {}, methods = [] }) => {
  /** @type {any} */
  let made = [];
  if (kind == "function") {
    made = function () {
      const next = forward && made[forward];
      if (next) next.apply(made, arguments);
      else (global ? page : made)[at || ""].push(entry ? [arguments, Date.now()] : arguments); // some scripts tell these from arrays
    };
    if (forward) made.push = made;
  } else if (at) made = () => {};
  if (at && global) provide(at, []);
  else if (at) made[at] = [];
  for (const path of Object.keys(lists)) {
    const names = path.split(".");
    const last = names.pop() || "";
    const owner = names.reduce((each, name) => each[name] ??= {}, made);
    owner[last] = Object.assign([], lists[path]);
  }
  for (const method of methods) {
    const [list, name] = method.includes(".") ? method.split(".") : [at, method];
    const kept = list ? made[list] : made;
    (list == at ? made : kept)[name] = (/** @type {unknown[]} */ ...args) =>
      void kept.push(entry ? [name, args] : [name, ...args]);
  }
  return Object.assign(made, fields);
};

/** @param {typeof import("../tools.js").tools} tools of the widget */
export const makers = ({ data, isAsked, logErrors, nonce, permits, service }) => {
  const isPermitted = (/** @type {Vendor} */ { id }) => service?.permitted(data(), permits, id);
  const isAnyAsked = () => data().options.some(isAsked);
  const isRefused = (/** @type {Vendor} */ vendor) => !isPermitted(vendor) && !isAnyAsked();

  /**
   * A value with what only the page knows. Objects are as a page makes them, and ours have no prototype.
   * @param {any} value @param {Vendor} vendor @param {Signal} [signal] @returns {any}
   */
  const filled = (value, vendor, signal) => {
    if (Array.isArray(value)) return value.map((each) => filled(each, vendor, signal));
    if (value && typeof value == "object") {
      return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, filled(each, vendor, signal)]));
    }
    const [, name] = /^\{(\w+)\}$/.exec(value) || [];
    if (!name) return value;
    return name == "now" ? new Date() : name == "queue" ? page[vendor.tag.queue?.name || ""] : signal?.(name);
  };

  /** @param {Vendor} vendor @param {Call} call @param {Signal} [signal] */
  const make = (vendor, { args, to, new: made }, signal) => {
    const { queue } = vendor.tag;
    const [first, ...others] = args = filled(args, vendor, signal);
    if (made && to) page[made] = new page[to](...args);
    else if (to) page[to][first]?.(...others);
    else if (queue?.global) stub(queue)(...args); // the page's own may push arrays, which Google ignores
    else if (queue?.kind == "function") page[queue.name](...args);
    else if (queue?.kind == "methods") page[queue.name][first](...others);
    else if (queue) page[queue.name].push(...(queue.kind == "lists" ? [args] : args));
  };

  /** What keeps the calls until the script is there: an array, unless the page has made something else. @param {Queue} queue */
  const kept = ({ name, at, global }) => at ? (global ? page : page[name])[at] : page[name];

  /** What the script of a vendor looks for when it begins. @param {Vendor} vendor */
  const prepare = (vendor) => {
    const { globals = {}, queue } = vendor.tag;
    for (const name of Object.keys(globals)) provide(name, filled(globals[name], vendor));
    if (queue && own(queue.name) == null) page[queue.name] = stub(filled(queue, vendor));
  };

  /**
   * Puts the script into the page, as a gated one, after the one that has to run before it.
   * @param {Vendor} vendor @param {() => void} onload @param {() => void} [onfirst]
   */
  const load = ({ id, purposes, tag: { src = "", first, advanced, attributes = {} } }, onload, onfirst = () => {}) => {
    for (const address of first ? [first, src] : [src]) {
      const script = document.createElement("script");
      if (address == src) for (const name of Object.keys(attributes)) script.setAttribute(name, attributes[name]);
      script.type = "text/plain";
      if (!first) script.async = true;
      script.nonce = nonce;
      script.setAttribute("data-consent", advanced ? data().always[0] : purposes.join(" "));
      if (!advanced) script.setAttribute("data-consent-service", id);
      script.setAttribute("data-src", address);
      script.onload = logErrors(address == src ? onload : onfirst);
      document.head.append(script);
    }
  };
  return { filled, isAnyAsked, isPermitted, isRefused, kept, load, make, own, prepare };
};

/**
 * @param {typeof import("../tools.js").tools} tools of the widget
 * @param {typeof import("./calls.js").calls} [calls] where a vendor is told of consent: then it makes all of them
 */
export const tags = (tools, calls) => {
  /** @type {Vendor[]} */
  const vendors = /** @type {any[]} */ (tools.data().services).filter(({ tag }) => tag).map((each) => ({ ...each }));
  const made = makers(tools);
  const start = (/** @type {Vendor} */ vendor) => {
    const making = (/** @type {string} */ moment) => () => {
      for (const call of vendor.tag.calls) if (call.on == moment) made.make(vendor, call);
    };
    made.prepare(vendor);
    making("start")();
    made.load(vendor, making("loaded"));
    const list = vendor.tag.queue && made.kept(vendor.tag.queue);
    const length = list?.length;
    let refused = made.isRefused(vendor);
    document.addEventListener("consent:change", tools.logErrors(() => {
      if (refused && Array.isArray(list)) list.splice(length); // what the page has said to who was refused is thrown away
      refused = made.isRefused(vendor);
    }));
  };
  if (calls) calls(tools, vendors, made);
  else for (const vendor of vendors) tools.logErrors(() => start(vendor))();
};
