/** One switch for each group of the preference centre, and how many options of the group are on. */

/**
 * @param {HTMLElement} form the preference centre
 * @param {(form: ParentNode, which?: string) => HTMLInputElement[]} switches
 */
export const groups = (form, switches) => {
  /** Those that count: services follow. @param {Element} card */
  const counted = (card, which = "") => switches(card, which + ":not([value*='@'])").length;
  const update = () => {
    for (const card of form.querySelectorAll(".cw-card")) {
      const count = card.querySelector("[data-some]");
      const all = /** @type {HTMLInputElement | null} */ (card.querySelector(".cw-all"));
      const on = counted(card, ":checked");
      const pattern = count?.getAttribute("data-some") || "";
      count?.replaceChildren(pattern.replace("{on}", "" + on).replace("{all}", "" + counted(card)));
      if (!all) continue;
      all.hidden = false;
      all.checked = on > 0 && on == counted(card, ":enabled");
      all.indeterminate = on > 0 && !all.checked;
      all.onchange = () => switches(card, ":enabled").forEach((input) => input.checked = all.checked);
    }
  };
  form.onchange = update;
  update();
};
