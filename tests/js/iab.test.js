// @ts-nocheck
/** The consent manager of the page's advertising is followed one way, however it behaves. */
import { equal } from "./equal.js";
import { clear, replaced } from "./page.js";

const { iab, readGpp, readTcf } = await import("../../static/src/linked/iab.js");

const KEYS = ["analytics", "marketing", "marketing@meta"];
const TABLE = {
  tcf: { analytics: ["1", "8"], marketing: ["1", "3", "4"], "marketing@meta": ["v755"] },
  grants: ["analytics"],
};
const OPT_OUTS = { gpp: { marketing: ["SaleOptOut", "SharingOptOut"] }, grants: [] };
const tcData = (consents, more = {}) => ({
  gdprApplies: true, cmpStatus: "loaded", eventStatus: "tcloaded", purpose: { consents }, vendor: { consents: {}, disclosedVendors: {} }, ...more,
});
const ALL = Object.fromEntries([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map((each) => [each, true]));
const settle = () => new Promise((done) => setTimeout(done));

/** A page with the widget, where the visitor has decided so; returns what was decided by following. */
const visit = (decisions = {}, { table = TABLE, band = "", age } = {}) => {
  const made = [];
  const state = new Map(Object.entries(decisions));
  iab({
    band: () => band,
    data: () => ({ options: KEYS.map((key) => ({ key })), iab: table, age }),
    decide: async (action, surface, keys, byPerson) => {
      made.push(`${action} ${surface} ${keys} ${byPerson}`);
      keys.forEach((key) => state.set(key, action == "allow"));
    },
    decided: ({ key }) => state.get(key),
    logErrors: (work) => (...all) => {
      try {
        return work(...all);
      } catch (error) {
        console.error(error.message);
      }
    },
    showMessage: () => {},
  });
  return { made, state };
};

/** A manager that answers each listener with what it knows, and tells it each change. */
const manager = (first) => {
  const listeners = [];
  const api = (command, version, listener) => {
    equal([command, version], ["addEventListener", 2]);
    listeners.push(listener);
    if (first) listener(first, true);
  };
  return { api, tell: async (data, success = true) => {
    listeners.forEach((listener) => listener(data, success));
    await settle();
  } };
};

const inPage = (name, api, work) => replaced("self", globalThis, () => replaced("top", globalThis, () => replaced("parent", globalThis, () =>
  replaced(name, api, async () => {
    clear();
    for (const each of Object.keys(localStorage)) delete localStorage[each];
    await work();
  })
)));

for (const [why, data] of [
  ["is not asked", tcData({}, { gdprApplies: false })],
  ["has not answered", tcData({}, { eventStatus: "cmpuishown" })],
  ["meets a manager that failed", tcData({}, { cmpStatus: "error" })],
  ["meets a manager without purposes", { gdprApplies: true, eventStatus: "tcloaded" }],
  ["meets a manager that says nothing", null],
  ["meets a manager that says nonsense", "tcloaded"],
]) Deno.test(`a visitor who ${why} has said nothing`, () => equal(readTcf(data, ["1"]), undefined));

Deno.test("each purpose, vendor and special feature has its answer; what no manager disclosed has none", () => {
  const data = tcData({ 1: true, 3: false }, {
    vendor: { consents: { 755: true, 10: false }, disclosedVendors: { 755: true, 10: true } },
    specialFeatureOptins: { 1: true },
  });
  equal(readTcf(data, ["1", "3", "4", "v755", "v10", "v99", "sf1", "sf2"]), {
    1: true, 3: false, 4: false, v755: true, v10: false, sf1: true, sf2: false,
  });
});

Deno.test("nothing is read from a prototype, and only true is a yes", () => {
  equal(readTcf(tcData(Object.create({ 1: true })), ["1"]), { 1: false });
  equal(readTcf(tcData({ 1: "yes", 2: 1 }), ["1", "2"]), { 1: false, 2: false });
});

Deno.test("an opt-out in any section of a US state counts, and nothing else says anything", () => {
  const ping = (parsedSections, more = {}) => ({ cmpStatus: "loaded", signalStatus: "ready", parsedSections, ...more });
  const names = ["SaleOptOut", "SharingOptOut", "Gpc"];
  equal(readGpp(ping({ usnat: [{ SaleOptOut: 1, SharingOptOut: 2 }, { Gpc: true }] }), names), { SaleOptOut: false, Gpc: false });
  equal(readGpp(ping({ usnat: [{ SaleOptOut: 2 }], usca: [{ SaleOptOut: 1 }] }), names), { SaleOptOut: false });
  equal(readGpp(ping({ usnat: [{ SaleOptOut: 0 }], tcfeuv2: [{ SaleOptOut: 1 }] }), names), {});
  for (const other of [{ signalStatus: "not ready" }, { cmpStatus: "error" }]) equal(readGpp(ping({}, other), names), undefined);
  equal(readGpp(undefined, names), undefined);
});

Deno.test("what is refused there is refused here; an agreement counts only where the site says so, and nobody has decided", () =>
  inPage("__tcfapi", manager(tcData(ALL)).api, async () => {
    equal((visit()).made, ["allow tcf analytics true"]);
    equal((visit({ analytics: false })).made, []);
    equal((visit({}, { table: { ...TABLE, grants: [] } })).made, []);
    equal((visit({}, { age: {} })).made, []);
    equal((visit({}, { age: {}, band: "a" })).made, ["allow tcf analytics true"]);
  }));

Deno.test("a later refusal there ends what was granted here, and is not repeated over what the visitor decides here afterwards", () => {
  const { api, tell } = manager(tcData({ ...ALL, 8: false }));
  return inPage("__tcfapi", api, async () => {
    const first = visit({ analytics: true, marketing: true });
    await settle();
    equal(first.made, ["refuse tcf analytics true"]);
    await tell(tcData({ 1: true }, { eventStatus: "useractioncomplete" }));
    equal(first.made.splice(1), ["refuse tcf marketing true"]);
    // the visitor agrees here again, and comes back: there all is as it was
    const next = visit({ analytics: true, marketing: true });
    await settle();
    await tell(tcData({ ...ALL, 8: false }));
    equal(next.made, ["refuse tcf analytics true"]);
  });
});

Deno.test("a manager that says the same again and again refuses nothing again", () => {
  const { api, tell } = manager(tcData({}, { eventStatus: "useractioncomplete" }));
  return inPage("__tcfapi", api, async () => {
    const { made, state } = visit();
    await settle();
    equal(made.splice(0), ["refuse tcf analytics,marketing true"]);
    state.set("analytics", true); // in the preference centre
    await tell(tcData({}, { eventStatus: "useractioncomplete" }));
    const { made: later } = visit({ analytics: true, marketing: false });
    await settle();
    equal([made, later], [[], []]);
  });
});

Deno.test("a manager that changes its mind all the time is followed a few times only", () => {
  const { api, tell } = manager();
  return inPage("__tcfapi", api, async () => {
    const { made, state } = visit();
    for (let each = 0; each < 40; each++) {
      state.set("analytics", true);
      await tell(tcData(each % 2 ? { ...ALL, 8: false } : { 1: true }));
    }
    equal(made.length, 9);
  });
});

Deno.test("a manager that throws, or fails, breaks nothing", async () => {
  const told = [];
  const { warn } = console;
  console.warn = (...all) => told.push(all[0]);
  try {
    await inPage("__tcfapi", () => {
      throw Error("broken");
    }, async () => equal((visit()).made, []));
  } finally {
    console.warn = warn;
  }
  equal(told.length, 1);
  const { api, tell } = manager();
  await inPage("__tcfapi", api, async () => {
    const { made } = visit();
    await tell(tcData({}), false);
    equal(made, []);
  });
});

Deno.test("a manager that comes late is found, and an element of its name is none", async () => {
  const { api } = manager(tcData({}));
  await inPage("__tcfapi", undefined, async () => {
    const { made } = visit();
    equal(made, []);
    await replaced("__tcfapi", api, async () => {
      await new Promise((done) => setTimeout(done, 700));
      equal(made, ["refuse tcf analytics,marketing true"]);
    });
  });
});

Deno.test("without storage a refusal there is applied only where nobody has decided", () =>
  inPage("__tcfapi", manager(tcData({})).api, () =>
    replaced("localStorage", undefined, async () => {
      equal((visit({ analytics: true })).made, ["refuse tcf marketing true"]);
    })));

Deno.test("the privacy platform's listener has no version, and its opt-outs refuse", () => {
  let listener;
  return inPage("__gpp", (command, callback) => {
    equal(command, "addEventListener");
    listener = callback;
  }, async () => {
    const { made } = visit({ marketing: true }, { table: OPT_OUTS });
    const pingData = { cmpStatus: "loaded", signalStatus: "ready", parsedSections: { usca: [{ SaleOptOut: 1 }] } };
    listener({ eventName: "signalStatus", data: "ready", pingData }, true);
    await settle();
    equal(made, ["refuse gpp marketing true"]);
  });
});

Deno.test("a manager in the page around this one is asked by messages, and grants nothing from there", async () => {
  let heard;
  const around = { frames: { __tcfapiLocator: {} }, postMessage: (message) => heard = message };
  around.parent = around;
  const frame = { parent: around };
  await replaced("self", frame, () => replaced("top", around, () => replaced("__tcfapi", undefined, async () => {
    for (const each of Object.keys(localStorage)) delete localStorage[each];
    const { made } = visit();
    const { command, version, callId } = heard.__tcfapiCall;
    equal([command, version], ["addEventListener", 2]);
    const answer = (source, id, returnValue, text = false) => {
      const data = { __tcfapiReturn: { returnValue, success: true, callId: id } };
      dispatchEvent(Object.assign(new Event("message"), { source, data: text ? JSON.stringify(data) : data }));
    };
    answer({}, callId, tcData({}));
    answer(around, "another", tcData({}));
    dispatchEvent(Object.assign(new Event("message"), { source: around, data: "{not json" }));
    await settle();
    equal(made, []);
    answer(around, callId, tcData(ALL));
    answer(around, callId, tcData({ ...ALL, 4: false }), true);
    await settle();
    equal(made, ["refuse tcf marketing true"]);
  })));
});
