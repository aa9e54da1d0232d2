/** What the visitor has decided, as far as this page knows; and the notice it is about. */

import { HOME } from "./element.js";
import { host } from "./host.js";
import { kept } from "./kept.js";
import { aged, decision, policy, today } from "./policy.js";
import { bandOf, cookie, readToken } from "./token.js";

/** @typedef {import("./element.js").Tree} Tree */
/** @typedef {import("./kept.js").Submission} Submission */
/** @typedef {import("./policy.js").Option} Option */
/**
 * @typedef {import("./policy.js").Terms & {
 *   locale: string, site?: string, domain?: string, origins?: string[], days: number, notice: string,
 *   scripted?: unknown, modal?: unknown, words: Record<string, string>, layer: Tree, centre: Tree, leave?: any, news?: any, age?: any
 * }} Data what the server puts into this file, in one locale
 */

/** @type {Data} */
export let data = CW_DATA;
export const learn = (/** @type {Data} */ next) => data = next;

export const gpc = /** @type {any} */ (navigator).globalPrivacyControl || host.hasAttribute("data-gpc");
if (gpc) host.dataset.gpc = "";

const strange = data.site && !data.origins?.includes(location.origin);
const name = (location.protocol == "https:" && !data.domain ? "__Host-cw" : "cw") + (strange ? "-" + data.site : "");
/** On a page of another site, which keeps its own choices. */
export const memory = CW_MORE.memory?.(data, name, cookie, HOME);
export const token = () => (memory ? memory.read() : cookie(name)) || CW_SHARED.held || "";

/** @type {import("./token.js").Decisions} */
let decisions = {};
/** How old the visitor is: as his account says, else as he said. Empty where that is not known, or of no matter. */
export let band = "";

/**
 * What is refused counts at once, saved or not.
 * @param {Submission} said
 */
export const refuse = ({ action, purposes }) => {
  if (/reject|withdraw/.test(action)) decisions = {};
  for (const { key, tag } of data.options) {
    if (purposes[key] != false) continue;
    decisions[tag] = [false, today()];
    memory?.mark();
  }
};

/** As the token says, and as what is still to be sent refuses. */
export const recall = () => {
  decisions = readToken(token()) || {};
  const said = data.age && bandOf(token());
  band = data.age && host.dataset.band || said || "";
  decisions = aged(decisions, said, band);
  kept().forEach(refuse);
};

export const may = () => policy(data, decisions, gpc, today(), band);
export const asked = (/** @type {Option} */ option) => decision(option, decisions, today());
export const due = () =>
  data.options.some((option) =>
    data.age?.ask && !band && asked(option) ||
    option.bulk && !option.key.includes(":") && asked(option) == null
  );
