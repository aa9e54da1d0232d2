/** The preference centre's switches: as they stand, one for a whole group, and how many are on. */

/**
 * @param {HTMLElement} form the centre, as the server describes it
 * @param {string[]} granted
 * @param {string[]} forced what the browser's signal keeps off
 * @param {string} on `{on}` of `{all}`
 * @param {string} every switch all of `{group}`
 */
export const centre = (form, granted, forced, on, every) => {
  for (const card of form.querySelectorAll(".cw-card")) {
    const switches = [.../** @type {NodeListOf<HTMLInputElement>} */ (card.querySelectorAll("[name=grant]"))];
    for (const each of switches) {
      each.disabled = forced.includes(each.value);
      each.checked = granted.includes(each.value) && !each.disabled;
    }
    const heading = card.querySelector("h3")?.textContent;
    if (!heading || !switches[0]) continue;
    const all = document.createElement("input");
    const count = () => {
      const now = switches.filter((each) => each.checked).length;
      card.querySelector("summary .cw-small")?.replaceChildren(on.replace("{on}", "" + now).replace("{all}", "" + switches.length));
      all.checked = now == switches.length;
      all.indeterminate = now > 0 && !all.checked;
    };
    all.type = "checkbox";
    all.className = "cw-all";
    all.setAttribute("role", "switch");
    all.setAttribute("aria-label", every.replace("{group}", heading));
    all.disabled = switches.every((each) => each.disabled);
    all.onchange = () => {
      for (const each of switches) each.checked = all.checked && !each.disabled;
    };
    if (switches.every((each) => !each.value.includes(":"))) card.append(all);
    card.addEventListener("change", count);
    count();
  }
};

/** @param {HTMLElement} form */
export const chosen = (form) =>
  [.../** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll("[name=grant]:checked"))].map(({ value }) => value);
