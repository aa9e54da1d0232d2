/** The switches of the preference centre. */

/** @param {ParentNode} form @returns {HTMLInputElement[]} */
const switches = (form, which = "") => [.../** @type {any} */ (form.querySelectorAll("[name=grant]" + which))];

/**
 * @param {HTMLElement} form the preference centre
 * @param {string[]} granted keys of the options that are granted
 * @param {string[]} off keys of those that stay off, whatever the visitor chooses
 */
export const setSwitches = (form, granted, off) => {
  for (const input of switches(form)) {
    input.disabled = off.includes(input.value);
    input.checked = granted.includes(input.value) && !input.disabled;
  }
  CW_LINKED.groups?.(form, switches);
  CW_LINKED.followers?.(form, switches);
};

/** @param {ParentNode} form */
export const checkedKeys = (form) => switches(form, ":checked").map(({ value }) => value);
