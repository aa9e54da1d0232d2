/** Closes the short message about choices that came from the visitor's account, or went there (CONSENT_ACCOUNT). */

/** @param {Pick<typeof import("../tools.js").tools, "bottomSpace" | "focusWayBack" | "root">} tools */
export const told = ({ bottomSpace, focusWayBack, root }) => {
  const bar = /** @type {HTMLElement | null} */ (root.querySelector(".cw-told"));
  const close = bar?.querySelector("button");
  if (!bar || !close) return;
  close.hidden = false;
  close.addEventListener("click", () => {
    bar.remove();
    focusWayBack();
  });
  bottomSpace.observe(bar);
};
