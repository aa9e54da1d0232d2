/**
 * A number of a token or of the id of a state.
 * @param {string} text
 * @param {number} at which of its parts; -1 is the last one
 */
export const numberAt = (text, at) => parseInt(text.split(".").slice(at)[0] || "", 36);
