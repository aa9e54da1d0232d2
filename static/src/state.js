/** What the visitor has decided, as far as this page knows; and the notice it is about. */

import { HOME } from "./element.js";
import { host } from "./host.js";
import { kept } from "./outbox.js";
import { aged, decision, policy, today } from "./policy.js";
import { bandOf, cookie, readToken } from "./token.js";

/** @typedef {import("./element.js").Tree} Tree */
/** @typedef {import("./outbox.js").Submission} Submission */
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
const memory = CW_MORE.memory?.(data, name, cookie, HOME);
export const elsewhere = !!memory; // a page of another site keeps its own choices
let held = ""; // where the browser keeps nothing, the page at least does

export const token = () => (memory ? memory.read() : cookie(name)) || held;

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
  for (const { key, tag } of data.options) if (purposes[key] == false) decisions[tag] = [false, today()];
};

/** As the token says, and as what is still to be sent refuses. */
export const recall = () => {
  decisions = readToken(token()) || {};
  const said = data.age && bandOf(token());
  band = data.age && host.dataset.band || said || "";
  decisions = aged(decisions, said, band);
  kept().forEach(refuse);
};

/** Is it a token of the same visitor as the other, from before it? */
const older = (/** @type {string} */ one, /** @type {string} */ other) => {
  const [, subject, seq] = one.split(".");
  const [, known, latest] = other.split(".");
  return subject == known && parseInt(seq, 36) < parseInt(latest, 36);
};

/**
 * Keeps what the server has acknowledged.
 * @param {string} saved
 * @returns {boolean} whether it is still known when the visitor comes back
 */
export const remember = (saved) => {
  if (older(saved, token())) return true; // an answer that was overtaken
  held = "";
  memory?.write(saved);
  const lasting = token() == saved;
  if (!lasting) held = saved;
  return lasting;
};

export const may = () => policy(data, decisions, gpc, today(), band);
export const asked = (/** @type {Option} */ option) => decision(option, decisions, today());
export const due = () =>
  data.options.some((option) =>
    data.age?.ask && !band && asked(option) ||
    option.bulk && !option.key.includes(":") && asked(option) == null
  );
export const forced = (/** @type {Option} */ option) => band == "c" || band == "t" && option.adult || gpc && option.gpc;
export const keys = (/** @type {(option: Option) => unknown} */ which) =>
  data.options.filter(which).map(({ key }) => key);
