/** One switch for a whole group in the preference centre, and how many of its own are on. */

/**
 * @param {HTMLElement} form the centre
 * @param {(form: ParentNode, which?: string) => HTMLInputElement[]} switches
 */
export const groups = (form, switches) => {
  const count = () => {
    for (const card of form.querySelectorAll(".cw-card")) {
      const standing = card.querySelector("[data-some]");
      const all = /** @type {HTMLInputElement | null} */ (card.querySelector(".cw-all"));
      const on = switches(card, ":checked").length;
      const pattern = standing?.getAttribute("data-some") || "";
      standing?.replaceChildren(pattern.replace("{on}", "" + on).replace("{all}", "" + switches(card).length));
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
