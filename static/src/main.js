/** Wires the parts together: the choice, the gates, what is shown, and what the page may call. */

import { centre, chosen } from "./centre.js";
import { dialog } from "./dialog.js";
import { build, HOME } from "./element.js";
import { clear, gates } from "./gate.js";
import { kept, outbox } from "./outbox.js";
import { placeholder } from "./placeholder.js";
import { decision, policy, today } from "./policy.js";
import { cookie, readToken } from "./token.js";

/** @typedef {import("./element.js").Tree} Tree */
/** @typedef {import("./outbox.js").Submission} Submission */
/** @typedef {import("./policy.js").Option} Option */
/**
 * @typedef {import("./policy.js").Terms & {
 *   locale: string, domain?: unknown, origins: string[], notice: string, scripted?: unknown, modal?: unknown,
 *   words: Record<string, string>, layer: Tree, centre: Tree
 * }} Data what the server puts into this file, in one locale
 */

/** @type {Data} */
let data = CW_DATA;
const host = /** @type {HTMLElement | null} */ (document.querySelector("consent-widget")) ||
  (document.body || document.documentElement).appendChild(build(["consent-widget"]));
const root = host.shadowRoot || host.attachShadow({ mode: "open" });
const sheet = new CSSStyleSheet();
const gpc = /** @type {any} */ (navigator).globalPrivacyControl || host.hasAttribute("data-gpc");
if (gpc) host.dataset.gpc = "";
/** @type {Set<HTMLElement>} what the visitor lets in for this once */
const once = new Set();
const name = location.protocol == "https:" && !data.domain ? "__Host-cw" : "cw";
const memory = CW_MEMORY?.(data, name, cookie, HOME);
const token = () => memory ? memory.read() : cookie(name);
let decisions = readToken(token()) || {};
/** @type {HTMLElement | null} */
let layer = root.querySelector(".cw-layer");
const toast = build(["p", { class: "cw-toast", role: "status", part: "status" }]);
const pill = build(["button", { class: "cw-pill", "data-open": "centre", part: "reopen" }]);

const may = () => policy(data, decisions, gpc, today());
const asked = (/** @type {Option} */ option) => decision(option, decisions, today());
const due = () => data.options.some((option) => option.bulk && !option.key.includes(":") && asked(option) == null);
const forced = (/** @type {Option} */ option) => gpc && option.gpc;
const keys = (/** @type {(option: Option) => unknown} */ which) => data.options.filter(which).map(({ key }) => key);
const say = (/** @type {string} */ text) => toast.replaceChildren(text);

/** @param {HTMLElement} element */
const allowed = (element) => {
  const { permits, permitsService } = may();
  const { consent = "", consentService: service } = element.dataset;
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
    if (trusted || data.scripted) once.add(element);
    obey();
  });
};

/** Opens what is granted, clears up after what is not; true when only a reload ends what still runs. */
const obey = () => {
  for (const service of data.services) if (!may().permitsService(service.id)) clear(service);
  return gates(allowed, instead);
};

/**
 * What is refused counts at once, saved or not.
 * @param {Submission} said
 */
const refuse = ({ action, purposes }) => {
  if (/reject|withdraw/.test(action)) decisions = {};
  for (const { key, tag } of data.options) if (purposes[key] == false) decisions[tag] = [false, today()];
};

const send = outbox(HOME + "records", ({ notice, action, surface, scripted }, status, saved = "") => {
  const now = readToken(saved);
  if (status == 409) speak(data.locale).then(() => data.notice != notice && again(action, surface, !scripted));
  say(data.words[now ? "saved" : "unsaved"]);
  if (now) {
    decisions = now;
    memory?.write(saved);
    if (!due()) hide();
    document.dispatchEvent(new CustomEvent("consent:change", { detail: { action, surface } }));
    setTimeout(say, 5e3, "");
  }
  if (obey()) {
    say(data.words.reloading);
    setTimeout(() => location.reload(), 1500);
  }
});

/**
 * @param {string} action
 * @param {string} surface
 * @param {string[]} picked what is granted, where the visitor chose one by one
 * @param {boolean} trusted whether a person did it: a grant needs one, a refusal does not
 */
const decide = (action, surface, picked, trusted) => {
  const grants = /accept|save|allow/.test(action);
  if (grants && !trusted && !data.scripted) return;
  const granted = action == "accept_all" ? keys((option) => option.all && !forced(option)) : grants ? picked : [];
  /** @type {Record<string, boolean>} */
  const purposes = {};
  for (const option of data.options) {
    const { key } = option;
    const answered = action == "allow" ? granted.includes(key) : option.bulk &&
      !(action == "accept_all" ? key.includes(":") : action == "close" && asked(option) != null);
    if (answered) purposes[key] = granted.includes(key);
  }
  const said = {
    key: crypto.getRandomValues(new Uint32Array(4)).join("-"),
    notice: data.notice,
    locale: data.locale,
    action,
    surface,
    purposes,
    gpc,
    scripted: !trusted,
    token: token(),
  };
  refuse(said);
  if (action != "allow") hide();
  obey();
  send(said);
};

/**
 * The notice changed between the page and the press: a refusal holds for the new one too, a grant is asked for again.
 * @param {string} action
 * @param {string} surface
 * @param {boolean} trusted
 */
const again = (action, surface, trusted) =>
  /accept|save|allow/.test(action) ? openCentre() : decide(action, surface, [], trusted);

/** @param {string} height so that the end of the page, and what is focused, can be scrolled clear of the layer */
const makeRoom = (height) =>
  document.documentElement.style.scrollPaddingBottom = document.documentElement.style.paddingBottom = height;

/** Puts the layer and all dialogs away. The focus, where it was in them, goes to the way back. */
const hide = () => {
  const focused = root.activeElement;
  layer?.remove();
  layer = null;
  root.querySelectorAll("dialog").forEach((each) => each.close());
  makeRoom("");
  pill.hidden = !!document.querySelector("[data-consent-open]");
  if (focused) pill.focus();
};

/** @param {HTMLElement} content */
const show = (content) =>
  dialog(root, content, () => {
    if (layer && !layer.isConnected) hide();
  });

const openCentre = (granted = keys(asked)) => {
  const form = build(data.centre);
  centre(form, granted, keys(forced));
  show(form);
};

/** @param {string} name */
const get = async (name) => (await fetch(`${HOME}i18n/${name}.json`)).json();

const openNotice = async () => {
  const [css, article] = await get("notice." + data.locale);
  sheet.replaceSync(CW_CSS + css);
  show(build(article));
};

const render = () => {
  host.lang = data.locale;
  pill.replaceChildren(data.words.preferences);
  pill.hidden = due();
  if (!pill.hidden) return hide();
  if (!layer) root.prepend(layer = build(data.layer));
  makeRoom(layer.offsetHeight + 32 + "px");
  if (data.modal) show(layer);
};

/** @param {string} locale */
const speak = async (locale) => {
  data = await get(locale);
  const form = /** @type {HTMLElement | null} */ (root.querySelector("dialog .cw-centre"));
  const notice = root.querySelector("article");
  hide();
  render();
  obey();
  if (form) return openCentre(chosen(form));
  if (notice) return openNotice();
  const again = /** @type {HTMLElement | null} */ (root.querySelector("[data-lang]"));
  again?.focus();
};

root.addEventListener("click", (event) => {
  /** @type {HTMLButtonElement | null} a button or a link */
  const target = /** @type {HTMLElement} */ (event.target).closest("button, a");
  const told = target?.dataset || {};
  const anchor = target?.getAttribute("href")?.match(/^#.+/);
  const form = target?.closest("form");
  if (told.open) told.open == "notice" ? openNotice() : openCentre();
  else if (told.lang) speak(told.lang);
  else if (told.close == "") target?.closest("dialog")?.close();
  else if (anchor) root.querySelector(anchor[0])?.scrollIntoView();
  else if (form && target?.value) {
    decide(target.value, layer?.contains(target) ? "layer" : "centre", chosen(form), event.isTrusted);
  } else return;
  event.preventDefault();
});
document.addEventListener("click", (event) => {
  if (!/** @type {HTMLElement} */ (event.target).closest("[data-consent-open]")) return;
  event.preventDefault();
  openCentre();
});

sheet.replaceSync(CW_CSS);
root.adoptedStyleSheets = [sheet];
root.append(pill, toast);
kept().forEach(refuse);
render();
obey();
document.addEventListener("DOMContentLoaded", obey);
send();

/** @type {any} */ (globalThis).ConsentWidget = {
  granted: (/** @type {string} */ purpose, /** @type {string} */ recipient) => may().permits(purpose, recipient),
  open: () => openCentre(),
  reject: () => decide("reject_all", "api", [], false),
  withdraw: () => decide("withdraw_all", "api", [], false),
};
