/** What the visitor has decided, as far as this page knows; and the notice that this is about. */

import { setClock, today } from "./clock.js";
import { pendingSubmissions } from "./outboxStore.js";
import { decision, policy, withAgeBand } from "./policy.js";
import { withdraws } from "./refusals.js";
import { stateId } from "./token.js";
import { currentToken, readTokens, tokenStore } from "./trustedToken.js";

/** @typedef {import("../ui/element.js").Tree} Tree */
/** @typedef {import("./outboxStore.js").Submission} Submission */
/** @typedef {import("./policy.js").Option} Option */
/**
 * @typedef {import("./policy.js").Terms & {
 *   locale: string, locales: string[], site?: string, domain?: string, origins?: string[], days: number, notice: string,
 *   scripted?: unknown, modal?: unknown, words: Record<string, string>, layer: Tree, centre: Tree, sheet?: string, leave?: any, news?: any, again?: any, age?: any, earlier?: any, iab?: any, cookie?: string
 * }} Data what the server puts into this file, in one locale
 */

/** @type {Data} */
export let data = CW_DATA; // trustedToken.js has removed the prototypes by now
export const setData = (/** @type {Data} */ next) => data = next;

export const gpc = /** @type {any} */ (navigator).globalPrivacyControl || CW_SHARED.gpc;

/** @type {import("./token.js").Decisions} */
let decisions = new Map();
/** Is there a token that is not verified yet? Then nobody is asked yet either. */
export let unverified = false;
/** The id of the state that is shown. An act is made on it, whatever the cookie says by then. */
export let seenState = "0";
/** The visitor's age band: of their account, else as they said. Empty where it is unknown or does not matter. */
export let band = "";

const enterBand = (/** @type {string} */ next) => {
  decisions = withAgeBand(decisions, band, next);
  band = next;
};

/**
 * Applies what a submission refuses. A refusal takes effect immediately, even before the server has stored it; a grant only
 * afterwards. Python: `after`.
 * @param {Submission} submission
 */
export const applyRefusals = ({ action, purposes }) => {
  if (action == "age_child") enterBand("c");
  for (const option of data.options) {
    // a refusal of a purpose is one of its services, but not of one that the same act grants
    if ((purposes[option.key] ?? purposes[/** @type {string} */ (option.of)]) === false) {
      decisions.set(option.tag, [false, Infinity]); // the server decides for how long
      tokenStore?.markUsed();
    } else if (withdraws(action) && decided(option)) decisions.delete(option.tag);
  }
};

/**
 * Reads the state from the tokens, and applies the refusals that are still to be sent. While one token is not verified, it
 * can only refuse, and everything else stays as it is.
 */
export const loadState = () => {
  const [trusted, doubtful] = readTokens();
  unverified = !!doubtful;
  seenState = stateId(currentToken());
  if (doubtful) doubtful.decisions.forEach((answer, tag) => answer[0] || decisions.set(tag, answer));
  else {
    decisions = trusted?.decisions || new Map();
    if (trusted) setClock(trusted.token);
    band = trusted?.band || "";
    enterBand(CW_SHARED.band || band);
  }
  pendingSubmissions().forEach(applyRefusals);
};

/** @type {ReturnType<typeof policy>} */
export const permits = (purpose, recipient) => policy(data, decisions, gpc, today(), band)(purpose, recipient);
export const decided = (/** @type {Option} */ option) => decision(option, decisions, today());
/**
 * Is this off whatever the visitor presses: for a child, for a teen, or because of the browser's opt-out signal, where they have
 * not allowed it in spite of that?
 */
export const isOff = (/** @type {Option} */ option) =>
  band == "c" || option.adult && band > "b" || option.gpc && gpc && !permits(option.of || option.key);
/** Is an answer to this missing? Who has decided before is not asked about what is off anyway. Python: `undecided`. */
export const isAsked = (/** @type {Option} */ option) =>
  option.bulk && !option.to && decided(option) == null && !(decisions.size && isOff(option));
/** Must the visitor be asked? For a choice, or for their age where a grant depends on it. Python: `choice_due`. */
export const choiceDue = () =>
  !unverified && data.options.some((option) => data.age?.ask && !band && decided(option) || isAsked(option));
