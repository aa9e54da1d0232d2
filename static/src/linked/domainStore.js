/** In place of store.js where hosts share the choice by a cookie of their parent domain: all of them see nothing but that cookie. */

import { store } from "./store.js";

/**
 * @param {{origins?: string[], domain?: string}} data the origins that may use this widget, and the parent domain
 * @param {string} name of the cookie
 * @param {(name: string) => string[]} cookieValues
 * @param {string} home where the script comes from
 */
export const domainStore = (data, name, cookieValues, home) => {
  const own = store(data, name, cookieValues, home);
  if (!own || !("." + location.hostname).endsWith("." + data.domain)) return own;
  const lone = name + "-lone";
  try {
    const copy = navigator.cookieEnabled && own.isEmpty() && localStorage.getItem(name);
    if (copy) { // the cookie has gone, perhaps because everything was erased on another of the hosts: followCookie.js asks the server
      localStorage.setItem(lone, copy);
      localStorage.removeItem(name);
    }
  } catch { /* a page without storage */ }
  return { ...own, parent: ";domain=" + data.domain, lone };
};
