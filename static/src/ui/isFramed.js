/** Is the page in a frame of another site? That site could cover or move anything in it (clickjacking). */
export const isFramed = () => {
  try {
    for (let frame = self; frame != frame.parent; frame = /** @type {typeof self} */ (frame.parent)) {
      if (frame.parent.location.origin != location.origin) return true;
    }
  } catch {
    return true;
  }
};
