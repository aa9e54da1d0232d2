/** The addresses of embeds: they wait as `data-src`, `data-srcset` and `data-poster`, which no browser fetches ahead. */

import { attribute } from "../core/config.js";
import { isLoadable } from "./gate.js";

/**
 * Gives embeds their real addresses. A copy of an open embed would load as soon as it is in a page, allowed or not, and before
 * anybody can remove its address; so then they get attributes with which a copy waits until it is shown, and it is shut by then.
 * What has begun to load does not heed them.
 * @param {Iterable<Element>} embeds
 */
export const setAddresses = (embeds) => {
  for (const embed of embeds) {
    for (const name of ["src", "srcset", "poster"]) {
      const address = attribute(embed, name);
      if (address && name in embed && isLoadable(address) && embed.getAttribute(name) != address) embed.setAttribute(name, address);
    }
    setTimeout(() => {
      if ("loading" in embed) embed.setAttribute("loading", "lazy");
      else embed.setAttribute("preload", "none");
    });
  }
};
