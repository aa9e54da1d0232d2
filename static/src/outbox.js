/** Sends choices, and keeps each until the server has acknowledged it. */

/** @typedef {{key: string, notice: string, locale: string, action: string, surface: string, purposes: Record<string, boolean>, gpc: boolean, scripted: boolean}} Submission */
/** @typedef {(said: Submission, status: number, answer: {token?: string}) => void} Answered `status` 0 while it is still to be sent */

const BOX = "cw-outbox";

/** @returns {Submission[]} */
const kept = () => {
  try {
    return JSON.parse(localStorage.getItem(BOX) || "[]");
  } catch {
    return [];
  }
};

/**
 * @param {string} url
 * @param {Answered} answered
 * @returns {(said?: Submission) => Promise<void>} takes a choice to send; without one, sends what is still kept
 */
export const outbox = (url, answered) => {
  let waiting = kept();
  let busy = false;
  let wait = 1;

  const keep = () => {
    try {
      if (waiting.length) localStorage.setItem(BOX, JSON.stringify(waiting));
      else localStorage.removeItem(BOX);
    } catch { /* kept in this page at least */ }
  };

  const flush = async () => {
    if (busy || !waiting.length) return;
    busy = true;
    const said = waiting[0];
    let status = 0;
    let answer = {};
    let after = 0;
    try {
      const response = await fetch(url, {
        method: "POST",
        keepalive: true,
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(said),
      });
      status = response.status;
      after = Number(response.headers.get("Retry-After"));
      answer = await response.json();
    } catch { /* not reached, or cut off: tried again below */ }
    busy = false;
    if (!status || status == 429 || status > 499) {
      wait = Math.min(wait * 2, 300);
      setTimeout(flush, 1e3 * Math.max(after, wait * (0.5 + Math.random())));
      return answered(said, 0, {});
    }
    wait = 1;
    waiting = waiting.slice(1);
    keep();
    answered(said, status, answer);
    return flush();
  };
  addEventListener("online", flush);

  return (said) => {
    if (said) {
      waiting = [...waiting, said];
      keep();
    }
    return flush();
  };
};
