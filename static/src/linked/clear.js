/** Deletes what services that may not run have left on this site, looks again, and tells the developer what stayed. */

import { clearCookies } from "../core/clearCookies.js";

/** @typedef {import("../core/policy.js").Service} Service */

/** What the developer was told in this page. @type {Set<string>} */
const told = new Set();

/** @param {string} name @returns {(pattern: string) => boolean} a pattern is a name, or the beginning of names and `*` */
const isLike = (name) => (pattern) =>
  pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name == pattern;

/** @param {() => void} work which fails where a page may not use its own storage: then nothing is there */
const attempt = (work) => {
  try {
    work();
  } catch { /* nothing to delete */ }
};

/** @param {Storage} area @param {(name: string) => unknown} isTheirs */
const clearKeys = (area, isTheirs) => {
  for (const key of Object.keys(area).filter(isTheirs)) area.removeItem(key);
  return Object.keys(area).filter(isTheirs);
};

/** @typedef {(name?: string) => Service | undefined} Owner the service that left something, if it may not run */
/** @typedef {(service: Service | undefined, what: string, why: string) => void} Tell */

/** @param {Owner} owner @param {Tell} tell */
const clearDatabases = async (owner, tell) => {
  const names = async () => (await indexedDB.databases()).map(({ name }) => name).filter(owner);
  for (const name of await names()) {
    await new Promise((done) => {
      const request = indexedDB.deleteDatabase(/** @type {string} */ (name));
      request.onsuccess = request.onerror = request.onblocked = done;
    });
  }
  for (const name of await names()) tell(owner(name), "the database " + name, "It is in use, and goes when the page does.");
};

/** @param {Owner} owner @param {Tell} tell */
const clearCaches = async (owner, tell) => {
  for (const name of await caches.keys()) {
    if (owner(name) && !await caches.delete(name)) tell(owner(name), "the cache " + name, "The browser kept it.");
  }
};

/**
 * A worker whose path is declared goes. Of one that only looks like a service's own the developer is told: it may be the site's.
 * @param {Service[]} refused @param {Owner} owner @param {Tell} tell
 */
const clearWorkers = async (refused, owner, tell) => {
  for (const registration of await navigator.serviceWorker.getRegistrations()) {
    const { active, waiting, installing, scope } = registration;
    const { pathname } = new URL((active || waiting || installing)?.scriptURL || scope);
    const guess = refused.find(({ id }) => id.length > 2 && (pathname + scope).toLowerCase().includes(id));
    if (owner(pathname)) await registration.unregister();
    else if (guess) tell(guess, "perhaps the service worker " + pathname, "If it is theirs, add this path to the service's storage.");
  }
};

/**
 * @param {{services?: Service[], cookie?: string}} terms `cookie`: how the names of what the widget stores begin, if not with `cw`
 * @param {(service: Service) => unknown} permitted
 * @returns {{left: string[]} | undefined} the names of the cookies and keys that stayed, for the event
 */
export const clear = ({ services = [], cookie = "cw" }, permitted) => {
  const own = RegExp(`^(__Host-)?(cw|${cookie})([-.]|$)`); // no pattern of a notice reaches it
  /**
   * The service that left this, if it may not run. What a service that may run uses as well stays. Asked anew each time: the
   * visitor may have granted it meanwhile.
   * @param {"cookies" | "storage"} kind
   * @returns {Owner}
   */
  const owner = (kind) => (name = "") => {
    const owners = name && !own.test(name) ? services.filter((service) => service[kind].some(isLike(name))) : [];
    return owners.some(permitted) ? undefined : owners[0];
  };
  const [ofCookie, ofKey] = [owner("cookies"), owner("storage")];
  /** @type {Tell} */
  const tell = (service, what, why) => {
    if (!told.has(what)) console.warn(`consent_widget: ${service?.name} may not run, but left ${what}. ${why}`);
    told.add(what);
  };
  /** @type {string[]} */
  const left = [];
  attempt(() => {
    for (const name of clearCookies(ofCookie)) {
      left.push(name);
      tell(ofCookie(name), "the cookie " + name, "A script sets it again, or this page may not change it: see the path it was set at.");
    }
  });
  for (const area of ["localStorage", "sessionStorage"]) {
    attempt(() => {
      for (const key of clearKeys(/** @type {any} */ (globalThis)[area], ofKey)) {
        left.push(key);
        tell(ofKey(key), `the key ${key} in ${area}`, "A script sets it again.");
      }
    });
  }
  const refused = services.filter((service) => !permitted(service));
  for (const later of [clearDatabases, clearCaches]) if (refused.some(({ storage }) => storage[0])) later(ofKey, tell).catch(() => {});
  if (refused[0]) clearWorkers(refused, ofKey, tell).catch(() => {});
  if (left[0]) return { left };
};
