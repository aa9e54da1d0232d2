/** Shows and closes the short message about choices that came from the visitor's account, or went there (CONSENT_ACCOUNT). */

/** @param {typeof import("../tools.js").tools} tools */
export const account = ({ bottomSpace, focusWayBack, root }) => {
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
