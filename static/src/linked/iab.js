/**
 * Follows the consent manager of the advertising on this page (IAB TCF and GPP), one way: what the visitor refuses there is refused
 * here; what they agree to there is granted only where the site says so, and only if they have not decided here. Nothing of what is
 * decided here is told to it: a consent string may only be made by a registered manager.
 */

import { isSilent } from "../ui/isSilent.js";

/** @typedef {Record<string, boolean>} Answers by the framework's own names */

/** How often one page follows: a manager that changes its mind all the time is not a visitor. */
const MOST = 9;
/** For how long a manager may take to come, in milliseconds. */
const PATIENCE = [0, 500, 1e3, 2e3, 4e3, 8e3, 16e3];

const own = (/** @type {any} */ table, /** @type {string | number} */ key) =>
  table && Object.prototype.hasOwnProperty.call(table, key) ? table[key] : undefined;

/**
 * What a visitor has answered, once they have: purposes by number, vendors as `v755`, special features as `sf1`. A vendor that was
 * not disclosed to them (TCF 2.3) was neither agreed to nor refused.
 * @param {any} data TCData
 * @param {string[]} names that the site asks about
 * @returns {Answers | undefined}
 */
export const readTcf = (data, names) => {
  const { gdprApplies, eventStatus, cmpStatus, purpose, vendor, specialFeatureOptins } = data || {};
  if (gdprApplies === false || cmpStatus == "error" || !/^(tcloaded|useractioncomplete)$/.test(eventStatus)) return;
  if (!purpose?.consents) return;
  /** @type {Answers} */
  const answers = {};
  for (const name of names) {
    const [, kind, id] = /^(v|sf|)(\d+)$/.exec(name) || [];
    if (kind == "v" && vendor?.disclosedVendors && own(vendor.disclosedVendors, id) !== true) continue;
    const table = kind == "v" ? vendor?.consents : kind == "sf" ? specialFeatureOptins : purpose.consents;
    if (table) answers[name] = own(table, id) === true;
  }
  return answers;
};

/**
 * What a visitor has opted out of in any section of a US state, or of all (`SaleOptOut`). Who has not opted out has agreed to nothing.
 * @param {any} ping PingReturn
 * @param {string[]} names
 * @returns {Answers | undefined}
 */
export const readGpp = (ping, names) => {
  const { signalStatus, cmpStatus, parsedSections } = ping || {};
  if (cmpStatus == "error" || signalStatus != "ready" || !parsedSections) return;
  const parts = Object.keys(parsedSections).filter((name) => name.startsWith("us")).flatMap((name) => parsedSections[name]);
  const optedOut = (/** @type {string} */ name) => parts.some((part) => [1, true].includes(own(part, name)));
  return Object.fromEntries(names.filter(optedOut).map((name) => [name, false]));
};

/**
 * The manager's function: on this page, or in the page that this one is a frame of, which is asked by messages.
 * @param {string} name `__tcfapi` or `__gpp`
 * @returns {((...parameters: any[]) => void) | undefined}
 */
const find = (name) => {
  const page = /** @type {any} */ (globalThis);
  const there = own(page, name); // an element with that id is no property of the page's own
  if (typeof there == "function") return there;
  for (let frame = self; frame != frame.parent;) {
    frame = /** @type {typeof self} */ (frame.parent);
    try {
      if (!(/** @type {any} */ (frame.frames)[name + "Locator"])) continue;
    } catch {
      continue; // of another origin, where no such frame can be seen
    }
    return (command, second, third) => {
      const callback = typeof second == "function" ? second : third;
      const callId = crypto.getRandomValues(new Uint32Array(2)).join("-");
      const call = { command, version: 2, parameter: undefined, callId };
      addEventListener("message", ({ source, data }) => {
        if (source != frame) return;
        try {
          const answer = (typeof data == "string" ? JSON.parse(data) : data)?.[name + "Return"];
          if (answer?.callId == callId) callback(answer.returnValue, answer.success);
        } catch { /* another script's message */ }
      });
      frame.postMessage({ [name + "Call"]: call }, "*");
    };
  }
};

/** @param {typeof import("../tools.js").tools} tools */
export const iab = ({ band, data, decide, decided, logErrors, showMessage }) => {
  let left = MOST;
  /** Of a parent of another site nobody knows whether a person pressed there. */
  const isFramed = self != top;

  /** @param {"tcf" | "gpp"} framework @param {Answers} answers */
  const apply = async (framework, answers) => {
    const { options, iab, age, cookie = "cw" } = data();
    const table = /** @type {Record<string, string[]>} */ (iab[framework]);
    const [refused, agreed] = /** @type {string[][]} */ ([[], []]);
    for (const { key } of options) {
      /** @type {(boolean | undefined)[]} */
      const given = (own(table, key) || []).map((/** @type {string} */ name) => own(answers, name));
      if (given.includes(false)) refused.push(key);
      else if (given[0] && given.every((each) => each === true) && iab.grants.includes(key)) agreed.push(key);
    }
    const decision = (/** @type {string} */ key) => {
      const option = options.find((each) => each.key == key);
      return option && decided(option);
    };
    const said = `${refused} ${agreed}`;
    const name = `${cookie}-${framework}`;
    let before;
    try {
      before = localStorage.getItem(name);
      localStorage.setItem(name, said);
    } catch { // a page without storage does not know whether this is new
      before = said;
    }
    const isNew = before != said;
    // what they decided here since is not refused again, until they say something else there
    const off = refused.filter((key) => isNew ? decision(key) != false : decision(key) == null);
    const on = agreed.filter((key) => decision(key) == null && !isFramed && (!age || band() == "a"));
    for (const [action, keys] of /** @type {[string, string[]][]} */ ([["refuse", off], ["allow", on]])) {
      if (!keys[0] || left-- < 1) continue;
      await decide(action, framework, keys, true); // they have pressed, though not here
      showMessage("");
    }
  };

  /** @param {"tcf" | "gpp"} framework @param {(apply: (answers: Answers | undefined) => void) => boolean} listen is the manager there? */
  const begin = (framework, listen, tries = 0) => {
    const go = logErrors((/** @type {Answers | undefined} */ answers) => answers && void apply(framework, { ...answers }));
    let isThere;
    try {
      isThere = listen(go);
    } catch (error) {
      console.warn("consent_widget: the consent manager of the advertising failed:", error);
    }
    if (!isThere && ++tries < PATIENCE.length) setTimeout(() => begin(framework, listen, tries), PATIENCE[tries]);
  };

  const names = (/** @type {"tcf" | "gpp"} */ framework) => [
    ...new Set(/** @type {string[][]} */ (Object.values(data().iab[framework] || {})).flat()),
  ];
  /** @param {"tcf" | "gpp"} framework @param {string} name @param {(call: any, listener: (data: any, success: boolean) => void) => void} add @param {(data: any) => Answers | undefined} read */
  const follow = (framework, name, add, read) => {
    if (!names(framework)[0]) return;
    begin(framework, (go) => {
      const call = find(name);
      if (call) add(call, (data, success) => success && go(read(data)));
      return !!call;
    });
  };
  if (isSilent()) return; // the page around this one does it
  follow(
    "tcf",
    "__tcfapi",
    (call, listener) => call("addEventListener", 2, listener),
    (data) => readTcf(data, names("tcf")),
  );
  follow(
    "gpp",
    "__gpp",
    (call, listener) => call("addEventListener", listener),
    (event) => readGpp(event?.pingData, names("gpp")),
  );
};
