/** Keeps the widget in front of the page, and out of what the page makes inert. */

import { host, moveToTopLayer, root } from "./host.js";
import { inPage } from "./inPage.js";

/** When the host was last removed by the page, and how often in a row within a second. */
let last = 0;
let removals = 0;

/**
 * In front of the page, and the only one: a page that replaced its content may have brought a second one. While a modal dialog
 * of the page is open, all outside of it is inert, so the host is in it.
 */
export const bringToFront = () => {
  for (const other of inPage("consent-widget")) if (other != host) other.remove();
  const focused = /** @type {HTMLElement | null} */ (root.activeElement);
  const modal = "popover" in host && inPage("dialog:modal").pop(); // older browsers do not know `:modal`
  if (modal ? !modal.contains(host) : host.closest("dialog")) (modal || document.body).append(host);
  host.inert = false;
  moveToTopLayer();
  for (const dialog of root.querySelectorAll("dialog")) {
    if (dialog.matches(":modal")) continue;
    dialog.removeAttribute("open"); // it was modal until the host was moved
    dialog.showModal();
    focused?.focus();
  }
};

/** After the page has changed. An extension that removes the host each time has its way: the page must stay usable. */
export const stayInFront = () => {
  if (!host.isConnected) {
    const now = performance.now();
    removals = now - last < 1e3 ? removals + 1 : 0;
    last = now;
  }
  if (removals < 9) bringToFront();
};
