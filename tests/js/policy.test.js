// @ts-nocheck
import { clear, setDay, tokenOf } from "./page.js";
import { equal } from "./equal.js";
import table from "../choice/policy_cases.json" with { type: "json" };

const { policy, withAgeBand } = await import("../../static/src/core/policy.js");
const { storeSubmission } = await import("../../static/src/core/outboxStore.js");
const state = await import("../../static/src/core/state.js");
const { isOn } = await import("../../static/src/core/options.js");
const { service: services } = await import("../../static/src/linked/service.js");
const { lastingKeys } = await import("../../static/src/embeds/lastingKeys.js");
const { judged } = await import("../../static/src/core/trustedToken.js");

setDay(table.today);

/** The page of a visitor whose token holds these decisions. */
const visit = ({ decided = {}, was, asks_age, stands }, submissions = []) => {
  clear();
  const asked = table.terms.options.map(({ on: _, ...option }) => option); // what was decided, and nothing else
  state.setData({ ...table.terms, options: stands ? asked : table.terms.options, age: { ask: asks_age } });
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

for (
  const [why, decided, id, purposes, allowed, keys] of [
    ["opens with the purpose", { AAAA: true }, "tally", ["analytics"], true, []],
    ["opens with the service alone", { GGGG: true }, "tally", ["analytics"], true, []],
    ["needs the service alone", {}, "tally", ["analytics"], false, ["analytics@tally"]],
    ["stays shut where the service was refused", { AAAA: true, GGGG: false }, "tally", ["analytics"], false, ["analytics@tally"]],
    ["needs each purpose of the service", { AAAA: true }, "both", ["ads"], false, ["ads@both"]],
    ["needs both", {}, "both", ["ads"], false, ["ads@both", "analytics@both"]],
    ["needs a purpose of its own too", { GGGG: true }, "tally", ["ads"], false, ["ads@tally"]],
    ["needs nothing for what is always on", {}, "post", ["necessary"], false, ["mail@post"]],
    ["needs the recipient, which is no matter of the service", { BBBB: true }, "acme_ads", ["ads"], false, []],
    ["opens with the recipient", { DDDD: true }, "acme_shop", ["partner"], true, []],
    ["is of no service", { AAAA: true }, "typo", ["analytics"], false, []],
  ]
) {
  Deno.test(`an element of a service ${why}`, () => {
    const decisions = new Map(Object.entries(decided).map(([tag, granted]) => [tag, [granted, table.today]]));
    const permits = policy(table.terms, decisions, false, table.today);
    equal(!!services.allowed(table.terms, permits, id, purposes), allowed);
    const data = () => ({ ...table.terms, options: keys.map((key) => ({ key })) });
    equal(lastingKeys({ data, isOff: () => false, permits, service: services }, id, purposes) ?? [], keys);
    equal(lastingKeys({ data, isOff: () => true, permits, service: services }, id, purposes), undefined);
  });
}

for (const each of table.due) {
  Deno.test(`is due: ${each.why}`, () => {
    visit(each);
    equal(state.choiceDue(), each.due);
  });
}

for (const each of table.refusals) {
  /** A service that a case does not name stands as its purpose. */
  const expected = ({ key, of }) => [key, each.stands[key in each.stands ? key : of] ?? null];
  const stands = (one) => [one.key, state.decided(one) ?? (one.of ? isOn(one) : null) ?? null];
  const check = () =>
    equal(Object.fromEntries(table.terms.options.map(stands)), Object.fromEntries(table.terms.options.map(expected)));

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
