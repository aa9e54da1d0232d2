/** Elements from the trees the server makes: text is only ever text, so no sink needs trusting. */

/** @typedef {[tag: string, ...unknown[]]} Tree */

/**
 * @param {Tree} tree `[tag, {attributes}?, child, …]`
 * @returns {HTMLElement}
 */
export const build = ([tag, ...parts]) => {
  const made = document.createElement(tag);
  for (const part of parts) {
    if (Array.isArray(part)) made.append(build(/** @type {Tree} */ (part)));
    else if (typeof part == "string") made.append(part);
    else for (const name in /** @type {any} */ (part)) made.setAttribute(name, /** @type {any} */ (part)[name]);
  }
  return made;
};
