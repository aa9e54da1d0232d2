/** One act of the visitor, as it is sent to the server. */

import { data, decided, gpc, seenState } from "./state.js";

/**
 * Does an action on the whole form answer for this option? Closing leaves earlier decisions alone; "Accept all" never
 * answers for a named recipient.
 * @param {string} action
 * @param {import("./state.js").Option} option
 */
export const isAnswered = (action, option) =>
  option.bulk && !(action == "accept_all" ? option.to : action == "close" && decided(option) != null);

/**
 * @param {string} action
 * @param {string} surface where it was pressed
 * @param {Record<string, boolean>} purposes
 * @param {boolean} byPerson whether a person pressed, and not a script
 * @param {string} notice the digest of the notice that was shown
 * @returns {import("./outboxStore.js").Submission}
 */
export const makeSubmission = (action, surface, purposes, byPerson, notice) => ({
  key: crypto.getRandomValues(new Uint32Array(4)).join("-"),
  after: seenState,
  notice,
  locale: data.locale,
  action,
  surface,
  purposes,
  gpc: !!gpc,
  scripted: !byPerson,
});
