/** What the server has put into a page: on the tag what it knows of this visitor, and in the element right before it the layer. */

import { attribute } from "./config.js";

/** @returns {string | undefined} the digest of the notice that the server has drawn */
const readPage = () => {
  const { tag } = CW_SHARED;
  if (!tag || CW_SHARED.host) return; // the first part has made one
  if (tag.hasAttribute("data-token")) {
    Object.assign(CW_SHARED, {
      rendered: true,
      judged: attribute(tag, "token").split(" "),
      band: attribute(tag, "band"),
      gpc: attribute(tag, "gpc"),
    });
  }
  const host = /** @type {HTMLElement | null} */ (tag.previousElementSibling);
  if (host?.localName != "consent-widget") return; // another site's page, or one that was changed on its way
  CW_SHARED.host = host;
  const template = host.querySelector("template");
  // before Chrome 111, Safari 16.4 and Firefox 123 it is no shadow root yet
  if (template) host.attachShadow({ mode: "open" }).append(template.content);
  return host.shadowRoot?.querySelector("[name=notice]")?.getAttribute("value")?.slice(0, 16);
};

/** Not this script's, on a page of before a deployment. */
export const drawnNotice = readPage();
