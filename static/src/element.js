/** Elements from the trees the server makes: text is only ever text, so no sink needs trusting. */

/** @typedef {[tag: string, ...unknown[]]} Tree */

/** Our own `<script>`. */
export const ownTag = CW_SHARED.tag;

/**
 * Where this file comes from, and with it everything else of ours: what its tag says, completed by the page's address.
 * The tag's property `src` would be completed by a `<base>` that somebody put into a comment.
 */
export const HOME = new URL(".", new URL(/** @type {string} */ (ownTag.getAttribute("src")), location.href)).href;

/** All that a tree may be made of. The first part has no list: it makes what stands in its own file, and nothing else. */
const NAMES = CW_MORE.names || /./;

/**
 * @param {Tree} tree `[tag, {attributes}?, child, …]`
 * @returns {HTMLElement}
 */
export const build = (tree) => {
  const made = document.createElement(NAMES.test(tree[0]) ? tree[0] : "b");
  for (let at = 1; at < tree.length; at++) { // without iterators, which a slow phone is slow at
    const part = /** @type {any} */ (tree[at]);
    if (typeof part == "string") made.append(part);
    else if (Array.isArray(part)) made.append(build(/** @type {Tree} */ (part)));
    else {
      for (const name of Object.keys(part)) {
        const value = part[name];
        if (name == "href") made.setAttribute(name, /^#/.test(value) ? value : HOME + value);
        else if (NAMES.test(name)) made.setAttribute(name, value);
      }
    }
  }
  return made;
};

/** What an element's `data-…` attribute says, empty where it has none. */
export const attribute = (/** @type {Element | null | undefined} */ element, /** @type {string} */ name) =>
  element?.getAttribute("data-" + name) || "";
