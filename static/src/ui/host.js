/** The element that the widget lives in, in front of everything that the page shows. */

import { ownTag, rendered } from "../core/config.js";
import { gpc } from "../core/state.js";

const previous = rendered && ownTag.previousElementSibling;
export const host = CW_SHARED.host ??= /** @type {HTMLElement} */ (previous && previous.localName == "consent-widget"
  ? previous
  : document.createElement("consent-widget"));
if (gpc) host.dataset.gpc = "";
/** What the server has drawn, where the browser knows no shadow roots in markup (before Chrome 111, Safari 16.4, Firefox 123). */
const drawn = host.querySelector("template");
export const root = host.shadowRoot || host.attachShadow({ mode: "open" });
if (drawn) root.append(drawn.content);

/** Before Firefox 101 and Safari 16.4 there are no sheets to share: each shadow root has an element instead. */
const sheet = root.adoptedStyleSheets && new CSSStyleSheet();
let style = "";
/** @param {ShadowRoot} place in the style of the widget @param {string} [css] that is the style from now on */
export const setStyle = (place, css = style) => {
  if (sheet) {
    if (css != style) sheet.replaceSync(css);
    place.adoptedStyleSheets = [sheet];
  } else {
    const element = place.querySelector("style") || place.appendChild(document.createElement("style"));
    element.nonce = ownTag.nonce;
    element.textContent = css;
  }
  style = css;
};

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
