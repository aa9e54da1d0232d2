/**
 * A press on something that has only just appeared was meant for what was there before. So for half a second after something
 * appears, a press can only refuse.
 */

import { refuses } from "../core/refusals.js";

export const delay = () => CW_SHARED.delay = performance.now() + 500;
/** When the window gets the focus, something that covered the page may have gone: unless a press here brought the focus. */
addEventListener("focus", () => navigator.userActivation?.isActive || delay());

/**
 * Is this a person's press on a button that does more than refuse, too soon for them to have read it?
 * @param {{isTrusted: boolean, timeStamp?: number}} press
 * @param {string} action the button's value, empty where it only opens something
 * @param {number} [delayEnd] the time from which presses count
 */
export const isHasty = (press, action, delayEnd = CW_SHARED.delay) =>
  press.isTrusted && /** @type {number} */ (press.timeStamp) < /** @type {number} */ (delayEnd) &&
  action && !refuses(action);
