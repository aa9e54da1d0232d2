/** Elements from the trees the server makes: text is only ever text, so no sink needs trusting. */

/** @typedef {[tag: string, ...unknown[]]} Tree */

/** Where this file comes from, and with it everything else of ours. */
export const HOME = /** @type {HTMLScriptElement | null} */ (document.currentScript)?.src.replace(/[^/]*$/, "") || "";

/**
 * @param {Tree} tree `[tag, {attributes}?, child, …]`
 * @returns {HTMLElement}
 */
export const build = ([tag, ...parts]) => {
  const made = document.createElement(tag);
  for (const part of parts) {
    if (Array.isArray(part)) made.append(build(/** @type {Tree} */ (part)));
    else if (typeof part == "string") made.append(part);
    else {
      for (const [name, value] of Object.entries(/** @type {Record<string, string>} */ (part))) {
        made.setAttribute(name, name == "href" && value[0] != "#" ? HOME + value : value);
      }
    }
  }
  return made;
};
