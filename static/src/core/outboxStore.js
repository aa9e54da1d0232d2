/** Submissions that the server has not acknowledged yet: one storage key each, so that two tabs never overwrite each other. */

import { NAME } from "./trustedToken.js";

/** @typedef {{key: string, after: string, notice: string, locale: string, action: string, surface: string, purposes: Record<string, boolean>, gpc: boolean, scripted: boolean}} Submission */

export const PREFIX = NAME + "-outbox.";
/** @type {Map<string, Submission>} entries of this page alone, where storage fails */
export const pageEntries = CW_SHARED.outbox ??= new Map();

/** @returns {[name: string, submission: Submission][]} oldest first */
export const pendingEntries = () => {
  const entries = [...pageEntries];
  try {
    for (const name of Object.keys(localStorage)) {
      if (!name.startsWith(PREFIX)) continue;
      try {
        const submission = JSON.parse(localStorage[name]);
        entries.push([/** @type {string} */ (submission.purposes && name), submission]);
      } catch { /* not written by this widget */ }
    }
  } catch { /* a page without storage */ }
  return entries.filter(([name]) => name).sort(([one], [other]) => one < other ? -1 : 1);
};

/** What the server has not acknowledged yet, also from earlier pages and other tabs. */
export const pendingSubmissions = () => pendingEntries().map(([, submission]) => submission);

/**
 * @param {Submission} submission
 * @param {string} [name] replaces that entry; without it, appended
 */
export const storeSubmission = (submission, name) => {
  const last = +(pendingEntries().pop()?.[0].slice(PREFIX.length, PREFIX.length + 13) || 0);
  name ??= PREFIX + (last + 1 + "").padStart(13, "0") + submission.key;
  try {
    localStorage[name] = JSON.stringify(submission);
  } catch {
    pageEntries.set(name, submission);
  }
};
