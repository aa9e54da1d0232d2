// @ts-nocheck: reads visits as JSON, and prints what vendors were told in each. See tests/script/test_calls.py.
import { clear, setDay, signal, tokenOf } from "./page.js";

if (Deno.args.includes("gpc")) signal();

const before = new Set(Object.getOwnPropertyNames(globalThis));
const listeners = {}, timers = new Map(), warnings = [];
let inHead = [];
Object.assign(document, {
  addEventListener: (type, listener) => listeners[type] = listener,
  createElement: () => ({ attributes: {}, setAttribute(name, value) { this.attributes[name] = value; } }),
  head: { append: (script) => inHead.push(script) },
});
globalThis.setTimeout = (work, _, ...args) => timers.set(timers.size + 1, () => work(...args)).size;
globalThis.clearTimeout = (id) => timers.delete(id);
console.warn = (...parts) => warnings.push(parts.map(String).join(" "));

const { pendingEntries, pendingSubmissions, storeSubmission } = await import("../../static/src/core/outboxStore.js");
const state = await import("../../static/src/core/state.js");
const { judged } = await import("../../static/src/core/trustedToken.js");
const { logErrors } = await import("../../static/src/core/logErrors.js");
const { service } = await import("../../static/src/linked/service.js");
const { tags } = await import("../../static/src/linked/tags.js");
const { calls } = await import("../../static/src/linked/calls.js");

const DAY = 20000;
const tools = {
  ...state, data: () => state.data, logErrors, nonce: "", pendingSubmissions, service,
};

/** The token of a visitor who has decided this, by option. */
const setToken = (decided) => {
  const decisions = state.data.options.filter(({ key }) => decided?.[key] != null)
    .map(({ key, tag }) => [tag, [decided[key], DAY]]);
  judged[0] = CW_SHARED.token = decided ? tokenOf(Object.fromEntries(decisions)) : "";
  state.loadState();
};

/** As JSON has it, and whether it is what a function was called with: some scripts tell that from an array. */
const plain = (value) => {
  const text = JSON.stringify(value, (_, each) => {
    return Object.prototype.toString.call(each) == "[object Arguments]" ? { args: [...each] } : each;
  });
  return JSON.parse((text ?? "null").replaceAll(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/g, '"now"'));
};

/** What a vendor's script would make when it is there: everything that is said to it is written down. */
const recorder = (name, said) => new Proxy(class {
  constructor(...all) {
    said.push(["new " + name, ...all]);
  }
  push(...all) {
    said.push([name + ".push", ...all]);
  }
}, { get: (made, key) => key in made ? made[key] : (...all) => void said.push([name + "." + String(key), ...all]) });

/** Each script that the widget has put into the page runs: then its `objects` are there, in place of stubs. */
const run = (objects, said) => {
  const scripts = inHead;
  inHead = [];
  for (const name of scripts.length ? objects : []) globalThis[name] = recorder(name, said);
  scripts.forEach((script) => script.onload());
  return scripts.map(({ attributes }) => attributes);
};

const visit = ({ data, was, page = "", says = [], acts = [], queues, objects = [] }) => {
  for (const name of Object.getOwnPropertyNames(globalThis)) if (!before.has(name)) delete globalThis[name];
  clear();
  timers.clear();
  warnings.length = inHead.length = 0;
  setDay(DAY);
  state.setData(data);
  setToken(was);
  (0, eval)(page); // what the page's own scripts did before the widget
  const said = [], scripts = [];
  let announced;
  const announce = () => {
    const decisions = data.options.map(state.decided).join();
    if (announced != null && announced != decisions) listeners["consent:change"]();
    announced = decisions;
  };
  // as script/linked.py links them
  const tells = data.services.some(({ tag }) => tag?.calls.some(({ on }) => !["start", "loaded"].includes(on)));
  tags(tools, tells && calls);
  announce();
  scripts.push(...run(objects, said));
  const say = (calls) => calls.forEach(([name, ...args]) => globalThis[name](...args));
  say(says);
  for (const { decided, away, days, elsewhere, then = [] } of acts) {
    if (days) { // what was decided ends
      setDay(DAY + days);
      state.loadState();
      announce();
      continue;
    }
    // as session.js does it: what is refused holds at once, and what is granted when the server has answered
    if (!elsewhere) storeSubmission({ key: "k", action: "save", purposes: decided });
    state.loadState();
    announce();
    scripts.push(...run(objects, said));
    if (away) for (const work of timers.values()) work();
    for (const [name] of pendingEntries()) delete localStorage[name];
    setToken(decided);
    announce();
    scripts.push(...run(objects, said));
    say(then);
  }
  const list = (name) => name.split(".").reduce((value, each) => value?.[each], globalThis);
  const wholeSaid = plain(said);
  return {
    queues: Object.fromEntries(queues.map((name) => [name, list(name) instanceof Function ? null : plain(list(name))])),
    said: wholeSaid, scripts, warnings: [...warnings],
  };
};

console.log(JSON.stringify(JSON.parse(await new Response(Deno.stdin.readable).text()).map(visit)));
