/** In the first part of the script: nothing is asked before the rest knows what the earlier consent tool has left. */

import { leftBehind } from "./leftBehind.js";

/**
 * @template {{options: unknown[], earlier: {keys: string[]}}} Data
 * @param {Data} data
 * @returns {Data} without options where there is something: then the rest of the script opens, shuts and asks
 */
export const wait = (data) => leftBehind(data.earlier.keys) ? { ...data, options: [] } : data;
