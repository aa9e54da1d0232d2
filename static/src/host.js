/** Where the widget lives in the page: one element, in front of everything the page may do. */

import { build } from "./element.js";

export const host = /** @type {HTMLElement} */ (document.querySelector("consent-widget")) || build(["consent-widget"]);
export const root = host.shadowRoot || host.attachShadow({ mode: "open" });
export const sheet = new CSSStyleSheet();

/** Once into the page where it is not, or no longer, and into the top layer: no transform, overflow or z-index reaches there. */
export const settle = () => {
  for (const other of document.querySelectorAll("consent-widget")) if (other != host) other.remove();
  if (!host.isConnected) (document.body || document.documentElement).append(host);
  if (host.showPopover && !host.matches(":popover-open")) {
    host.popover = "manual";
    host.showPopover();
  }
};

/** Is the page inside one of another site, which could put anything over it? */
export const framed = () => {
  try {
    for (let frame = self; frame != frame.parent; frame = /** @type {typeof self} */ (frame.parent)) {
      if (frame.parent.location.origin != location.origin) return true;
    }
  } catch {
    return true;
  }
};
