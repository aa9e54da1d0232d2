/** Where the widget lives in the page: one element, in front of everything the page may do. */

import { ownTag, rendered } from "../core/config.js";
import { gpc } from "../core/state.js";

export const host = CW_SHARED.host ??=
  /** @type {HTMLElement} */ (rendered && ownTag.previousElementSibling || document.createElement("consent-widget"));
if (gpc) host.dataset.gpc = "";
export const root = host.shadowRoot || host.attachShadow({ mode: "open" });
export const sheet = new CSSStyleSheet();

/** Into the page where it is not, or no longer. */
export const place = () => {
  if (!host.isConnected) (document.body || document.documentElement).append(host);
};

/** Once, and into the top layer: no transform, overflow or z-index of the page reaches there. */
export const settle = () => {
  place();
  host.setAttribute("popover", "manual"); // the property is unknown to older browsers, but first.css asks for the attribute
  if (host.showPopover && !host.matches(":popover-open")) host.showPopover();
};
