/** Wires the parts together: presses become choices, choices open and shut gates, and the page may listen. */

import { chosen } from "./centre.js";
import { build, HOME } from "./element.js";
import { clear, gates } from "./gate.js";
import { framed, host, root, settle, sheet } from "./host.js";
import { kept, outbox } from "./outbox.js";
import { placeholder } from "./placeholder.js";
import { asked, band, data, due, forced, gpc, keys, may, recall, refuse, remember, token } from "./state.js";
import { dress, get, hide, layer, openCentre, openNotice, render, room, say, show, speak } from "./surfaces.js";

/** @type {WeakSet<Element>} what the visitor lets in for this once */
const once = new WeakSet();
/** What was last told to the page, and whether the visitor was told that something is not saved. */
let told = "";
/** @type {(() => void) | undefined} tells of changes of the notice */
let tell;
/** @type {ReturnType<typeof import("./age.js").age> | undefined} knows what a minor may not grant */
let ages; // age
/** @type {Record<string, (value?: unknown) => void>} who waits for the first answer to a choice */
const waits = Object.create(null);
let unsaved = false;

/** @param {HTMLElement} element */
const allowed = (element) => {
  const { permits, permitsService } = may();
  const { consent = "", consentService: service } = element.dataset;
  if (prerendering()) return false;
  return once.has(element) ||
    consent.split(" ").every((purpose) => permits(purpose) || service && data.separate.includes(purpose)) &&
      (!service || permitsService(service));
};

/** @param {HTMLElement} element */
const instead = (element) => {
  const { consent = "", consentService, src = "" } = element.dataset;
  const { words } = data;
  const service = data.services.find(({ id }) => id == consentService);
  const purposes = consent.split(" ");
  const free = keys((option) => !forced(option));
  const enough = !service?.recipient && purposes.every((purpose) => free.includes(purpose));
  const vendor = service?.name || src.split("/")[2] || location.host;
  const blocked = words.blocked.replaceAll("{vendor}", vendor);
  const always = enough ? words.load_always : words.preferences;
  return placeholder(element, sheet, data.locale, [blocked, words.load_once, always], (second, trusted) => {
    if (second) return enough ? decide("allow", "placeholder", purposes, trusted) : openCentre();
    if (!data.scripted && framed()) return say(data.words.framed);
    if (ages?.held(purposes)) return; // age
    if (trusted || data.scripted) once.add(element);
    look();
  });
};

/** Nobody looks at the page yet. */
const prerendering = () => /** @type {any} */ (document).prerendering;
/** How every option stands. */
const decided = () => "" + data.options.map(asked);

/** Opens what is granted. True when only a reload ends what still runs and may not. */
const look = () => {
  tell?.();
  ages?.dress(); // age
  return gates(allowed, instead, data.locale);
};

/** Opens what is granted, clears up after what is not, and tells the page where that is new. */
const obey = (by = "visitor", action = "", surface = "") => {
  for (const service of data.services) if (!may().permitsService(service.id)) clear(service);
  if (told != decided()) {
    told = decided();
    document.dispatchEvent(new CustomEvent("consent:change", { detail: { by, action, surface } }));
  }
  return look();
};

/** What still runs and may not is ended, where there is a page to come back to. */
const end = () => {
  if (!navigator.onLine) return;
  say(data.words.reloading);
  setTimeout(() => location.reload(), 1500);
};

/**
 * One act in full: what is granted, and what is not.
 * @param {string} action
 * @param {string} surface
 * @param {string[]} picked
 * @param {boolean} trusted
 * @param {string} notice that it answers
 */
const compose = (action, surface, picked, trusted, notice) => {
  const single = /allow|refuse|ack/.test(action);
  const granted = action == "accept_all"
    ? keys((option) => option.all && !forced(option))
    : /save|allow/.test(action)
    ? picked
    : [];
  /** @type {Record<string, boolean>} */
  const purposes = {};
  for (const option of data.options) {
    if (/age/.test(action)) break; // age
    const { key } = option;
    const answered = single ? picked.includes(key) : option.bulk &&
      !(action == "accept_all" ? key.includes(":") : action == "close" && asked(option) != null);
    if (answered) purposes[key] = granted.includes(key);
  }
  const key = crypto.getRandomValues(new Uint32Array(4)).join("-");
  return { key, notice, locale: data.locale, action, surface, purposes, gpc: !!gpc, scripted: !trusted };
};

/**
 * The notice changed between the page and the press: a refusal holds for the new one too.
 * @param {import("./outbox.js").Submission} said
 */
const renew = async ({ action, surface, purposes, notice, scripted }) => {
  if (!await speak(data.locale) || data.notice == notice) return;
  const said = compose(action, surface, Object.keys(purposes), !scripted, data.notice);
  for (const { key, bulk } of data.options) if (bulk && key in purposes) said.purposes[key] = false;
  if (/age/.test(action)) return said; // age
  return Object.keys(said.purposes)[0] ? said : null;
};

const send = outbox(HOME + "records", token, remember, renew, (said, status, lasting) => {
  const { notice, action, surface, scripted } = said;
  const left = kept()[0];
  const saved = lasting != null;
  recall();
  for (const key in waits) if (!saved || key == said.key) waits[key](); // what waits behind this one waits too
  unsaved = !!left || !saved;
  if (saved && !due()) hide();
  if (status == 409 && !left && surface != "ask") speak(data.locale).then(() => data.notice != notice && openCentre());
  if (/ack/.test(action)) unsaved = false; // the bar says so itself
  else if (unsaved) say(data.words.unsaved);
  else if (/age/.test(action)) say(""); // age
  else say(data.words[lasting ? "saved" : "unkept"], 5);
  if (obey(scripted ? "script" : "visitor", action, surface)) end();
});

/** As other pages of this site have it by now: another tab, or this one while it was away. */
const refresh = () => {
  recall();
  const before = told;
  const still = obey("tab");
  if (told != before) render();
  if (unsaved && !kept()[0]) say(data.words.saved, 5), unsaved = false;
  if (still) end();
};

/**
 * @param {string} action
 * @param {string} surface
 * @param {string[]} picked what is granted, where the visitor chose one by one
 * @param {boolean} trusted whether a person did it: a grant needs one, a refusal does not
 */
const decide = (action, surface, picked, trusted, notice = data.notice) => {
  if (/accept|save|allow/.test(action) && !data.scripted) {
    if (!trusted) return;
    if (framed()) return say(data.words.framed);
  }
  if (/accept|save|allow/.test(action) && ages?.held(picked)) return; // age
  const said = compose(action, surface, picked, trusted, notice);
  refuse(said);
  if (
    !/age/.test(action) && // age
    !/allow|refuse|ack/.test(action)
  ) hide();
  obey(trusted ? "visitor" : "script", action, surface);
  send(said);
  return new Promise((done) => waits[said.key] = done);
};

/** @param {Event} event in the widget */
const pressed = (event) => {
  /** @type {HTMLButtonElement | null} a button or a link */
  const target = /** @type {HTMLElement} */ (event.target).closest("button, a");
  const { open, lang, close } = target?.dataset || {};
  const anchor = target?.getAttribute("href")?.match(/^#.+/);
  const form = target?.closest("form");
  let done;
  if (open) done = open == "notice" ? openNotice() : openCentre();
  else if (lang) done = speak(lang).then(look);
  else if (close == "") target?.closest("dialog")?.close();
  else if (anchor) root.querySelector(anchor[0])?.scrollIntoView();
  else if (form && target?.value) {
    decide(target.value, layer?.contains(target) ? "layer" : "centre", chosen(form), event.isTrusted);
  } else return;
  event.preventDefault();
  return done;
};

/** @param {Event} event in the page */
const asking = (event) => {
  if (!/** @type {HTMLElement} */ (event.target).closest("[data-consent-open]")) return;
  event.preventDefault();
  openCentre();
};

/** A page may have changed what the language itself does: then this widget stops, and not the page. */
const safe = (/** @type {(...all: any[]) => unknown} */ work) => async (/** @type {any[]} */ ...all) => {
  try {
    await work(...all);
  } catch (error) {
    console.warn("consent_widget:", error);
  }
};

/** @type {import("../../consent_widget/widget.d.ts").Widget} what the page may call; it never grants */
const api = {
  granted: (purpose, recipient) => !!may().permits(purpose, recipient),
  on: (event, listener) => {
    const heard = (/** @type {any} */ { detail }) => listener(detail);
    document.addEventListener("consent:" + event, heard);
    return () => document.removeEventListener("consent:" + event, heard);
  },
  open: () => openCentre(),
  ask: async (purpose, about = {}) => {
    refresh();
    await CW_MORE.ask?.(purpose, about, data.options, {
      asked,
      build,
      decide,
      forced,
      get,
      language: data.locale,
      show,
    });
    return api.granted(purpose, about.recipient);
  },
  reject: safe(() => void decide("reject_all", "api", [], false)),
  withdraw: safe(() => void decide("withdraw_all", "api", [], false)),
  get language() {
    return data.locale;
  },
  set language(locale) {
    safe(() => speak(locale).then(look))();
  },
  push: (ask) => void setTimeout(ask, 0, api),
};

root.addEventListener("click", safe(pressed));
document.addEventListener("click", safe(asking));
addEventListener("storage", safe(({ key }) => /cw|null/.test(key) && refresh()));
addEventListener("pageshow", safe(({ persisted }) => persisted && refresh()));
document.addEventListener("visibilitychange", safe(refresh));
document.addEventListener("prerenderingchange", safe(() => send(void refresh())));

const start = () => {
  const global = /** @type {any} */ (globalThis);
  const queue = global.ConsentWidget;
  global.ConsentWidget = Object.freeze(api);
  dress();
  recall();
  told = decided();
  ages = CW_MORE.age?.(() => data, { asked, band: () => band, build, once, root, show }); // age
  render();
  const go = safe(() => {
    tell = CW_MORE.news?.(() => data, { build, decide, get, room, root, show, token });
    obey();
    const watch = new MutationObserver(safe(() => {
      if (!host.isConnected) settle();
      look();
      watch.takeRecords(); // of what it did itself
    }));
    watch.observe(document, { childList: true, subtree: true });
    if (!prerendering()) send();
    CW_MORE.leave?.(() => data.leave, build, show);
    if (Array.isArray(queue)) queue.forEach(api.push);
  });
  due() ? setTimeout(go) : go(); // on a slow phone the layer is painted first; who comes back waits for nothing
};
safe(start)();
