/**
 * In a frame of a page of this origin that has the widget too, this one is silent: that one asks, and shows the way back; this one
 * only obeys. Of a parent of another origin nobody can know.
 */

/** The page around this one, where that has the same origin. @type {Window | undefined} */
export let outer;
try {
  if (parent != self && parent.document) outer = parent;
} catch { /* another origin */ }

export const isSilent = () => /** @type {any} */ (outer)?.[Symbol.for("cw")];
