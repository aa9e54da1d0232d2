/** Closes the short message about choices that came from the visitor's account, or went there (CONSENT_ACCOUNT). */

import { scope } from "./scope.js";

/** @param {Pick<typeof import("../tools.js").tools, "bottomSpace" | "focusWayBack" | "logErrors" | "root">} tools */
export const told = (tools) => {
  const { bottomSpace, focusWayBack, root } = tools;
  if (root.host.hasAttribute("data-account")) scope(tools); // in a page that the server has drawn for its visitor
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
