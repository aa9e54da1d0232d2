/** Keeps the widget in front of the page, and out of what the page makes inert. */

import { logErrors } from "../core/logErrors.js";
import { inPage } from "../gates/roots.js";
import { attachHost, host, moveToTopLayer, root } from "./host.js";

/**
 * In front of the page, and the only one: a page that replaced its content may have brought a second one. While a modal dialog
 * of the page is open, all outside of it is inert, so the host is in it.
 */
export const bringToFront = () => {
  inPage("consent-widget").forEach((other) => other == host || other.remove());
  host.inert = false;
  if (!("popover" in host)) return attachHost(); // such a browser does not know `:modal` either
  const modal = inPage("dialog:modal").pop();
  if (!modal) lead?.();
  if (host.closest("dialog") != modal) (modal || document.body).append(host);
  moveToTopLayer();
  root.querySelectorAll("dialog[open]:not(:modal)").forEach((/** @type {any} */ dialog) => {
    dialog.removeAttribute("open"); // it was modal until the host was moved
    dialog.showModal();
  });
};

/** What the server has drawn stays where the site wants it. */
const lead = CW_SHARED.rendered ? undefined : CW_LINKED.lead?.(host, root, logErrors(bringToFront));
