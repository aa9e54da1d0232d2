/** Puts a layer that the script has drawn before all of the page, for the Tab key and for screen readers. */

/**
 * Frameworks that take over a whole document (hydration) leave alone what stands behind its content, and discard the page for
 * what stands before it. So the layer is put there when that is over, or when somebody presses the Tab key.
 */
const TAKEN_OVER = 3e3;

/**
 * @param {HTMLElement} host
 * @param {ShadowRoot} root
 * @param {() => void} bringToFront
 * @returns {() => void} to be called whenever the host is brought to the front: moves it, if it is time and nobody is in it
 */
export const lead = (host, root, bringToFront) => {
  let isTime = false;
  const begin = () => {
    if (isTime) return;
    isTime = true;
    bringToFront();
  };
  const wait = () => setTimeout(begin, TAKEN_OVER);
  document.readyState == "complete" ? wait() : addEventListener("load", wait);
  addEventListener("keydown", ({ key }) => key == "Tab" && begin(), true);
  return () => {
    const moves = isTime && host.parentNode == document.body && !root.activeElement && root.querySelector(".cw-layer");
    if (moves) document.body.before(host); // outside of the body, where no rule like `body > :first-child` counts it
  };
};
