/** Sends submissions, and stores each until the server has acknowledged it: across reloads, in every tab, offline. */

import { answersNothing } from "./actions.js";
import { numberAt } from "./numberAt.js";
import { pageEntries, pendingEntries, PREFIX, storeSubmission } from "./outboxStore.js";
import { stateId } from "./token.js";

/** @typedef {import("./outboxStore.js").Submission} Submission */

/** After so many milliseconds without a response the visitor is told that nothing is saved yet. */
const PATIENCE = 3e3;

/** @param {string} name */
const deleteEntry = (name) => {
  pageEntries.delete(name);
  try {
    delete localStorage[name];
  } catch { /* it was never there */ }
};

/**
 * @param {string} url
 * @param {() => string} currentToken the visitor's token at the time of sending
 * @param {(token: string) => unknown} saveToken called, and waited for, before a submission is deleted, so that every tab sees one of the two
 * @param {(submission: Submission) => Promise<Submission | null | undefined>} renew makes a refusal of an older notice one of
 *   the notice that is shown now. null: nothing left to refuse; undefined: the new notice could not be loaded
 * @param {(submission: Submission, status: number, saved?: unknown) => void} onAnswer called once when a submission is
 *   deleted: with the status of the response, and with `saved` (is its token stored?) only if it was acknowledged. Before that,
 *   with status 0 each time that it has to wait
 * @returns {(submission?: Submission) => unknown} takes a submission to send; without one, sends what is still stored
 */
export const outbox = (url, currentToken, saveToken, renew, onAnswer) => {
  let tries = 0;
  let earliest = 0;
  let timer = 0;
  /** @type {Promise<unknown> | undefined} */
  let lastFlush;

  /** @param {Submission} submission @returns {Promise<{status: number, token?: string, retryAfter: number}>} */
  const post = async (submission) => {
    const slow = setTimeout(onAnswer, PATIENCE, submission, 0);
    try {
      const response = await fetch(
        url,
        /** @type {RequestInit} */ ({
          __proto__: null, // so that no option is read from Object.prototype, which the page may have changed
          method: "POST",
          keepalive: true,
          headers: { "Content-Type": "application/json" },
          body: JSON.stringify({ ...submission, token: currentToken() }),
          signal: AbortSignal.timeout?.(2e4),
        }),
      );
      const retryAfter = Math.min(+/** @type {string} */ (response.headers.get("Retry-After")) || 0, 86400);
      const body = await response.json().catch(() => 0); // not JSON: a proxy answered, not the widget's server
      return { status: body && response.status, token: body?.token, retryAfter };
    } catch { // the server was not reached
      return { status: 0, retryAfter: 0 };
    } finally {
      clearTimeout(slow);
    }
  };

  /**
   * Submissions made before `submission` was acknowledged, on the same state as it, count as made on the state `id` that it
   * led to. Unless another submission came in between: then the server decides.
   */
  const rebase = (/** @type {Submission} */ submission, /** @type {string} */ id) => {
    if (!submission.after || numberAt(id, -1) != numberAt(submission.after, -1) + 1) return;
    for (const [name, next] of pendingEntries()) {
      if (next.after == submission.after) storeSubmission({ ...next, after: id }, name);
    }
  };

  /**
   * Sends the stored submissions, oldest first, until none is left or the server does not take one: then tries again, later
   * each time. A refusal is never given up. One that the server cannot read blocks no other, and is deleted once later
   * submissions have answered for all its options.
   */
  const sendAll = async () => {
    /** @type {Map<string, Submission>} */
    const unreadable = new Map();
    for (let entry; entry = pendingEntries().find(([name]) => !unreadable.has(name));) {
      const [name, submission] = entry;
      if (performance.now() < earliest) {
        onAnswer(submission, 0);
        return flushIn(0);
      }
      const { status, token, retryAfter } = await post(submission);
      const acknowledged = status > 199 && status < 300;
      const { action, purposes } = submission;
      const granting = Object.keys(purposes).some((key) => purposes[key]);
      const renewed = status == 409 && !granting ? await renew(submission) : undefined;
      const rejected = (granting || answersNothing(action)) && /^4(?!08|29)/.test("" + status);
      if (acknowledged || renewed === null || rejected) {
        tries = 0;
        const saved = token == null || await saveToken(token);
        if (acknowledged && token) rebase(submission, stateId(token));
        for (const [name, older] of unreadable) { // a newer answer replaces what an unreadable one says
          for (const key in purposes) delete older.purposes[key];
          Object.keys(older.purposes).length
            ? storeSubmission({ ...older, action: "refuse" }, name)
            : deleteEntry(name);
        }
        deleteEntry(name);
        onAnswer(submission, status, acknowledged ? saved : undefined);
      } else if (renewed) storeSubmission(renewed, name);
      else {
        onAnswer(submission, 0);
        if (status == 422) unreadable.set(name, submission);
        else return retry(retryAfter);
      }
    }
    if (unreadable.size) retry(0);
  };

  const retry = (/** @type {number} */ seconds) => {
    earliest = performance.now() + seconds * 1e3;
    flushIn(Math.random() * Math.min(2 ** tries++, 300) * 1e3);
  };

  const flushIn = (/** @type {number} */ milliseconds) => {
    clearTimeout(timer);
    timer = setTimeout(flush, Math.max(earliest - performance.now(), milliseconds, 100));
  };

  /**
   * One tab at a time: without locks (an insecure page, or one that changed the language) this tab alone. What was pressed just
   * now does not wait for the lock, where no tab has anything else to send.
   */
  const sendLocked = async (/** @type {unknown} */ pressed) => {
    /** @type {Promise<unknown> | undefined} */
    let sent;
    const start = () => sent ??= sendAll().catch(console.warn);
    if (pressed && !pendingEntries()[1]) start();
    try {
      await navigator.locks.request(PREFIX, start);
    } catch { /* only the lock can fail here */ }
    await start();
  };

  /** One flush after the other, so that each submission is answered before the next is sent. The first starts at once. */
  const flush = (/** @type {unknown} */ pressed) =>
    lastFlush = lastFlush ? lastFlush.then(() => sendLocked(pressed)) : sendLocked(pressed);

  return (submission) => {
    if (submission) storeSubmission(submission);
    return pendingEntries()[0] && flush(submission);
  };
};
