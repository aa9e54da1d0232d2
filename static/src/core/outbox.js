/** Sends choices, and keeps each until the server has acknowledged it: over reloads, in every tab, offline. */

import { BOX, keep, own, waiting } from "./kept.js";
import { stateId } from "./token.js";

/** @typedef {import("./kept.js").Submission} Submission */

const PATIENCE = 3e3;

/** @param {string} name */
const forget = (name) => {
  own.delete(name);
  try {
    delete localStorage[name];
  } catch { /* it was never there */ }
};

/** How many acts have led to a state. */
const count = (/** @type {string} */ id) => parseInt(id.split(".").pop() || "", 36);

/**
 * @param {string} url
 * @param {() => string} token the visitor's, as it is when a choice is sent
 * @param {(token: string) => unknown} remember called before a choice is forgotten: no tab ever sees neither
 * @param {(said: Submission) => Promise<Submission | null | undefined>} renew a refusal for the notice that is shown now:
 *   null where it has nothing left to refuse, undefined where that cannot be known yet
 * @param {(said: Submission, status: number, remembered?: unknown) => void} answered once for each choice that was
 *   acknowledged, or turned away though it grants, and each time that one has to wait (status 0)
 * @returns {(said?: Submission) => unknown} takes a choice to send; without one, sends what is still kept
 */
export const outbox = (url, token, remember, renew, answered) => {
  let tries = 0;
  let earliest = 0;
  let timer = 0;
  /** @type {Promise<unknown>} */
  let line = Promise.resolve();

  /** @param {Submission} said @returns {Promise<{status: number, told?: string, after: number}>} */
  const post = async (said) => {
    const slow = setTimeout(answered, PATIENCE, said, 0);
    try {
      const response = await fetch(url, /** @type {RequestInit} */ ({
        __proto__: null, // no option that a page was brought to define
        method: "POST",
        keepalive: true,
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ ...said, token: token() }),
        signal: AbortSignal.timeout(2e4),
      }));
      const after = Math.min(+(response.headers.get("Retry-After") || 0) || 0, 86400);
      const body = await response.json().catch(() => 0); // no answer of ours: somebody before us is in trouble
      return { status: body && response.status, told: body?.token, after };
    } catch { // not reached
      return { status: 0, after: 0 };
    } finally {
      clearTimeout(slow);
    }
  };

  /** What was pressed after `said`, before it was acknowledged, was pressed on the state that it has led to. */
  const follow = (/** @type {Submission} */ said, /** @type {string} */ id) => {
    if (!said.after || count(id) != count(said.after) + 1) return; // something else was chosen in between
    for (const [name, next] of waiting()) if (next.after == said.after) keep({ ...next, after: id }, name);
  };

  /**
   * Until nothing is left, or the server cannot be had: then again, later and later. A refusal is never given up; one
   * that the server cannot read holds up no other, and is done with once a later act has answered for the same.
   */
  const work = async () => {
    /** @type {Map<string, Submission>} */
    const unread = new Map();
    for (let next; next = waiting().find(([name]) => !unread.has(name));) {
      const [name, said] = next;
      if (performance.now() < earliest) {
        answered(said, 0);
        return again(0);
      }
      const { status, told, after } = await post(said);
      const saved = status > 199 && status < 300;
      const grants = Object.values(said.purposes).includes(true);
      const now = status == 409 && !grants ? await renew(said) : undefined;
      const final = grants || /age|ack/.test(said.action);
      if (saved || now === null || final && status > 399 && status < 500 && status != 408 && status != 429) {
        tries = 0;
        const lasting = told == null || remember(told);
        if (saved && told) follow(said, stateId(told));
        for (const [name, old] of unread) { // what has been answered since stands no longer against the answer
          for (const key in said.purposes) delete old.purposes[key];
          Object.keys(old.purposes).length ? keep({ ...old, action: "refuse" }, name) : forget(name);
        }
        forget(name);
        answered(said, status, saved ? lasting : undefined);
      } else if (now) keep(now, name);
      else {
        answered(said, 0);
        if (status == 422) unread.set(name, said);
        else return later(after);
      }
    }
    if (unread.size) later(0);
  };

  const later = (/** @type {number} */ after) => {
    earliest = performance.now() + after * 1e3;
    again(Math.random() * Math.min(2 ** tries++, 300) * 1e3);
  };

  const again = (/** @type {number} */ wait) => {
    clearTimeout(timer);
    timer = setTimeout(flush, Math.max(earliest - performance.now(), wait, 100));
  };

  const once = async () => {
    try {
      await navigator.locks.request(BOX, work);
    } catch { // no locks here, or a page that changed what the language does
      await work().catch(console.warn);
    }
  };

  /** One tab at a time, and one after the other, so that each choice is answered before the next is sent. */
  const flush = () => line = line.then(once);

  addEventListener("online", flush);
  return (said) => {
    if (said) keep(said);
    return waiting()[0] && flush();
  };
};
