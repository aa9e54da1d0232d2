/** Deletes cookies of this site, wherever they were set. */

/**
 * Where a cookie that this page sees may have been set (RFC 6265, 5.4): on this host or a parent domain, at the page's path or
 * one above it, with or without a slash at the end. A partitioned cookie (CHIPS) is another one than its unpartitioned twin.
 * In a frame of another site a cookie must be `SameSite=None`, also to be deleted.
 */
function* places() {
  const { hostname, pathname } = location;
  const labels = hostname.split(".");
  const domains = labels.map((_, at) => ";domain=" + labels.slice(at).join("."));
  const ends = [...pathname.matchAll(/\/|$/g)].map(({ index = 0 }) => index);
  const paths = new Set(ends.flatMap((end) => [pathname.slice(0, end + 1), pathname.slice(0, end)]));
  for (const path of paths) { // an empty one is the path of cookies that are set without
    for (const secure of ["", ";secure;samesite=none", ";secure;samesite=none;partitioned"]) {
      for (const domain of ["", ...domains]) yield `=;max-age=0;path=${path}${secure}${domain}`;
    }
  }
}

/**
 * Names are matched again after each attempt, most cookies go with the first: so hundreds of them take no longer than a few.
 * @param {(name: string) => unknown} isTheirs
 * @returns {string[]} the names of those that stayed
 */
export const clearCookies = (isTheirs) => {
  const present = () =>
    [...new Set(document.cookie.split("; ").map((cookie) => cookie.split("=", 1)[0]).filter(isTheirs))];
  let names = present();
  for (const place of places()) {
    if (!names.length) break;
    for (const name of names) document.cookie = name + place;
    names = present();
  }
  return names;
};
