/** Which actions refuse, and which also end every grant. Written by static/actions.py from consent_widget/choice/actions.py. */

/** @param {string} action reject_all, close, withdraw_all, refuse, opt_out */
export const refuses = (action) => /^[rcwo]/.test(action);

/** @param {string} action reject_all, withdraw_all */
export const withdraws = (action) => /^(rej|w)/.test(action);
