/**
 * Loads the tags that the notice takes from the catalogue of vendors, and makes the calls that a vendor has for consent.
 * consent_widget/vendors/model.py says when each is made.
 */

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
 * @property {1} [advanced] loaded before the visitor has chosen
 * @property {Record<string, string>} [attributes]
 * @property {Record<string, unknown>} [globals]
 * @property {Queue} [queue]
 * @property {Call[]} calls in the order in which they are made
 * @property {Record<string, string[]>} [signals] by name: the purposes that it needs besides the service itself
 * @property {Record<string, unknown[]>} [words] what is said for no and for yes, if not "denied" and "granted"
 */
/** @typedef {{id: string, purposes: string[], recipient?: string, tag: Tag, allowed?: boolean, started?: boolean}} Vendor */
/**
 * @typedef {object} Line of the services that speak to one queue
 * @property {unknown} [list] the array that keeps the calls
 * @property {number} head how many entries at its beginning are ours
 * @property {boolean} [starts] is a script about to read it?
 * @property {boolean} [live] has it begun to?
 * @property {Record<string, string>} made by call: what it said last
 */

/** For so many milliseconds a vendor is not told of a refusal that is one act with a grant. */
const PATIENCE = 1e3;
const page = /** @type {any} */ (globalThis);
const { hasOwnProperty } = Object.prototype;
const { push, splice } = Array.prototype;

/** A global that a script has set. An element with that id, which a comment may bring, is no property of the window's own. */
const own = (/** @type {string} */ name) => hasOwnProperty.call(page, name) ? page[name] : null;
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
export const tags = ({ data, decided, isAsked, logErrors, nonce, pendingSubmissions, permits, service }) => {
  /** @type {Vendor[]} */
  const vendors = /** @type {any[]} */ (data().services).filter(({ tag }) => tag).map((each) => ({ ...each }));
  /** @type {Record<string, Line>} by the name of the queue */
  const lines = Object.create(null);
  const lineOf = (/** @type {Vendor} */ { id, tag: { queue } }) =>
    lines[queue ? queue.global && queue.at || queue.name : "@" + id] ??= { head: 0, made: {} };
  const isPermitted = (/** @type {Vendor} */ { id }) => service?.permitted(data(), permits, id);

  /**
   * Is a signal on, such as Google's `ad_storage`? It is one for all services that speak to the same queue: each of them that is
   * loaded has to be permitted, and at least one.
   * @param {string} name @param {Line} line
   */
  const isOn = (name, line) => {
    const users = vendors.filter((each) =>
      each.tag.signals?.[name] && lineOf(each) == line && (each.tag.advanced || isPermitted(each))
    );
    return users[0] && users.every((each) =>
      isPermitted(each) &&
      each.tag.signals?.[name].every((purpose) =>
        service?.permitsTo(permits, each.id)(purpose) || each.recipient && permits(purpose, each.recipient)
      )
    );
  };

  /**
   * A value with what only the page knows; `off` as if everything were refused. Objects are as a page makes them, and ours have
   * no prototype.
   * @param {any} value @param {Vendor} vendor @param {boolean} [off] @returns {any}
   */
  const filled = (value, vendor, off) => {
    if (Array.isArray(value)) return value.map((each) => filled(each, vendor, off));
    if (value && typeof value == "object") {
      return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, filled(each, vendor, off)]));
    }
    const [, name] = /^\{(\w+)\}$/.exec(value) || [];
    if (!name) return value;
    if (name == "now") return new Date();
    if (name == "queue") return page[vendor.tag.queue?.name || ""];
    if (name == "purposes") {
      const purposes = data().options.filter(({ to, of }) => !to && !of);
      return Object.fromEntries(purposes.map(({ key }) => [key, !off && !!permits(key)]));
    }
    return (vendor.tag.words?.[name] || ["denied", "granted"])[!off && isOn(name, lineOf(vendor)) ? 1 : 0];
  };

  /** @param {Vendor} vendor @param {Call} call */
  const make = (vendor, { args, to, new: made }) => {
    const { queue } = vendor.tag;
    const [first, ...others] = args = filled(args, vendor);
    if (made && to) page[made] = new page[to](...args);
    else if (to) page[to][first]?.(...others);
    else if (queue?.global) stub(queue)(...args); // the page's own may push arrays, which Google ignores
    else if (queue?.kind == "function") page[queue.name](...args);
    else if (queue?.kind == "methods") page[queue.name][first](...others);
    else if (queue) page[queue.name].push(...(queue.kind == "lists" ? [args] : args));
  };

  /** Puts the script into the page, as a gated one. @param {Vendor} vendor @param {() => void} onload */
  const load = ({ id, purposes, tag: { src = "", advanced, attributes = {} } }, onload) => {
    const script = document.createElement("script");
    for (const name of Object.keys(attributes)) script.setAttribute(name, attributes[name]);
    script.type = "text/plain";
    script.async = true;
    script.nonce = nonce;
    script.setAttribute("data-consent", advanced ? data().always[0] : purposes.join(" "));
    if (!advanced) script.setAttribute("data-consent-service", id);
    script.setAttribute("data-src", src);
    script.onload = logErrors(onload);
    document.head.append(script);
  };

  /**
   * Tells the developer where the page speaks to the vendor of consent itself, or has loaded the tag itself.
   * @param {Vendor} vendor @param {any} list @param {any[]} said by the page
   */
  const warn = ({ id, tag: { calls, queue } }, list, said) => {
    const own = calls.find(({ on, args }) =>
      on == "before" && said.some((each) => each?.[0] == args[0] && each[1] == args[1])
    );
    if (own) {
      console.warn(
        `consent_widget: this page calls ${queue?.name}(${own.args.slice(0, 2).map((each) => JSON.stringify(each)).join(", ")}, …) ` +
          `itself. The widget does, before it: remove yours, which would count until the visitor has chosen.`,
      );
    }
    if (list && (!Array.isArray(list) || hasOwnProperty.call(list, "push"))) {
      console.warn(
        `consent_widget: ${id} seems to be in this page already, and was not told to wait for the visitor's choice. ` +
          "Let the widget load it, or gate it: see docs/vendors.md.",
      );
    }
  };

  /**
   * Makes the calls that are due. Until a script reads the queue, they go before whatever the page has said: nothing is read
   * before the vendor knows what the visitor agreed to.
   * @param {Vendor} vendor
   * @param {"before" | "decided" | "answered"} stage only what comes before everything else; a visitor's act that the server has
   *   not answered yet, of which only the refusals hold; or all
   */
  const follow = (vendor, stage) => {
    const { calls, globals = {}, advanced, queue, src } = vendor.tag;
    const line = lineOf(vendor);
    const allowed = isPermitted(vendor);
    const first = stage == "before";
    const starts = !first && !vendor.started && (allowed || advanced);
    for (const name of Object.keys(globals)) provide(name, filled(globals[name], vendor));
    if (queue && own(queue.name) == null) page[queue.name] = stub(filled(queue, vendor));
    const keeper = queue?.global ? page : queue && page[queue.name];
    const list = queue?.at ? keeper[queue.at] : keeper;
    const held = !line.live && Array.isArray(list);
    if (held && list != line.list) Object.assign(line, { list, head: 0, made: {} }); // the page has set another one
    const rest = held ? splice.call(list, line.head, list.length) : [];
    if (first) warn(vendor, list, rest);
    /** @type {Call[]} */
    const later = [];
    try {
      for (const call of calls) {
        const { on, args, to, once } = call;
        const key = JSON.stringify([on, args]);
        const text = JSON.stringify(filled(args, vendor));
        const said = line.made[key];
        const isDue = on == "before" ? !said : !first && (
          on == "start" ? starts && !(once && said) :
          on == "grant" ? allowed && !vendor.allowed :
          on == "deny" ? !allowed && vendor.allowed :
          on == "loaded" ? starts :
          (starts || stage == "answered") &&
          (said ? text != said : text != JSON.stringify(filled(args, vendor, true)) || !data().options.some(isAsked))
        );
        if (!isDue) continue;
        line.made[key] = text;
        if (on == "loaded" || to && !own(to)) later.push(call);
        else make(vendor, call);
      }
    } finally {
      if (held) line.head = list.length, push.apply(list, rest);
    }
    if (first) return;
    vendor.allowed = allowed;
    if (starts) {
      vendor.started = line.starts = true;
      if (src) load(vendor, () => later.forEach((call) => make(vendor, call)));
    }
  };

  /** @param {Parameters<typeof follow>[1]} stage */
  const followAll = (stage) => {
    for (const vendor of vendors) logErrors(() => follow(vendor, stage))();
    for (const vendor of vendors) lineOf(vendor).live = lineOf(vendor).starts;
  };
  let timer = 0;
  /** An act that refuses one thing and grants another is one decision, and told once: with the answer of the server, if it comes soon. */
  const onChange = () => {
    const pending = pendingSubmissions();
    const isGranting = data().options.some((option) => !decided(option) && pending.some(({ purposes }) => purposes[option.key]));
    clearTimeout(timer);
    followAll(isGranting ? "decided" : "answered");
    if (isGranting) timer = setTimeout(followAll, PATIENCE, "answered");
  };
  followAll("before");
  followAll("answered");
  document.addEventListener("consent:change", onChange);
};
