/** Sends choices, and keeps each until the server has acknowledged it. */

/** @typedef {{key: string, notice: string, locale: string, action: string, surface: string, purposes: Record<string, boolean>, gpc: boolean, scripted: boolean, token: string}} Submission */

const BOX = "cw-outbox";

/** @returns {Submission[]} what is still to be sent, also from earlier pages */
export const kept = () => {
  try {
    return JSON.parse(localStorage[BOX]).filter((/** @type {Submission} */ each) => each.purposes);
  } catch {
    return [];
  }
};

/**
 * @param {string} url
 * @param {(said: Submission, status: number, token?: string) => void} answered for the last choice, each time it was
 *   sent: with a token it is saved. A later choice speaks for those before it.
 * @returns {(...said: Submission[]) => Promise<void>} takes a choice to send; without one, sends what is still kept
 */
export const outbox = (url, answered) => {
  const waiting = kept();
  let busy = false;
  let wait = 1;

  const keep = () => {
    try {
      if (waiting.length) localStorage[BOX] = JSON.stringify(waiting);
      else delete localStorage[BOX];
    } catch { /* kept in this page at least */ }
  };

  /** @returns {Promise<void>} */
  const flush = async () => {
    if (busy || !waiting.length) return;
    busy = true;
    const said = waiting[0];
    let status = 0;
    let token;
    try {
      const response = await fetch(url, {
        method: "POST",
        keepalive: true,
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(said),
      });
      token = (await response.json()).token;
      status = response.status;
    } catch { /* not reached, or cut off: tried again below */ }
    busy = false;
    if (!status || status == 429 || status > 499) {
      setTimeout(flush, 1e3 * wait * (1 + Math.random()));
      wait = Math.min(wait * 2, 300);
    } else {
      wait = 1;
      waiting.shift();
      keep();
      if (waiting.length) return flush();
    }
    answered(said, status, token);
  };

  addEventListener("online", flush);
  return (...said) => {
    waiting.push(...said);
    keep();
    return flush();
  };
};
