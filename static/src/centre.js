/** The preference centre's switches: as they stand, one for a whole group, and how many are on. */

import { attribute } from "./element.js";

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
  const count = () => {
    for (const card of form.querySelectorAll(".cw-card")) {
      const standing = card.querySelector("[data-some]");
      const all = /** @type {HTMLInputElement | null} */ (card.querySelector(".cw-all"));
      const on = switches(card, ":checked").length;
      const said = attribute(standing, "some");
      standing?.replaceChildren(said.replace("{on}", "" + on).replace("{all}", "" + switches(card).length));
      if (!all) continue;
      all.hidden = false;
      all.checked = on > 0 && on == switches(card, ":enabled").length;
      all.indeterminate = on > 0 && !all.checked;
      all.onchange = () => switches(card, ":enabled").forEach((each) => each.checked = all.checked);
    }
  };
  form.onchange = count;
  count();
};

/** @param {ParentNode} form */
export const chosen = (form) => switches(form, ":checked").map(({ value }) => value);
