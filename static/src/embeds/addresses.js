/** The addresses of embeds: they wait as `data-src`, `data-srcset` and `data-poster`, which no browser fetches ahead. */

import { SMALLEST } from "./box.js";

/** Is an address relative, or one of HTTP? */
export const isLoadable = (/** @type {string} */ address) => /^(https?:|[\w.-]*([/?#]|$))/i.test(address);

const makeLazy = (/** @type {Element} */ embed) => embed.setAttribute("loading", "lazy");

/** @param {Element} embed */
const finish = (embed) => {
  const { height, width } = embed.getBoundingClientRect();
  if (!("loading" in embed)) embed.setAttribute("preload", "none");
  else if (height < SMALLEST || width < SMALLEST) {
    embed.setAttribute("loading", "eager"); // never shown, it would never load
    if (!(embed instanceof HTMLIFrameElement) || !width) {
      for (const event of ["load", "error"]) embed.addEventListener(event, () => makeLazy(embed), { once: true });
    }
  }
};

/**
 * Gives embeds their real addresses. They are lazy (media: not preloaded), because a copy of an open embed would else load as
 * soon as it is in a page, allowed or not, and before anybody can remove its address. So it waits to be laid out, and is shut
 * by then.
 * @param {Iterable<Element>} embeds @param {import("../gates/gate.js").Gates} gates
 */
export const setAddresses = (embeds, gates) => {
  for (const embed of embeds) {
    makeLazy(embed); // before the address: Firefox loads a frame again that becomes lazy afterwards
    for (const name of ["src", "srcset", "poster"]) {
      const address = embed.getAttribute("data-" + name);
      if (address && name in embed && isLoadable(address)) embed.setAttribute(name, gates.address?.(embed, address) || address);
    }
    setTimeout(finish, 0, embed);
  }
};

/** @param {import("./placeholder.js").Tools} tools @param {HTMLElement} element */
export const openEmbed = ({ gates }, element) => {
  gates.open.set(element, element.dataset.src || "");
  // Firefox restores at a reload what a frame showed that the parser made, and not one that a script inserted
  if (!element.hasAttribute("src")) element.before(element);
  setAddresses([element], gates);
};
