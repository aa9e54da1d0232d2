/** The element that the widget lives in, in front of everything that the page shows. */

import { gpc } from "../core/state.js";

export const host = CW_SHARED.host ??= document.createElement("consent-widget");
if (gpc) host.dataset.gpc = "";
export const root = host.shadowRoot || host.attachShadow({ mode: "open" });

/** Adds the element to the page where it is not there, or was removed. */
export const attachHost = () => {
  if (!host.isConnected) (document.body || document.documentElement).append(host);
};

/** Moves the element to the top layer, which no transform, overflow or z-index of the page affects. */
export const moveToTopLayer = () => {
  attachHost();
  host.setAttribute("popover", "manual"); // the attribute: first.css looks for it, and older browsers lack the property
  if (host.showPopover && !host.matches(":popover-open")) host.showPopover();
};
