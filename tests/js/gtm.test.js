// @ts-nocheck
import { equal } from "./equal.js";
import { fields, permissions, run, sections } from "./gtm_sandbox.js";

const FILE = new URL("../../examples/gtm/template.tpl", import.meta.url);
const TEXT = Deno.readTextFileSync(FILE);
const DATA = Object.fromEntries(fields(TEXT).map(({ name, defaultValue }) => [name, defaultValue]));
const PURPOSES = ["functional", "analytics", "marketing"];
const TYPES = {
  ad_storage: "marketing",
  ad_user_data: "marketing",
  ad_personalization: "marketing",
  analytics_storage: "analytics",
  functionality_storage: "functional",
  personalization_storage: "functional",
};
const DENIED = Object.fromEntries(Object.keys(TYPES).map((type) => [type, "denied"]));

/** The widget, with what a page may call (widget.d.ts), and a visitor who decides. */
const widget = (granted, services = []) => {
  const listeners = [];
  const state = { granted, services };
  return {
    granted: (purpose, recipient) => state.granted.includes(recipient ? `${purpose}:${recipient}` : purpose),
    grantedService: (service) => state.services.includes(service),
    on: (event, listener) => {
      if (event == "change") listeners.push(listener);
      return () => {};
    },
    decide: (now, running = []) => {
      Object.assign(state, { granted: now, services: running });
      listeners.forEach((listener) => listener({ by: "visitor" }));
    },
  };
};

/** The widget loads: whoever waited in the queue is called. */
const load = (page, made) => {
  const queue = page.ConsentWidget || [];
  page.ConsentWidget = made;
  for (const callback of queue) callback(made);
};

const of = (calls, ...names) => calls.filter(([name]) => names.includes(name));
const consentCalls = (calls) => of(calls, "setDefaultConsentState", "updateConsentState");
const stateOf = (granted) =>
  Object.fromEntries(Object.entries(TYPES).map(([type, by]) => [type, granted.includes(by) ? "granted" : "denied"]));
const subsets = PURPOSES.reduce((all, each) => [...all, ...all.map((one) => [...one, each])], [[]]);

Deno.test("everything is denied first, with at least 500 ms for the answer, before anything else is said", () => {
  const calls = run(TEXT, DATA, {});
  equal(calls[0], ["setDefaultConsentState", { security_storage: "granted", wait_for_update: 500, ...DENIED }]);
  equal(consentCalls(calls).length, 1);
  equal(of(calls, "gtagSet"), [["gtagSet", "ads_data_redaction", true]]);
  equal(calls.at(-1), ["gtmOnSuccess"]);
});

Deno.test("whatever a visitor had chosen, and chooses next, is told once, whenever the widget comes", () => {
  for (const late of [false, true]) {
    for (const before of subsets) {
      for (const after of subsets) {
        const page = late ? {} : { ConsentWidget: widget(before) };
        const calls = run(TEXT, DATA, page);
        if (late) {
          equal(consentCalls(calls).length, 1, "nothing is told that nobody knows");
          load(page, widget(before));
        }
        page.ConsentWidget.decide(after);
        page.ConsentWidget.decide(after);
        const told = [stateOf(before), ...(String(before) == String(after) ? [] : [stateOf(after)])];
        equal(of(calls, "updateConsentState").map(([, state]) => state), told, `${late} ${before} ${after}`);
        equal(of(calls, "setDefaultConsentState").length, 1, "there is no second default");
        equal(page.dataLayer, told.map(() => ({ event: "consent_update" })));
      }
    }
  }
});

Deno.test("the page's own queue for the widget is kept", () => {
  const mine = [];
  const page = { ConsentWidget: [() => mine.push("page")] };
  const calls = run(TEXT, DATA, page);
  load(page, widget(["analytics"]));
  equal(mine, ["page"]);
  equal(of(calls, "updateConsentState").length, 1);
});

Deno.test("a type follows all that it names: purposes, a named recipient, a single service", () => {
  const data = {
    ...DATA,
    ad_storage: "marketing , analytics",
    ad_user_data: "sharing:acme",
    analytics_storage: "analytics, @ga4",
    functionality_storage: "",
    personalization_storage: ",",
  };
  const told = (granted, services) => {
    const calls = run(TEXT, data, { ConsentWidget: widget(granted, services) });
    return of(calls, "updateConsentState")[0][1];
  };
  equal(told(["marketing"], []), { ...DENIED, ad_personalization: "granted" });
  equal(told(["marketing", "analytics"], []), { ...DENIED, ad_storage: "granted", ad_personalization: "granted" });
  equal(told(["analytics"], ["ga4"]), { ...DENIED, analytics_storage: "granted" });
  equal(told(["sharing"], []), DENIED, "the purpose alone is not the recipient");
  equal(told(["sharing:acme"], []), { ...DENIED, ad_user_data: "granted" });
});

Deno.test("in regions the default holds there only, and a refusal is told everywhere", () => {
  const calls = run(TEXT, { ...DATA, regions: "DE, US-CA" }, { ConsentWidget: widget([]) });
  equal(calls[0][1].region, ["DE", "US-CA"]);
  equal(of(calls, "updateConsentState"), [["updateConsentState", DENIED]]);
});

Deno.test("a wait that is too short for the widget, or no number, is 500 ms", () => {
  for (const [wait, used] of [["2000", 2000], [500, 500], ["100", 500], ["", 500], ["soon", 500], [undefined, 500]]) {
    equal(run(TEXT, { ...DATA, wait }, {})[0][1].wait_for_update, used);
  }
});

Deno.test("it asks for no more permission than it uses", () => {
  const calls = run(TEXT, DATA, {});
  const page = { ConsentWidget: widget([]) };
  run(TEXT, { ...DATA, ad_storage: "@ga4" }, page);
  equal(Object.keys(permissions(TEXT)).sort(), ["access_consent", "access_globals", "write_data_layer"]);
  const written = permissions(TEXT).access_consent.consentTypes.map(({ consentType }) => consentType);
  equal(written.sort(), Object.keys({ ...DENIED, security_storage: 1 }).sort());
  equal(calls.some(([name]) => name == "injectScript" || name == "getCookieValues"), false);
});

Deno.test("without a permission that it uses the sandbox stops it", () => {
  for (const key of ["ConsentWidget.granted", '"ad_user_data"', "ads_data_redaction"]) {
    const [before, after] = TEXT.split("___WEB_PERMISSIONS___");
    const poorer = before + "___WEB_PERMISSIONS___" + after.replaceAll(key, key.replace("a", "x"));
    let stopped = "";
    try {
      run(poorer, DATA, { ConsentWidget: widget([]) });
    } catch (error) {
      stopped = error.message;
    }
    equal(stopped.startsWith("The sandbox:"), true, key);
  }
});

Deno.test("the gallery finds what it asks for", () => {
  const found = sections(TEXT);
  const info = JSON.parse(found.INFO);
  equal(info.type, "TAG");
  equal(info.containerContexts, ["WEB"]);
  equal(info.categories.length > 0, true);
  equal(info.description.length <= 250, true);
  equal(found.TERMS_OF_SERVICE.includes("Community\nTemplate Gallery Developer Terms of Service"), true);
  const names = ["LICENSE", "metadata.yaml"].map((name) => Deno.readTextFileSync(new URL(name, FILE)));
  equal(names[0].includes("Apache License"), true);
  for (const key of ["homepage:", "documentation:", "versions:"]) equal(names[1].includes(key), true, key);
  for (const { name, help, checkboxText } of fields(TEXT)) equal(Boolean(help || checkboxText), true, name);
});

Deno.test("its own tests pass, as Tag Manager would run them", () => {
  const tests = sections(TEXT).TESTS;
  const setup = tests.split("setup: |-\n")[1];
  const scenarios = tests.split(/^- name: /m).slice(1);
  equal(scenarios.length >= 2, true);
  for (const scenario of scenarios) {
    const code = scenario.split("code: |-\n")[1].split(/^\S/m)[0];
    const mocks = {};
    let calls = [];
    const assertApi = (name) => {
      const made = calls.filter(([api]) => api == name).map(([, ...args]) => args);
      return {
        wasCalled: () => equal(made.length > 0, true, name),
        wasNotCalled: () => equal(made, [], name),
        wasCalledWith: (...args) => {
          const sorted = (item) => JSON.stringify(item.map((each) => Object.entries(each).sort()));
          equal(made.map(sorted).includes(sorted(args)), true, name);
        },
      };
    };
    const runCode = (data) => void (calls = run(TEXT, data, {}, { mocks }));
    new Function("mock", "runCode", "assertApi", setup + code)((name, api) => mocks[name] = api, runCode, assertApi);
  }
});
