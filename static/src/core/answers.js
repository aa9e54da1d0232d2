/**
 * Which options an action answers for, and which of them it grants. As `answers_from_form` in choice/submission.py; and it grants
 * nothing that is off for this visitor, which there `forced_off` sees to.
 */

import { answersNothing, answersPicked, grants } from "./actions.js";
import { optionKeys } from "./options.js";
import { data, isOff } from "./state.js";
import { isAnswered } from "./submission.js";

/**
 * @param {string} action
 * @param {string[]} picked the keys that the visitor chose one by one
 */
export const answersFromForm = (action, picked) => {
  const granted = action == "accept_all" ? optionKeys((option) => option.all && !isOff(option)) : picked;
  /** @type {Record<string, boolean>} */
  const purposes = {};
  for (const option of data.options) {
    const { key, of } = option;
    if (
      answersPicked(action)
        ? picked.includes(key)
        : of
        ? action == "save" && picked.includes(key) != picked.includes(of) // a service is named where it differs
        : action == "opt_out"
        ? option.gpc
        : !answersNothing(action) && isAnswered(action, option)
    ) {
      purposes[key] = grants(action) && granted.includes(key);
    }
  }
  return purposes;
};
