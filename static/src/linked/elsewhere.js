/**
 * On pages of other sites: the server's own pages do not know what the visitor chose here, so the preference centre leads to none of
 * them, and the opt-out of sale and sharing is a button of its own.
 * @param {HTMLElement} form the preference centre
 * @param {typeof import("../ui/element.js").build} build
 */
export const elsewhere = (form, build) => {
  form.querySelector("a[href*=choices]")?.remove();
  const link = form.querySelector("a[href*=share]");
  link?.replaceWith(build(["button", { class: "cw-quiet", value: "opt_out", part: "button" }, link.textContent]));
};
