/** What the visitor's decisions permit now. consent_widget/choice/policy.py has the same rules; one table of cases tests both. */

/** @typedef {import("./token.js").Decisions} Decisions */
/**
 * @typedef {object} Option one thing that can be granted: `key` names it, `tag` is its fingerprint in the token
 * @property {string} key
 * @property {string} tag
 * @property {string} [to] only for an option about one recipient: who that is
 * @property {string} [of] only for an option about one service: the purpose whose answer counts where this has none
 * @property {unknown} [bulk] shown in the preference centre
 * @property {unknown} [all] granted by "Accept all"
 * @property {unknown} [adult] off for every visitor known to be under 18
 * @property {string} [on] the age band (none) of visitors for whom it is on before their first answer, where the region's law asks nobody first
 * @property {unknown} [gpc] off while the browser's opt-out signal (GPC) is on
 */
/** @typedef {{id: string, name: string, purposes: string[], recipient?: string, cookies: string[], storage: string[]}} Service */
/**
 * @typedef {object} Terms what the script needs of a notice
 * @property {Option[]} options
 * @property {string[]} always purposes that are always on
 * @property {string[]} [separate] purposes granted only to named recipients
 * @property {Service[]} [services] see service.js
 */

/**
 * @param {{tag: string}} option
 * @param {Decisions} decisions
 * @param {number} day
 * @returns {boolean | undefined} granted or denied; undefined where the visitor was not asked, or the decision has expired
 */
export const decision = ({ tag }, decisions, day) => {
  const [granted, until] = decisions.get(tag) || [];
  if (/** @type {number} */ (until) >= day) return granted;
};

/**
 * The decisions for a known age band. Entering or leaving the child band drops all of them, so a child's decisions are only
 * ever a guardian's.
 * @param {Decisions} decisions
 * @param {string} was the band in the token
 * @param {string} band the band now
 */
export const withAgeBand = (decisions, was, band) => (was == "c") == (band == "c") ? decisions : new Map();

/**
 * @param {Terms} terms
 * @param {Decisions} decisions
 * @param {boolean} gpc
 * @param {number} day
 * @param {string} [band] the age band
 * @returns {(purpose: string, recipient?: string) => boolean | undefined} tells what is permitted on that day; undefined where
 *   nothing was decided, or something else forbids it
 */
export const policy = ({ options, always }, decisions, gpc, day, band = "") => (purpose, recipient) => {
  // "-gpc" stands where what is granted was confirmed in spite of the signal: see state.py. A band after "b" is a minor's.
  const option = options.find((option) =>
    option.key == (recipient ? purpose + ":" + recipient : purpose) &&
    !(option.adult && band > "b" || option.gpc && gpc && !decision({ tag: "-gpc" }, decisions, day))
  );
  return always.includes(purpose) && (band != "c" || !option) // where a child's guardian has to agree
    ? !recipient
    : option && (!decisions.size && option.on == band || decision(option, decisions, day));
};
