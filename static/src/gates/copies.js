/** Copies of the page, which frameworks keep for going back: what was open in them must not load again by itself. */

/**
 * A copy of an open embed would load as soon as it is in a page, allowed or not, and before anybody can remove its address.
 * With these attributes it waits until it is shown, and is shut by then. What has begun to load already does not heed them.
 * @param {Iterable<Element>} embeds that have just been opened
 */
export const makeCopiesWait = (embeds) => {
  setTimeout(() => {
    for (const embed of embeds) {
      if ("loading" in embed) embed.setAttribute("loading", "lazy");
      else embed.setAttribute("preload", "none");
    }
  });
};
