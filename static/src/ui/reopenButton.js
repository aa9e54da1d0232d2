/** The way back: a button that opens the preference centre, where the page shows no link of its own that does. */

import { logErrors } from "../core/logErrors.js";
import { build } from "./element.js";
import { root } from "./host.js";
import { inPage } from "./inPage.js";
import { isSilent } from "./isSilent.js";
import { isVisible } from "./isVisible.js";

export const reopenButton = build(["button", { class: "cw-pill", "data-open": "centre", part: "reopen" }]);
let timer = 0;

/** Shows or hides the button, as the page is now. A link in something that opens does not count: the button would come and go. */
export const updateReopenButton = () => {
  timer = 0;
  const links = inPage("[data-consent-open]");
  links.forEach((link) => watcher.observe(link));
  reopenButton.hidden = isSilent() || root.querySelector(".cw-layer") ||
    links.some((link) => !link.closest("details, dialog, [popover]") && isVisible(link));
};

/** The same soon: a view that takes the place of another may bring its link a moment later. */
export const updateSoon = () => timer ||= setTimeout(logErrors(updateReopenButton), 300);

/** Tells when a link gets a box or loses it, wherever on the page it is. */
const watcher = new IntersectionObserver(updateSoon, { rootMargin: "999999px" });
