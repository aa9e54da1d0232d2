/** What the visitor's choices permit now. consent_widget/policy.py says the same; one table of cases tests both. */

/** @typedef {import("./token.js").Decisions} Decisions */
/**
 * @typedef {object} Option one thing that can be granted: `key` names it, `tag` is what the token calls it
 * @property {string} key
 * @property {string} tag
 * @property {boolean} [bulk] shown in the preference centre
 * @property {boolean} [all] granted by "Accept all"
 * @property {boolean} [gpc] off while the browser's opt-out signal is on
 */
/** @typedef {{id: string, name: string, purposes: string[], recipient?: string, cookies: string[], storage: string[]}} Service */
/**
 * @typedef {object} Terms what of a notice the script needs
 * @property {Option[]} options
 * @property {string[]} always purposes that are always on
 * @property {string[]} separate purposes granted only to named recipients
 * @property {Service[]} services
 */

export const today = () => Math.floor(Date.now() / 864e5);

/**
 * @param {Option} option
 * @param {Decisions} decisions
 * @param {number} day
 */
export const decision = ({ tag }, decisions, day) => (decisions[tag]?.[1] >= day ? decisions[tag] : undefined);

/**
 * @param {Terms} terms
 * @param {Decisions} decisions
 * @param {boolean} gpc
 * @param {number} day
 * @param {string} purpose
 * @param {string} [recipient]
 */
export const permits = (terms, decisions, gpc, day, purpose, recipient) => {
  if (terms.always.includes(purpose)) return !recipient;
  const key = recipient ? purpose + ":" + recipient : purpose;
  const option = terms.options.find((each) => each.key == key);
  return !!option && !(gpc && option.gpc) && !!decision(option, decisions, day)?.[0];
};

/**
 * @param {Terms} terms
 * @param {Decisions} decisions
 * @param {boolean} gpc
 * @param {number} day
 * @param {string} id
 */
export const permitsService = (terms, decisions, gpc, day, id) => {
  const service = terms.services.find((each) => each.id == id);
  const permitted = (/** @type {string} */ purpose, /** @type {string} */ recipient = "") =>
    permits(terms, decisions, gpc, day, purpose, recipient);
  return !!service && service.purposes.every((purpose) =>
    (terms.separate.includes(purpose) || permitted(purpose)) && (!service.recipient || permitted(purpose, service.recipient))
  );
};
