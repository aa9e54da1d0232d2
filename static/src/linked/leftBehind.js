/** What the site's earlier consent tool has left in this browser, written like a Cookie header. */

/** The server looks at no more. */
const LONGEST = 8192;

/**
 * @param {string[]} keys names of cookies and storage keys; a trailing `*` stands for any ending
 * @returns {string} empty where there is nothing, or too much
 */
export const leftBehind = (keys) => {
  const isTheirs = (/** @type {string} */ name) =>
    keys.some((key) => key.endsWith("*") ? name.startsWith(key.slice(0, -1)) : name == key);
  /** @type {string[]} */
  const found = [];
  try {
    found.push(...document.cookie.split("; ").filter((cookie) => isTheirs(cookie.split("=", 1)[0])));
    for (const name of Object.keys(localStorage).filter(isTheirs)) {
      found.push(name + "=" + encodeURIComponent(localStorage.getItem(name) || ""));
    }
  } catch { /* a page without cookies or storage */ }
  const text = found.join("; ");
  return text.length > LONGEST ? "" : text;
};
