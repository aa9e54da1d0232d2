/** Makes the calls that vendors have for consent, each when it is due (consent_widget/vendors/model.py) and in order. */

/** @typedef {import("./tags.js").Vendor} Vendor */
/** @typedef {import("./tags.js").Call} Call */
/**
 * @typedef {object} Line of the services that speak to one queue
 * @property {unknown} [list] the array that keeps the calls
 * @property {number} head how many entries at its beginning are ours
 * @property {boolean} [starts] is a script about to read it?
 * @property {boolean} [live] has it begun to?
 * @property {boolean} [refused] has the visitor refused all of them? Then what the page says to them is thrown away
 * @property {Record<string, string>} made by call: what it said last
 */

/** For so many milliseconds a vendor is not told of a refusal that is one act with a grant. */
const PATIENCE = 1e3;
const { push, splice } = Array.prototype;

/**
 * @param {typeof import("../tools.js").tools} tools of the widget
 * @param {Vendor[]} vendors
 * @param {import("./tags.js").Makers} makers
 */
export const calls = (tools, vendors, makers) => {
  const { data, decided, logErrors, pendingSubmissions, permits, service } = tools;
  const { filled, isAnyAsked, isPermitted, isRefused, kept, load, make, own, prepare } = makers;
  /** @type {Record<string, Line>} by the name of the queue */
  const lines = Object.create(null);
  const lineOf = (/** @type {Vendor} */ { id, tag: { queue } }) =>
    lines[queue ? queue.global && queue.at || queue.name : "@" + id] ??= { head: 0, made: {} };

  /**
   * Is a signal on, such as Google's `ad_storage`? It is the same for all services that speak to one queue: each of them that
   * is loaded has to be permitted, and at least one.
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

  /** What a signal says; `{purposes}` are all of them. @param {Vendor} vendor @returns {import("./tags.js").Signal} */
  const signalOf = (vendor, isRefused = false) => (name) => {
    if (name == "purposes") {
      const purposes = data().options.filter(({ to, of }) => !to && !of);
      return Object.fromEntries(purposes.map(({ key }) => [key, !isRefused && !!permits(key)]));
    }
    return (vendor.tag.words?.[name] || ["denied", "granted"])[!isRefused && isOn(name, lineOf(vendor)) ? 1 : 0];
  };

  /**
   * Tells the developer where the page speaks to the vendor of consent itself, or has loaded the tag itself.
   * @param {Vendor} vendor @param {any} list @param {any[]} said by the page
   */
  const warn = ({ id, tag: { calls, queue } }, list, said) => {
    for (const { on, args: [what, how] } of calls) {
      if (on == "before" && said.some((each) => each?.[0] == what && each[1] == how)) {
        console.warn(
          `consent_widget: remove this page's own ${queue?.name}("${what}", "${how}", …). The widget's comes first, and its ` +
            "updates win, but until then the page's would count.",
        );
      }
    }
    if (list && list.push != push) {
      console.warn(`consent_widget: ${id} is in this page already, and may not have waited. Let the widget load it, or gate it.`);
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
    const { calls, advanced, first, queue, src } = vendor.tag;
    const line = lineOf(vendor);
    const allowed = isPermitted(vendor);
    const signal = signalOf(vendor);
    const starts = stage != "before" && !vendor.started && (allowed || advanced);
    prepare(vendor);
    const list = queue && kept(queue);
    const held = !line.live && Array.isArray(list);
    if (held && list != line.list) Object.assign(line, { list, head: 0, made: {} }); // the page has set another one
    const rest = held ? splice.call(list, line.head, list.length) : [];
    if (stage == "before") warn(vendor, list, rest);
    /** @type {Record<"first" | "last", Call[]>} calls that wait for a script */
    const waiting = { first: [], last: [] };
    try {
      for (const call of calls) {
        const { on, args, to, once } = call;
        const key = JSON.stringify([on, args]);
        const text = JSON.stringify(filled(args, vendor, signal));
        const said = line.made[key];
        const refused = JSON.stringify(filled(args, vendor, signalOf(vendor, true)));
        const isNews = said ? text != said : text != refused || !isAnyAsked();
        const isDue = /** @type {Record<string, unknown>} */ ({
          before: !said,
          grant: allowed && !vendor.allowed,
          deny: !allowed && vendor.allowed,
          change: isNews && (starts || stage == "answered"),
          start: starts && !(once && said),
          loaded: starts,
        })[on];
        if (!isDue || stage == "before" && on != "before") continue;
        line.made[key] = text;
        if (on == "loaded") waiting.last.push(call);
        else if (to && !own(to)?.[/** @type {string} */ (args[0])]) waiting[first ? "first" : "last"].push(call);
        else make(vendor, call, signal);
      }
    } finally {
      if (held) {
        line.head = list.length;
        if (!line.refused || list.push != push) for (const each of rest) push.call(list, each);
      }
    }
    if (stage == "before") return;
    vendor.allowed = allowed;
    if (starts) {
      vendor.started = line.starts = true;
      const making = (/** @type {Call[]} */ calls) => () => calls.forEach((call) => make(vendor, call, signal));
      if (src) load(vendor, making(waiting.last), making(waiting.first));
    }
  };

  /** @param {Parameters<typeof follow>[1]} stage */
  const followAll = (stage) => {
    for (const vendor of vendors) logErrors(() => follow(vendor, stage))();
    for (const line of Object.values(lines)) {
      line.live = line.starts;
      line.refused = vendors.every((each) => lineOf(each) != line || isRefused(each));
    }
  };
  let timer = 0;
  /** An act that refuses one thing and grants another is told once, with the answer of the server, if that comes soon. */
  const onChange = () => {
    const pending = pendingSubmissions();
    const isGranting = data().options.some((option) =>
      !decided(option) && pending.some(({ purposes }) => purposes[option.key])
    );
    clearTimeout(timer);
    followAll(isGranting ? "decided" : "answered");
    if (isGranting) timer = setTimeout(followAll, PATIENCE, "answered");
  };
  followAll("before");
  followAll("answered");
  document.addEventListener("consent:change", onChange);
};
