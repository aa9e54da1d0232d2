/** A press on what has only just come up was meant for something else: for half a second nothing is granted by it. */

export const calm = () => CW_SHARED.calm = performance.now() + 500;
/** Something in front of the page is gone. Where the visitor has just pressed here, it is that press which brought the focus. */
addEventListener("focus", () => navigator.userActivation?.isActive || calm());

/**
 * Is this a person's press on a granting button, too soon for them to have seen what it is?
 * @param {{isTrusted: boolean, timeStamp?: number}} press
 * @param {string} value of the button
 * @param {number} [until] when it has been there for long enough
 */
export const hasty = (press, value, until = CW_SHARED.calm) =>
  press.isTrusted && /** @type {number} */ (press.timeStamp) < /** @type {number} */ (until) && /^[as]/.test(value);
