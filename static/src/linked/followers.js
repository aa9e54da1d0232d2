/** Switches of single services in the preference centre: each follows its purpose's, until the visitor moves it. */

/**
 * @param {HTMLElement} form the preference centre
 * @param {(form: ParentNode, which?: string) => HTMLInputElement[]} switches
 * @param {(element: Element | null, name: string, inputs: HTMLInputElement[]) => unknown} tell how many are on
 * @param {EventTarget | null | undefined} moved what the visitor has just moved
 */
export const followers = (form, switches, tell, moved) => {
  for (const row of form.querySelectorAll(".cw-row")) {
    const count = /** @type {HTMLElement | null} */ (row.querySelector("[data-services]"));
    if (!count) continue;
    const [purpose] = switches(row);
    const services = switches(row, "[value*='@']");
    if (moved == purpose) services.forEach((input) => input.checked = purpose.checked);
    tell(count, "data-services", services);
    count.hidden = services.every((input) => input.checked == purpose.checked);
  }
};
