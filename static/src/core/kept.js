/** Choices that are still to be sent: kept over reloads and in every tab, each alone, so that tabs never write over each other. */

/** @typedef {{key: string, after: string, notice: string, locale: string, action: string, surface: string, purposes: Record<string, boolean>, gpc: boolean, scripted: boolean}} Submission */

export const BOX = "cw-outbox.";
/** @type {Map<string, Submission>} where storage fails, the page keeps them itself */
export const own = CW_SHARED.own ??= new Map();

/** @returns {[name: string, said: Submission][]} oldest first */
export const waiting = () => {
  const all = [...own];
  try {
    for (const name of Object.keys(localStorage)) {
      if (!name.startsWith(BOX)) continue;
      try {
        const said = JSON.parse(localStorage[name]);
        all.push([/** @type {string} */ (said.purposes && name), said]);
      } catch { /* not one of ours */ }
    }
  } catch { /* a page without storage */ }
  return all.filter(([name]) => name).sort(([one], [other]) => one < other ? -1 : 1);
};

/** What is still to be sent, also from earlier pages and other tabs. */
export const kept = () => waiting().map(([, said]) => said);

/** @param {Submission} said @param {string} [name] of an earlier one whose place it takes; else it is the last, whatever the clock does */
export const keep = (said, name) => {
  const last = +(waiting().pop()?.[0].slice(BOX.length, BOX.length + 13) || 0);
  name ??= BOX + Math.max(Date.now(), last + 1) + said.key;
  try {
    localStorage[name] = JSON.stringify(said);
  } catch {
    own.set(name, said);
  }
};
