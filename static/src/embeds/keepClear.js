/** The reopen button and short messages never cover a placeholder's buttons: they move up, or down from the top. */

const GAP = 4;

const isOnScreen = (/** @type {Element} */ element) => {
  const { bottom, top, width } = element.getBoundingClientRect();
  return width && bottom > 0 && top < innerHeight;
};

/**
 * @param {import("./placeholder.js").Tools & {root: ShadowRoot}} tools
 * @param {Map<HTMLElement, HTMLElement>} placeholders
 */
export const keepClear = ({ logErrors, root }, placeholders) => {
  /** @type {NodeListOf<HTMLElement>} */
  const movers = root.querySelectorAll(".cw-pill, .cw-toast");
  const move = logErrors(() => {
    const buttons = [...placeholders.values()]
      .filter(isOnScreen)
      .flatMap((host) => [...host.shadowRoot?.querySelectorAll("button") || []])
      .filter(isOnScreen)
      .map((button) => button.getBoundingClientRect())
      .sort((one, other) => other.bottom - one.bottom);
    for (const mover of movers) {
      mover.style.translate = "";
      const { bottom, height, left, right, top } = mover.getBoundingClientRect();
      const fromTop = bottom < innerHeight / 2;
      let at = top;
      for (const button of fromTop ? [...buttons].reverse() : buttons) {
        if (button.left > right + GAP || button.right < left - GAP) continue;
        if (button.top > at + height + GAP || button.bottom < at - GAP) continue;
        at = fromTop ? button.bottom + GAP : button.top - GAP - height;
      }
      if (at != top) mover.style.translate = `0 ${at - top}px`;
    }
  });
  let frame = 0;
  const clear = () => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(move);
  };
  addEventListener("scroll", clear, { capture: true, passive: true });
  const shown = new ResizeObserver(clear);
  movers.forEach((mover) => shown.observe(mover));
  return clear;
};
