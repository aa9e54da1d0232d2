/** The way back: a button that opens the preference centre, where the page shows no link of its own that does. */

import { logErrors } from "../core/logErrors.js";
import { inPage } from "../gates/roots.js";
import { build } from "./element.js";
import { bringToFront } from "./front.js";
import { host, root } from "./host.js";
import { isSilent } from "./isSilent.js";
import { isVisible } from "./isVisible.js";

export const reopenButton = build(["button", { class: "cw-quiet cw-pill", "data-open": "centre", part: "reopen" }]);
/** @type {number | false} */
let timer = 0;
/** How often in a row the page has removed the host at once. */
let removals = 0;

const OPENS = "[data-consent-open]";
/** The page's own link to the preference centre. One in something that opens does not count: the button would come and go. */
const ownLink = () => inPage(OPENS).find((link) => !link.closest("details, dialog, [popover]") && isVisible(link));

/** Shows or hides the button, as the page is now. */
export const updateReopenButton = logErrors(() => {
  if (host.isConnected) removals = 0;
  const isEarly = document.readyState == "loading" && performance.now() < 3e3; // a link may still come
  timer = isEarly && setTimeout(updateReopenButton, 300);
  inPage(OPENS).forEach((link) => watcher.observe(link));
  reopenButton.hidden = isEarly || isSilent() || root.querySelector(".cw-layer") || !!ownLink();
  reopenButton.style.bottom = "";
  for (const element of document.elementsFromPoint(32, innerHeight - 32)) {
    const { top } = element.getBoundingClientRect();
    if (top > innerHeight / 2 && /fixed|sticky/.test(getComputedStyle(element).position)) { // a bar of the page, with buttons perhaps
      reopenButton.style.bottom = innerHeight - top + 8 + "px";
    }
  }
});

/** After an act the focus goes to where the visitor can change their choice. The page does not scroll there. */
export const focusWayBack = () => (ownLink() || reopenButton).focus({ preventScroll: true });

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
addEventListener("resize", logErrors(onPageChange));
