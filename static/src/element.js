/** Elements from the trees the server makes: text is only ever text, so no sink needs trusting. */

/** @typedef {[tag: string, ...unknown[]]} Tree */

/** Where this file comes from, and with it everything else of ours. */
export const HOME = CW_SHARED.home;

/**
 * @param {Tree} tree `[tag, {attributes}?, child, …]`
 * @returns {HTMLElement}
 */
export const build = (tree) => {
  const made = document.createElement(tree[0]);
  for (let at = 1; at < tree.length; at++) { // without iterators, which a slow phone is slow at
    const part = /** @type {any} */ (tree[at]);
    if (typeof part == "string") made.append(part);
    else if (Array.isArray(part)) made.append(build(/** @type {Tree} */ (part)));
    else {
      for (const name of Object.keys(part)) {
        made.setAttribute(name, name == "href" && part[name][0] != "#" ? HOME + part[name] : part[name]);
      }
    }
  }
  return made;
};
