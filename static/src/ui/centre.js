/** The switches of the preference centre, and what the visitor has moved there and not saved yet. */

/** @type {Map<string, boolean>} by key, how the moved switches stand. Closing the centre keeps it. */
const draft = new Map();
export const forgetDraft = () => draft.clear();

/** @param {ParentNode} form @returns {HTMLInputElement[]} */
const switches = (form, which = "") => [.../** @type {any} */ (form.querySelectorAll("[name=grant]" + which))];

/**
 * Says how many switches are on.
 * @param {Element | null} element with the pattern in an attribute of this name
 * @param {string} name
 * @param {HTMLInputElement[]} inputs
 * @param {string} [date]
 */
const tell = (element, name, inputs, date = "") =>
  element?.replaceChildren(
    (element.getAttribute(name) || "").replace("{on}", "" + inputs.filter((input) => input.checked).length)
      .replace("{all}", "" + inputs.length).replace("{date}", date),
  );

/**
 * Sets every switch as things stand, except those that the visitor has moved. One that is locked stays in the tab order: the
 * reason stands beside it.
 * @param {HTMLElement} form the preference centre
 * @param {string[]} granted keys of the options that are granted
 * @param {string[]} off keys of those that stay off, whatever the visitor chooses
 * @param {string | undefined} time of the visitor's last choice, as their token has it, if they have chosen
 */
export const setSwitches = (form, granted, off, time) => {
  for (const input of switches(form)) {
    const locked = off.includes(input.value);
    input.setAttribute("aria-disabled", "" + locked);
    input.onclick = () => !locked;
  }
  const movable = switches(form, ":not([aria-disabled=true])");
  const set = (/** @type {(key: string) => boolean} */ isOn) =>
    movable.forEach((input) => input.checked = isOn(input.value));
  set((key) => granted.includes(key));
  const opening = /** @type {HTMLElement | null} */ (form.querySelector("[data-now]"));
  if (time && opening) {
    const day = new Date(parseInt(time, 36) * 1e3).toLocaleDateString(opening.lang, { day: "numeric", month: "long" });
    tell(opening, "data-now", switches(form, ":not([value*='@'])"), day);
  }
  set((key) => draft.get(key) ?? granted.includes(key));
  const update = (/** @type {EventTarget | null | undefined} */ moved) => {
    CW_LINKED.groups?.(form, switches, tell, moved);
    CW_LINKED.followers?.(form, switches, tell, moved);
    for (const { value, checked } of movable) {
      checked == granted.includes(value) ? draft.delete(value) : draft.set(value, checked);
    }
    form.classList.toggle("cw-moved", draft.size > 0);
    /** @type {HTMLElement} */ (form.querySelector(".cw-foot b")).hidden = !draft.size;
  };
  form.onchange = ({ target }) => update(target);
  update(undefined);
};

/** @param {ParentNode} form */
export const checkedKeys = (form) => switches(form, ":checked").map(({ value }) => value);
