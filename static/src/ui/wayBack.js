/** The way back: a button that opens the preference centre, where the page shows no link of its own that does. */

import { logErrors } from "../core/logErrors.js";
import { build } from "./element.js";
import { bringToFront } from "./front.js";
import { host, root } from "./host.js";
import { inPage } from "./inPage.js";
import { isSilent } from "./isSilent.js";
import { isVisible } from "./isVisible.js";

export const reopenButton = build(["button", { class: "cw-pill", "data-open": "centre", part: "reopen" }]);
/** @type {number | false} */
let timer = 0;
/** How often in a row the page has removed the host at once. */
let removals = 0;

/** Shows or hides the button, as the page is now. A link in something that opens does not count: the button would come and go. */
export const updateReopenButton = logErrors(() => {
  if (host.isConnected) removals = 0;
  const isEarly = document.readyState == "loading" && performance.now() < 3e3; // a link may still come
  timer = isEarly && setTimeout(updateReopenButton, 300);
  const links = inPage("[data-consent-open]");
  links.forEach((link) => watcher.observe(link));
  reopenButton.hidden = isEarly || isSilent() || root.querySelector(".cw-layer") ||
    links.some((link) => !link.closest("details, dialog, [popover]") && isVisible(link));
});

/**
 * Puts the host back at once, unless an extension removes it each time: then the page must stay usable. The button follows a
 * moment later, as a view that takes the place of another may bring its link only then.
 */
export const onPageChange = () => {
  if (host.isConnected || removals++ < 9) bringToFront();
  timer ||= setTimeout(updateReopenButton, 300);
};

/** Tells when a link gets a box or loses it, wherever on the page it is. */
const watcher = new IntersectionObserver(onPageChange, { rootMargin: "999999px" });
