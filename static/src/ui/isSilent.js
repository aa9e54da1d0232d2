/**
 * Is this page in a frame of a page of its origin that has the widget too? Then that one asks and shows the way back, and this one
 * only obeys. Of a parent of another origin nobody can know.
 * @returns {any}
 */
export const isSilent = (frame = self) => {
  try {
    const { parent } = frame;
    return parent != frame && (/** @type {any} */ (parent)[Symbol.for("cw")] || isSilent(/** @type {any} */ (parent)));
  } catch { /* another origin */ }
};
