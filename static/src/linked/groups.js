/** One checkbox for each group of the preference centre, and how many options of the group are on. */

/**
 * @param {HTMLElement} form the preference centre
 * @param {(form: ParentNode, which?: string) => HTMLInputElement[]} switches
 * @param {(element: Element | null, name: string, inputs: HTMLInputElement[]) => unknown} tell how many are on
 * @param {EventTarget | null | undefined} moved what the visitor has just moved
 */
export const groups = (form, switches, tell, moved) => {
  for (const card of form.querySelectorAll(".cw-card")) {
    const inputs = switches(card);
    const movable = switches(card, ":not([aria-disabled=true])");
    const on = movable.some((input) => !input.checked);
    const all = /** @type {HTMLInputElement | null} */ (card.querySelector(".cw-all input"));
    if (all && all == moved) movable.forEach((input) => input.checked = on);
    tell(card.querySelector("[data-some]"), "data-some", switches(card, ":not([value*='@'])")); // services follow
    if (!all) continue;
    /** @type {HTMLElement} */ (all.parentNode).hidden = false;
    all.checked = inputs.every((input) => input.checked);
    all.indeterminate = !all.checked && inputs.some((input) => input.checked);
  }
};
