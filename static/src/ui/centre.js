/** The preference centre's switches as they stand. */

/** @param {ParentNode} form @returns {HTMLInputElement[]} */
const switches = (form, which = "") => [.../** @type {any} */ (form.querySelectorAll("[name=grant]" + which))];

/**
 * @param {HTMLElement} form the centre, as the server describes it
 * @param {string[]} granted
 * @param {string[]} forced what the browser's signal keeps off
 */
export const centre = (form, granted, forced) => {
  for (const each of switches(form)) {
    each.disabled = forced.includes(each.value);
    each.checked = granted.includes(each.value) && !each.disabled;
  }
  CW_MORE.groups?.(form, switches);
};

/** @param {ParentNode} form */
export const chosen = (form) => switches(form, ":checked").map(({ value }) => value);
