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
