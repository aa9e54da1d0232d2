/** The options of the notice, as they stand for this visitor. */

import { band, data, decided, gpc, permits } from "./state.js";

/** @typedef {import("./state.js").Option} Option */

/** Is this off whatever the visitor presses: for a child, for a teen, or because of the browser's opt-out signal? */
export const isOff = (/** @type {Option} */ option) => band == "c" || band == "t" && option.adult || gpc && option.gpc;
/** Is this on: by its own answer, else for a service by that of its purpose? */
export const isOn = (/** @type {Option} */ option) => decided(option) ?? permits(option.of || "");
export const optionKeys = (/** @type {(option: Option) => unknown} */ which) =>
  data.options.filter(which).map(({ key }) => key);
