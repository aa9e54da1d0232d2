/** What an action answers for and what it may grant. Written by static/actions.py from consent_widget/choice/actions.py. */

/** @param {string} action accept_all, save, allow */
export const grants = (action) => /^(acc|s|al)/.test(action);

/** @param {string} action allow, refuse */
export const answersPicked = (action) => /^(al|ref)/.test(action);

/** @param {string} action acknowledge, age_child, age_teen, age_adult */
export const answersNothing = (action) => /^(ack|ag)/.test(action);
