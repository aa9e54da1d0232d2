/**
 * Holds back what scripts ask of hosts whose services are not granted (CONSENT_GUARD). A help for a developer who means well, and no
 * wall: what is asked by other ways passes (docs/gating.md).
 */

/** @typedef {{id: string, purposes: string[], hosts?: string[]}} Guarded a service of the notice */
/**
 * @typedef {object} Tools of the widget; of these, the script in the head of a page has only the first two
 * @property {() => {services?: Guarded[]}} data
 * @property {{permitted: (terms: any, permits: any, id: string) => unknown}} [service]
 * @property {unknown} [permits]
 * @property {WeakSet<Element>} [loadedOnce]
 * @property {typeof import("../gates/mayRun.js").purposesOf} [purposesOf]
 */

const page = /** @type {any} */ (globalThis);
/** In the page's head and in the widget there is the same code: who comes second takes over. */
const TAKE_OVER = Symbol.for("consent_widget.guard");
const { apply, construct, defineProperty, getOwnPropertyDescriptor } = Reflect;
/** Addresses at which nothing answers, and nothing is sent: no such blob, no event, a port that browsers refuse (Fetch, 2.9). */
const NO_BLOB = "blob:null/0", NO_EVENT = "data:,", NO_SOCKET = "wss://localhost:1/";
/** By which property or attribute an element loads something as soon as a script sets it. */
const LOADING = /** @type {const} */ ([
  ["HTMLScriptElement", "src"],
  ["HTMLImageElement", "src"],
  ["HTMLImageElement", "srcset"],
  ["HTMLIFrameElement", "src"],
  ["HTMLLinkElement", "href"],
  ["HTMLMediaElement", "src"],
  ["HTMLSourceElement", "src"],
  ["HTMLEmbedElement", "src"],
  ["HTMLObjectElement", "data"],
]);

/** @param {Tools} tools */
export const guard = (tools) => {
  if (page[TAKE_OVER]) return page[TAKE_OVER](tools);
  /** @type {Map<string, Guarded[]>} */
  let byHost = new Map();
  /** @type {Map<string, Guarded[]>} */
  let byDomain = new Map();
  /** @type {Map<string, Guarded[]>} */
  const byOrigin = new Map();
  /** @type {Set<Element>} what the visitor has loaded once: in this page its vendor may do what it does */
  const once = new Set();

  const enter = (/** @type {Tools} */ next) => {
    tools = next;
    byHost = new Map();
    byDomain = new Map();
    byOrigin.clear();
    for (const service of tools.data().services || []) {
      for (const host of service.hosts || []) {
        const [table, name] = host.startsWith("*.") ? [byDomain, host.slice(2)] : [byHost, host];
        table.set(name, [...table.get(name) || [], service]);
      }
    }
    const { loadedOnce } = tools;
    if (loadedOnce) loadedOnce.add = (element) => once.add(element) && WeakSet.prototype.add.call(loadedOnce, element);
  };

  const wasLoaded = (/** @type {Guarded} */ { id, purposes }) =>
    [...once].some((element) => {
      const service = element.getAttribute("data-consent-service");
      return tools.loadedOnce?.has(element) && (service ? service == id : purposes.every((each) => tools.purposesOf?.(element).includes(each)));
    });
  const mayRun = (/** @type {Guarded} */ service) =>
    tools.service?.permitted(tools.data(), tools.permits, service.id) || wasLoaded(service);

  /** The host of an address, if it has one. @param {string} address */
  const hostOf = (address) => {
    if (/^[\w.-]*(?:[/?#](?![/\\\t\n\r])|$)/.test(address)) return ""; // a path
    try {
      return new URL(address, document.baseURI).hostname.replace(/\.$/, "");
    } catch {
      return "";
    }
  };
  /** Whose host it is. @param {string} host */
  const servicesAt = (host) => {
    let found = byHost.get(host) || [];
    for (let domain = host; domain; domain = domain.slice((domain.indexOf(".") + 1) || domain.length)) found = found.concat(byDomain.get(domain) || []);
    return host == location.hostname ? [] : found;
  };

  /** The service that keeps an address back: all whose host it is are not granted. @param {string} address */
  const heldBy = (address) => {
    // a page asks few hosts, and each many times: what stands before the path is looked up as it stands
    const end = address.startsWith("https://") ? address.indexOf("/", 9) : -1;
    const origin = end < 0 ? "" : address.slice(0, end);
    let services = origin && byOrigin.get(origin);
    if (!services) {
      services = servicesAt(hostOf(address));
      if (byOrigin.size > 500) byOrigin.clear();
      if (origin) byOrigin.set(origin, services);
    }
    return services.length && !services.some(mayRun) ? services[0] : undefined;
  };

  /** @type {Set<string>} */
  const told = new Set();
  /** @type {string[]} */
  let lines = [];
  const report = () => {
    console.groupCollapsed(`consent_widget: held back until it is granted (${lines.length})`);
    for (const line of lines) console.log(line);
    console.groupEnd();
    lines = [];
  };

  /** Is it held back? Then the developer is told, of each way to a host once. @param {string} way @param {unknown} address */
  const holds = (way, address) => {
    try {
      const text = typeof address == "string" ? address : String(/** @type {any} */ (address)?.url ?? address);
      const service = heldBy(text);
      const about = service && `${service.id}: ${way} ${hostOf(text)}`;
      if (about && !told.has(about)) {
        told.add(about);
        lines.push(`${service.id}: ${way} ${text}`) > 1 || setTimeout(report, 1e3);
      }
      return service;
    } catch { /* no address: the browser says so itself */ }
  };

  /** Puts a proxy in a function's place: its name, length, text and properties stay the same. @param {any} owner @param {string} name @param {ProxyHandler<any>} handler */
  const wrap = (owner, name, handler, key = "value") => {
    const property = owner && getOwnPropertyDescriptor(owner, name);
    const native = /** @type {any} */ (property)?.[key];
    // without prototypes, to which a page may have added what would count here
    const plain = (/** @type {object[]} */ ...all) => Object.assign(Object.create(null), ...all);
    if (native) defineProperty(owner, name, plain(property, { [key]: new Proxy(native, plain(handler)) }));
  };

  /** @param {Element} element @param {string} name @param {unknown} value @returns {Guarded | undefined} what keeps it back */
  const holdsElement = (element, name, value) => {
    if (!element.ownerDocument?.defaultView) return; // in a template nothing loads
    const addresses = name == "srcset" ? String(value).match(/[^\s,]+/g) || [] : [value];
    for (const address of addresses) {
      const service = holds(`${element.localName} ${name}`, address);
      if (service) return service;
    }
  };

  /** What becomes of an element that is held back: a frame waits as a gate, and of all others their loading has failed. @param {Element} element @param {Guarded} service @param {string} value */
  const hold = (element, { id, purposes }, value) => {
    if (element.localName == "iframe") {
      element.setAttribute("data-src", value);
      if (element.hasAttribute("data-consent")) return;
      element.setAttribute("data-consent-service", id);
      element.setAttribute("data-consent", purposes.join(" "));
    } else setTimeout(() => element.dispatchEvent(new Event("error")));
  };

  const loads = new Set(LOADING.map(([, name]) => name));
  const loadsBy = (/** @type {Element} */ element, /** @type {string} */ name) =>
    LOADING.some(([type, each]) => each == name && page[type] && element instanceof page[type]);

  defineProperty(page, TAKE_OVER, { value: enter });
  enter(tools);
  wrap(page, "fetch", {
    apply: (native, self, args) =>
      holds("fetch", args[0]) ? Promise.reject(new TypeError("Failed to fetch")) : apply(native, self, args),
  });
  wrap(page.XMLHttpRequest?.prototype, "open", {
    apply: (native, self, args) =>
      apply(native, self, holds("XMLHttpRequest", args[1]) ? [args[0], NO_BLOB, ...args.slice(2)] : args),
  });
  wrap(page.Navigator?.prototype, "sendBeacon", {
    apply: (native, self, args) => !!holds("sendBeacon", args[0]) || apply(native, self, args),
  });
  for (const [name, nowhere] of [["WebSocket", NO_SOCKET], ["EventSource", NO_EVENT]]) {
    wrap(page, name, {
      construct: (native, args, made) => construct(native, holds(name, args[0]) ? [nowhere] : args, made),
    });
  }
  for (const [type, name] of LOADING) {
    wrap(page[type]?.prototype, name, {
      apply: (native, element, args) => {
        const service = holdsElement(element, name, args[0]);
        return service ? hold(element, service, String(args[0])) : apply(native, element, args);
      },
    }, "set");
  }
  wrap(page.Element?.prototype, "setAttribute", {
    apply: (native, element, args) => {
      const name = typeof args[0] == "string" && args[0].length < 7 ? args[0].toLowerCase() : "";
      const service = loads.has(/** @type {any} */ (name)) && loadsBy(element, name) && holdsElement(element, name, args[1]);
      return service ? hold(element, service, String(args[1])) : apply(native, element, args);
    },
  });
};
