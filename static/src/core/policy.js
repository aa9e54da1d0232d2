/** What the visitor's choices permit now. consent_widget/choice/policy.py says the same; one table of cases tests both. */

/** @typedef {import("./token.js").Decisions} Decisions */
/**
 * @typedef {object} Option one thing that can be granted: `key` names it, `tag` is what the token calls it
 * @property {string} key
 * @property {string} tag
 * @property {unknown} [bulk] shown in the preference centre
 * @property {unknown} [all] granted by "Accept all"
 * @property {unknown} [adult] off for everybody who is known to be under 18
 * @property {unknown} [gpc] off while the browser's opt-out signal is on
 */
/** @typedef {{id: string, name: string, purposes: string[], recipient?: string, cookies: string[], storage: string[]}} Service */
/**
 * @typedef {object} Terms what of a notice the script needs
 * @property {Option[]} options
 * @property {string[]} always purposes that are always on
 * @property {string[]} [separate] purposes granted only to named recipients
 * @property {Service[]} [services] see service.js
 */

export const today = () => Math.floor(Date.now() / 864e5);

/**
 * @param {Option} option
 * @param {Decisions} decisions
 * @param {number} day
 * @returns {boolean | undefined} undefined while it is unasked or expired
 */
export const decision = ({ tag }, decisions, day) => {
  const [granted, until] = decisions.get(tag) || [];
  if (/** @type {number} */ (until) >= day) return granted;
};

/**
 * Becoming a child, and being one no longer, begins anew: what stands in the token of a child is his guardian's word.
 * @param {Decisions} decisions
 * @param {string} was the band that the token says
 * @param {string} band that is known now
 */
export const aged = (decisions, was, band) => (was == "c") == (band == "c") ? decisions : new Map();

/**
 * @param {Terms} terms
 * @param {Decisions} decisions
 * @param {boolean} gpc
 * @param {number} day
 * @param {string} [band]
 * @returns {(purpose: string, recipient?: string) => boolean | undefined} what is permitted now
 */
export const policy = ({ options, always }, decisions, gpc, day, band) => (purpose, recipient) =>
  always.includes(purpose)
    ? !recipient
    : options.some((option) =>
      option.key == (recipient ? purpose + ":" + recipient : purpose) && !(gpc && option.gpc) &&
      !(option.adult && /[ct]/.test(band || "")) &&
      decision(option, decisions, day)
    );
