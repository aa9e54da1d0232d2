/** Can this be seen, once it is scrolled to? Older browsers only say whether it has a box. @param {Element} element */
export const isVisible = (element) =>
  element.checkVisibility?.({ visibilityProperty: true }) ?? element.getClientRects()[0];
