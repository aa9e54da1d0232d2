/** What the visitor has decided, as far as this page knows; and the notice it is about. */

import { attribute, ownTag } from "./config.js";
import { kept } from "./kept.js";
import { aged, decision, policy, today } from "./policy.js";
import { stateId } from "./token.js";
import { memory, token, tokens } from "./trust.js";

/** @typedef {import("../ui/element.js").Tree} Tree */
/** @typedef {import("./kept.js").Submission} Submission */
/** @typedef {import("./policy.js").Option} Option */
/**
 * @typedef {import("./policy.js").Terms & {
 *   locale: string, site?: string, domain?: string, origins?: string[], days: number, notice: string,
 *   scripted?: unknown, modal?: unknown, words: Record<string, string>, layer: Tree, centre: Tree, leave?: any, news?: any, age?: any
 * }} Data what the server puts into this file, in one locale
 */

/** @type {Data} */
export let data = CW_DATA; // bare by now: see trust.js
export const learn = (/** @type {Data} */ next) => data = next;

export const gpc = /** @type {any} */ (navigator).globalPrivacyControl || ownTag.hasAttribute("data-gpc");

/** @type {import("./token.js").Decisions} */
let decisions = new Map();
/** What nobody has vouched for yet: so nobody is asked either. */
let unsure = false;
/** The state that everything shown here is of; what is pressed is pressed on it, whatever the cookie says by then. */
export let seen = "0";
/** How old the visitor is: as his account says, else as he said. Empty where that is not known, or of no matter. */
export let band = "";

/**
 * What is refused counts at once, saved or not.
 * @param {Submission} said
 */
export const refuse = ({ action, purposes }) => {
  if (/reject|withdraw/.test(action)) decisions = new Map();
  for (const { key, tag } of data.options) {
    if (!Object.hasOwn(purposes, key) || purposes[key]) continue;
    decisions.set(tag, [false, today()]);
    memory?.mark();
  }
};

/**
 * As the tokens say, and as what is still to be sent refuses. While there is a doubtful one, everything stays as it is, or
 * is refused by it.
 */
export const recall = () => {
  const [sure, doubtful] = tokens();
  unsure = !!doubtful;
  seen = stateId(token());
  if (doubtful) doubtful.decisions.forEach((each, tag) => each[0] || decisions.set(tag, each));
  else {
    const told = data.age && sure?.band || "";
    band = attribute(ownTag, "band") || told;
    decisions = aged(sure?.decisions || new Map(), told, band);
  }
  kept().forEach(refuse);
};

/** @type {ReturnType<typeof policy>} */
export const permits = (purpose, recipient) => policy(data, decisions, gpc, today(), band)(purpose, recipient);
export const asked = (/** @type {Option} */ option) => decision(option, decisions, today());
export const due = () =>
  !unsure && data.options.some((option) =>
    data.age?.ask && !band && asked(option) ||
    option.bulk && !option.key.includes(":") && asked(option) == null
  );
