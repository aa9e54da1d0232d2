// @ts-nocheck
import { clear, setDay, tokenOf } from "./page.js";
import { equal } from "./equal.js";
import table from "../choice/policy_cases.json" with { type: "json" };

const { answersFromForm } = await import("../../static/src/core/answers.js");
const { makeSubmission } = await import("../../static/src/core/submission.js");
const state = await import("../../static/src/core/state.js");
const { judged } = await import("../../static/src/core/trustedToken.js");

const visit = (decided = {}, band = "") => {
  clear();
  setDay(table.today);
  state.setData({ ...table.terms, locale: "en", age: {} });
  judged[0] = CW_SHARED.token = tokenOf(decided, band);
  state.loadState();
};
const BULK = ["analytics", "ads", "ads:acme", "partner:acme", "mail"];
const answers = (granted, keys = BULK) => Object.fromEntries(keys.map((key) => [key, granted.includes(key)]));

for (
  const [action, picked, expected] of [
    ["accept_all", [], answers(["analytics", "ads"], ["analytics", "ads", "mail"])],
    ["reject_all", ["analytics"], answers([])],
    ["withdraw_all", ["analytics"], answers([])],
    [
      "save",
      ["analytics", "analytics@tally", "analytics@both", "partner:acme"],
      answers(["analytics", "partner:acme"]),
    ],
    ["save", ["analytics", "analytics@both"], { ...answers(["analytics"]), "analytics@tally": false }],
    ["save", ["ads@both"], { ...answers([]), "ads@both": true }],
    ["accept_all", ["ads@both"], answers(["analytics", "ads"], ["analytics", "ads", "mail"])],
    ["reject_all", ["analytics", "ads@both"], answers([])],
    ["close", ["ads@both"], answers([])],
    ["allow", ["analytics@both", "ads@both"], { "analytics@both": true, "ads@both": true }],
    ["refuse", ["analytics@tally"], { "analytics@tally": false }],
    ["close", ["analytics"], answers([])],
    ["opt_out", ["analytics"], answers([], ["ads", "ads:acme", "sold"])],
    ["allow", ["event"], { event: true }],
    ["refuse", ["event"], { event: false }],
    ["acknowledge", [], {}],
    ["age_child", ["analytics"], {}],
    ["age_teen", [], {}],
    ["age_adult", [], {}],
  ]
) {
  Deno.test(`${action} answers for what its form shows: ${picked}`, () => {
    visit();
    equal(answersFromForm(action, picked), expected);
  });
}

Deno.test("closing leaves what was decided before as it is", () => {
  visit({ AAAA: [true, table.today], BBBB: [false, table.today], DDDD: [true, table.today - 1] });
  equal(answersFromForm("close", []), answers([], ["ads:acme", "partner:acme", "mail"]));
});

Deno.test("accepting everything grants a teen nothing that is for adults", () => {
  visit({}, "t");
  state.setData({ ...state.data, options: table.terms.options.map((each) => ({ ...each, all: 1 })) });
  equal(
    answersFromForm("accept_all", []),
    answers(["analytics", "ads"], ["analytics", "ads", "mail", "event"].slice(0, 3)),
  );
});

Deno.test("a submission says what the visitor saw, and who pressed", () => {
  visit();
  const { key, ...rest } = makeSubmission("save", "centre", { mail: true }, false, "abcd");
  equal(/^\d+(-\d+){3}$/.test(key), true);
  equal(rest, {
    after: "A".repeat(22) + ".1",
    notice: "abcd",
    locale: "en",
    action: "save",
    surface: "centre",
    purposes: { mail: true },
    gpc: false,
    scripted: true,
  });
});
