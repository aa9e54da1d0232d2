/** The preference centre's switches: as they stand, one for a whole group, and how many are on. */

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
  for (const card of form.querySelectorAll(".cw-card")) {
    const all = /** @type {HTMLInputElement | null} */ (card.querySelector(".cw-all"));
    const standing = /** @type {HTMLElement | null} */ (card.querySelector("[data-some]"));
    const free = switches(card).filter((each) => !each.disabled);
    const count = () => {
      const on = switches(card, ":checked").length;
      const said = standing?.dataset.some?.replace("{on}", "" + on).replace("{all}", "" + switches(card).length);
      standing?.replaceChildren(said || "");
      if (!all) return;
      all.checked = on > 0 && on == free.length;
      all.indeterminate = on > 0 && !all.checked;
    };
    if (all) {
      all.hidden = false;
      all.disabled = !free.length;
      all.onchange = () => free.forEach((each) => each.checked = all.checked);
    }
    card.addEventListener("change", count);
    count();
  }
};

/** @param {HTMLElement} form */
export const chosen = (form) => switches(form, ":checked").map(({ value }) => value);
