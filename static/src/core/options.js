/** The options of the notice, as they stand for this visitor. */

import { data, permits } from "./state.js";

/** @typedef {import("./state.js").Option} Option */

/** Is this on: by its own answer, else for a service by that of its purpose? */
export const isOn = (/** @type {Option} */ option) => permits(option.key) ?? permits(/** @type {string} */ (option.of));
export const optionKeys = (/** @type {(option: Option) => unknown} */ which) =>
  data.options.filter(which).map(({ key }) => key);
