/** The addresses of embeds: they wait as `data-src`, `data-srcset` and `data-poster`, which no browser fetches ahead. */

import { SMALLEST } from "./box.js";

/** Is an address relative, or one of HTTP? */
export const isLoadable = (/** @type {string} */ address) => /^(https?:|[\w.-]*([/?#]|$))/i.test(address);

const makeLazy = (/** @type {Element} */ embed) => embed.setAttribute("loading", "lazy");

/** What nobody sees, such as a vendor's counting pixel, would never load: it is begun, and lazy again before anything copies it. */
const finisher = new IntersectionObserver((entries) => {
  for (const { boundingClientRect, isIntersecting, target } of entries) {
    finisher.unobserve(target);
    const { height, width } = boundingClientRect;
    if (!("loading" in target)) target.setAttribute("preload", "none");
    else if (!isIntersecting && (height < SMALLEST || width < SMALLEST)) {
      target.setAttribute("loading", "eager");
      queueMicrotask(() => makeLazy(target)); // Firefox begins in a microtask
    }
  }
});

/**
 * Gives embeds their real addresses. They are lazy (media: not preloaded), because a copy of an open embed would else load as
 * soon as it is in a page, allowed or not, and before anybody can remove its address. So it waits to be laid out, and is shut
 * by then. (Firefox loads a frame again that is seen after it was begun unseen.)
 * @param {Iterable<Element>} embeds @param {import("../gates/gate.js").Gates} gates
 */
export const setAddresses = (embeds, gates) => {
  for (const embed of embeds) {
    makeLazy(embed); // before the address: Firefox loads a frame again that becomes lazy afterwards
    for (const name of ["src", "srcset", "poster"]) {
      const address = embed.getAttribute("data-" + name);
      if (address && name in embed && isLoadable(address)) embed.setAttribute(name, gates.address?.(embed, address) || address);
    }
    finisher.observe(embed);
  }
};

/** @param {import("./placeholder.js").Tools} tools @param {HTMLElement} element */
export const openEmbed = ({ gates }, element) => {
  gates.open.set(element, element.dataset.src || "");
  // Firefox restores at a reload what a frame showed that the parser made, and not one that a script inserted
  if (!element.hasAttribute("src")) element.before(element);
  setAddresses([element], gates);
};
