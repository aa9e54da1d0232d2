/** Switches of single services in the preference centre: each follows its purpose's, until the visitor moves it. */

/**
 * @param {HTMLElement} form the preference centre
 * @param {(form: ParentNode, which?: string) => HTMLInputElement[]} switches
 */
export const followers = (form, switches) => {
  const update = (/** @type {Event | undefined} */ event) => {
    for (const row of form.querySelectorAll(".cw-row")) {
      const count = /** @type {HTMLElement | null} */ (row.querySelector("[data-services]"));
      if (!count) continue;
      const [purpose] = switches(row);
      const services = switches(row, "[value*='@']");
      if (event?.target == purpose) services.forEach((input) => input.checked = purpose.checked && !input.disabled);
      const on = services.filter((input) => input.checked).length;
      const pattern = count.getAttribute("data-services") || "";
      count.replaceChildren(pattern.replace("{on}", "" + on).replace("{all}", "" + services.length));
      count.hidden = services.every((input) => input.checked == purpose.checked);
    }
  };
  form.addEventListener("change", update);
  update(undefined);
};
