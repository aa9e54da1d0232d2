// @ts-nocheck
import { clear, setDay, tokenOf } from "./page.js";
import { equal } from "./equal.js";
import table from "../choice/policy_cases.json" with { type: "json" };

const { policy, withAgeBand } = await import("../../static/src/core/policy.js");
const { storeSubmission } = await import("../../static/src/core/outboxStore.js");
const state = await import("../../static/src/core/state.js");
const { service: services } = await import("../../static/src/linked/service.js");
const { judged } = await import("../../static/src/core/trustedToken.js");

setDay(table.today);

/** The page of a visitor whose token holds these decisions. */
const visit = ({ decided = {}, was, asks_age }, submissions = []) => {
  clear();
  state.setData({ ...table.terms, age: { ask: asks_age } });
  judged[0] = CW_SHARED.token = tokenOf(decided, was);
  submissions.forEach((submission, at) => storeSubmission({ key: "k" + at, ...submission }));
  state.loadState();
};

for (
  const { why, gpc = false, decided = {}, purpose, recipient, service, was = "", band = "", permitted } of table.cases
) {
  Deno.test(`permits: ${why}`, () => {
    const decisions = withAgeBand(new Map(Object.entries(decided)), was, band);
    const permits = policy(table.terms, decisions, gpc, table.today, band);
    equal(!!(service ? services.permitted(table.terms, permits, service) : permits(purpose, recipient)), permitted);
  });
}

for (const each of table.due) {
  Deno.test(`is due: ${each.why}`, () => {
    visit(each);
    equal(state.choiceDue(), each.due);
  });
}

for (const each of table.refusals) {
  const check = () =>
    equal(Object.fromEntries(table.terms.options.map((one) => [one.key, state.decided(one) ?? null])), each.stands);

  Deno.test(`refuses at once: ${each.why}`, () => {
    visit(each);
    each.pending.forEach(state.applyRefusals);
    check();
  });

  Deno.test(`refuses on the next page too: ${each.why}`, () => {
    visit(each, each.pending);
    check();
  });
}
