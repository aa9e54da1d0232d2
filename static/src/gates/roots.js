/** Where gated elements may be: in the page, and in the open shadow roots of its components. */

import { gatedElements } from "./gate.js";

/** @type {Set<Document | ShadowRoot>} */
export const roots = new Set([document]);

export const allGated = () => [...roots].flatMap(gatedElements);
