/**
 * Clears up after a service that may not run: removes the cookies and storage keys that it has left on this site.
 * @param {import("./policy.js").Service} service
 */
export const clear = ({ cookies, storage }) => {
  /** @param {string[]} names @param {string[]} patterns each a name, or a beginning and `*` */
  const among = (names, patterns) =>
    names.filter((name) =>
      patterns.some((each) => each.endsWith("*") ? name.startsWith(each.slice(0, -1)) : name == each)
    );
  try {
    for (const name of among(document.cookie.split("; ").map((each) => each.split("=")[0]), cookies)) {
      location.hostname.split(".").forEach((_, at, labels) => {
        document.cookie = name + "=;max-age=0;path=/;domain=" + labels.slice(at).join(".");
      });
      document.cookie = name + "=;max-age=0;path=/";
    }
    for (const box of [localStorage, sessionStorage]) {
      among(Object.keys(box), storage).forEach((key) => box.removeItem(key));
    }
  } catch { /* a page that may not read its storage has nothing to clear */ }
};
