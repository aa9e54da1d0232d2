// @ts-nocheck: reads sequences of acts and tokens as JSON, prints what the script makes of them. See tests/js/test_replay.py.
import { clear, setDay, signal } from "./page.js";

if (Deno.args.includes("gpc")) signal();
const { answersFromForm } = await import("../../static/src/core/answers.js");
const { pendingEntries, storeSubmission } = await import("../../static/src/core/outboxStore.js");
const { makeSubmission } = await import("../../static/src/core/submission.js");
const state = await import("../../static/src/core/state.js");
const { service } = await import("../../static/src/linked/service.js");
const { judged } = await import("../../static/src/core/trustedToken.js");

/** Does one step, and tells what the page then says of every option. */
const step = ({ day, action, picked, token, saved }) => {
  setDay(day);
  let purposes = null;
  if (action) {
    purposes = answersFromForm(action, picked);
    const submission = makeSubmission(action, "centre", purposes, true, state.data.notice);
    state.applyRefusals(submission);
    storeSubmission(submission);
  } else {
    judged[0] = CW_SHARED.token = token;
    if (saved) delete localStorage[pendingEntries()[0][0]];
    state.loadState();
  }
  const decided = {}, permitted = [];
  for (const option of state.data.options) {
    const general = state.data.options.find(({ key }) => key == option.of);
    decided[option.key] = state.decided(option) ?? (general && state.decided(general)) ?? null;
    if (!option.of && state.permits(...option.key.split(":"))) permitted.push(option.key);
  }
  const running = (state.data.services || []).map(({ id }) => id)
    .filter((id) => service.permitted(state.data, state.permits, id));
  return { purposes, decided, permitted, running, band: state.band, seen: state.seenState, due: state.choiceDue() };
};

const sequences = JSON.parse(await new Response(Deno.stdin.readable).text());
console.log(JSON.stringify(sequences.map(({ terms, steps }) => {
  clear();
  state.setData(terms);
  judged[0] = CW_SHARED.token = "";
  state.loadState();
  return steps.map(step);
})));
