/** The options of the notice, by what they are to this visitor. */

import { ownTag } from "./config.js";
import { band, data, gpc } from "./state.js";

/** @typedef {import("./state.js").Option} Option */

/** From now on the visitor is one, whatever else is said. */
export const child = () => ownTag.setAttribute("data-band", "c");

/** What stays off, whatever is pressed: for a child, for a teen, or as the browser's signal says. */
export const forced = (/** @type {Option} */ option) => band == "c" || band == "t" && option.adult || gpc && option.gpc;
export const keys = (/** @type {(option: Option) => unknown} */ which) =>
  data.options.filter(which).map(({ key }) => key);
