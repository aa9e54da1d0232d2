/** In place of store.js where hosts share the choice by a cookie of their parent domain: all of them see nothing but that cookie. */

import { store } from "./store.js";

/**
 * @param {{origins?: string[], domain?: string}} data the origins that may use this widget, and the parent domain
 * @param {string} name of the cookie
 * @param {(name: string) => string[]} cookieValues
 * @param {string} home where the script comes from
 * @param {{token?: string}} shared
 */
export const domainStore = (data, name, cookieValues, home, shared) => {
  const own = store(data, name, cookieValues, home);
  if (!own || !("." + location.hostname).endsWith("." + data.domain)) return own;
  try {
    const copy = own.isEmpty() && localStorage.getItem(name);
    if (copy) { // the cookie has gone, perhaps because everything was erased on another of the hosts: the server is asked first
      shared.token = copy;
      localStorage.removeItem(name);
    }
  } catch { /* a page without storage */ }
  return { ...own, parent: ";domain=" + data.domain };
};
