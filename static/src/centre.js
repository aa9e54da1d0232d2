/** The preference centre's switches: as they stand, one for a whole group, and how many are on. */

/** @typedef {{on: string, group: string}} Words `{on}` of `{all}`; switch all of `{group}` */

/**
 * @param {HTMLElement} form the centre, as the server describes it
 * @param {(key: string) => boolean | undefined} granted undefined where the browser's signal keeps it off
 * @param {Words} words
 */
export const centre = (form, granted, words) => {
  for (const card of form.querySelectorAll(".cw-card")) {
    const switches = [.../** @type {NodeListOf<HTMLInputElement>} */ (card.querySelectorAll("[name=grant]"))];
    const free = switches.filter((each) => {
      const now = granted(each.value);
      each.checked = !!now;
      return !(each.disabled = now == null);
    });
    if (!switches.length) continue;
    const all = document.createElement("input");
    const count = () => {
      const on = switches.filter((each) => each.checked).length;
      card.querySelector(".cw-count")?.replaceChildren(words.on.replace("{on}", "" + on).replace("{all}", "" + switches.length));
      all.checked = on == switches.length;
      all.indeterminate = on > 0 && !all.checked;
    };
    if (free.length && switches.every((each) => !each.value.includes(":"))) {
      all.type = "checkbox";
      all.className = "cw-all";
      all.setAttribute("role", "switch");
      all.setAttribute("aria-label", words.group.replace("{group}", card.querySelector("h3")?.textContent || ""));
      all.onchange = () => {
        for (const each of free) each.checked = all.checked;
        count();
      };
      card.append(all);
    }
    card.addEventListener("change", count);
    count();
  }
};

/** @param {HTMLElement} form */
export const chosen = (form) =>
  [.../** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll("[name=grant]:checked"))].map((each) => each.value);
