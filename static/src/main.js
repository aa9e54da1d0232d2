/** Wires the parts together: the choice, the gates, what is shown, and what the page may call. */

import { centre, chosen } from "./centre.js";
import { dialog } from "./dialog.js";
import { build } from "./element.js";
import { clear, gates } from "./gate.js";
import { outbox } from "./outbox.js";
import { lift, placeholder } from "./placeholder.js";
import { decision, permits, permitsService, today } from "./policy.js";
import { cookie, readToken } from "./token.js";

/** @typedef {import("./element.js").Tree} Tree */
/**
 * @typedef {import("./policy.js").Terms & {
 *   locale: string, prefix: string, notice: string, scripted: boolean,
 *   words: Record<string, string>, layer: Tree, centre: Tree
 * }} Data what the server puts into this file, in one locale
 */

/** @type {Data} */
let data = CW_DATA;

const host = document.querySelector("consent-widget") || document.body.appendChild(document.createElement("consent-widget"));
const root = host.shadowRoot || host.attachShadow({ mode: "open" });
const sheet = new CSSStyleSheet();
const gpc = !!(/** @type {any} */ (navigator).globalPrivacyControl) || host.hasAttribute("data-gpc");
let decisions = readToken(cookie("__Host-cw") || cookie("cw")) || {};
/** @type {Set<Element>} */
const once = new Set();
/** @type {HTMLElement | undefined | null} */
let layer = root.querySelector(".cw-layer");
/** @type {HTMLElement} */
let toast;
/** @type {HTMLElement} */
let pill;

const granted = (/** @type {string} */ purpose, /** @type {string} */ recipient = "") =>
  permits(data, decisions, gpc, today(), purpose, recipient);
const asked = (/** @type {import("./policy.js").Option} */ option) => decision(option, decisions, today());
const pending = () => data.options.some((option) => option.bulk && !option.key.includes(":") && !asked(option));
const say = (/** @type {string} */ text) => toast.replaceChildren(text);

/** @param {HTMLElement} element */
const allowed = (element) => {
  const { consent = "", consentService = "" } = element.dataset;
  return once.has(element) ||
    consent.split(" ").every((purpose) => granted(purpose) || data.separate.includes(purpose) && !!consentService) &&
      (!consentService || permitsService(data, decisions, gpc, today(), consentService));
};

/** @param {HTMLElement} element */
const shut = (element) => {
  const service = data.services.find(({ id }) => id == element.dataset.consentService);
  const vendor = service?.name || new URL(element.dataset.src || "", location.href).host;
  const { blocked, once: load_once, always } = data.words;
  placeholder(element, sheet, data.locale, { blocked: blocked.replaceAll("{vendor}", vendor), once: load_once, always }, (keep, trusted) => {
    once.add(element);
    if (keep) decide("allow", "placeholder", (element.dataset.consent || "").split(" "), trusted);
    obey();
  });
};

/** Opens what is granted, clears up after what is not, and tells whether a reload is due. */
const obey = () => {
  const stale = gates(allowed, shut);
  for (const element of once) lift(/** @type {HTMLElement} */ (element));
  for (const service of data.services) {
    if (!permitsService(data, decisions, gpc, today(), service.id)) clear(service);
  }
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-consent][src]"))) lift(element);
  return stale;
};

const send = outbox(data.prefix + "/records", (said, status, { token = "" }) => {
  const now = readToken(token);
  if (!now) {
    if (status == 409) location.reload();
    return say(status ? data.words.not_kept : data.words.not_saved);
  }
  decisions = now;
  hide();
  say(data.words.saved);
  if (obey()) {
    say(data.words.reloading);
    setTimeout(() => location.reload(), 1500);
  }
  document.dispatchEvent(new CustomEvent("consent:change", { detail: { action: said.action, surface: said.surface } }));
  setTimeout(() => say(""), 5e3);
});

/**
 * @param {string} action
 * @param {string} surface
 * @param {string[]} keys granted, where the visitor chose them one by one
 * @param {boolean} trusted whether a person did it: a grant needs one, a refusal does not
 */
const decide = (action, surface, keys, trusted) => {
  const grants = /accept|save|allow/.test(action);
  if (grants && !trusted && !data.scripted) return;
  /** @type {Record<string, boolean>} */
  const purposes = {};
  if (action == "allow") for (const key of keys) purposes[key] = true;
  else {
    for (const option of data.options) {
      const { key, bulk, all } = option;
      if (!bulk || action == "close" && asked(option) || action == "accept_all" && granted(...key.split(":")) && !all) continue;
      purposes[key] = action == "accept_all" ? !!all && !(gpc && option.gpc) : action == "save" && keys.includes(key);
    }
  }
  if (!grants) {
    for (const option of data.options) if (purposes[option.key] == false) decisions[option.tag] = [false, today()];
    obey();
  }
  say(data.words.saving);
  send({
    key: crypto.getRandomValues(new Uint32Array(4)).join("-"),
    notice: data.notice,
    locale: data.locale,
    action,
    surface,
    purposes,
    gpc,
    scripted: !trusted,
  });
  if (!grants) hide();
};

const hide = () => {
  if (layer && (layer.closest("dialog") || layer).remove() == null) layer = null;
  root.querySelector("dialog")?.close();
  document.documentElement.style.scrollPaddingBottom = "";
  pill.hidden = !!document.querySelector("[data-consent-open]");
};

const openCentre = () => {
  const form = dialog(root, data.centre, data.locale);
  centre(form, (key) => {
    const option = data.options.find((each) => each.key == key);
    return gpc && option?.gpc ? undefined : granted(...key.split(":"));
  }, { on: data.words.some_on, group: data.words.switch_group });
  show(form);
};

const openNotice = async () => {
  const answer = await fetch(`${data.prefix}/i18n/notice.${data.locale}.json`);
  const [css, article] = await answer.json();
  const more = new CSSStyleSheet();
  more.replaceSync(css);
  root.adoptedStyleSheets = [sheet, more];
  dialog(root, article, data.locale);
};

/** @param {HTMLElement} surface shows the signal's note where the signal is on */
const show = (surface) => {
  for (const note of /** @type {NodeListOf<HTMLElement>} */ (surface.querySelectorAll(".cw-gpc"))) note.hidden = !gpc;
};

const render = () => {
  host.setAttribute("lang", data.locale);
  pill?.remove();
  toast?.remove();
  toast = build(["p", { class: "cw-toast", role: "status", lang: data.locale }]);
  pill = build(["button", { class: "cw-pill", "data-open": "centre", lang: data.locale }, data.words.preferences]);
  root.append(pill, toast);
  if (!pending()) return hide();
  pill.hidden = true;
  if (!layer) root.prepend(layer = build(data.layer));
  show(layer);
  if (layer.classList.contains("cw-modal")) {
    const modal = document.createElement("dialog");
    modal.append(layer);
    root.prepend(modal);
    modal.showModal();
  }
  document.documentElement.style.scrollPaddingBottom = layer.offsetHeight + "px";
};

/** @param {string} locale */
const speak = async (locale) => {
  data = await (await fetch(`${data.prefix}/i18n/${locale}.json`)).json();
  const surface = root.querySelector("dialog > .cw-centre") ? openCentre : root.querySelector("dialog > article") ? openNotice : undefined;
  root.querySelector("dialog")?.close();
  layer?.remove();
  layer = null;
  render();
  obey();
  surface?.();
};

/** @param {MouseEvent} event */
const click = (event) => {
  const target = /** @type {HTMLElement} */ (event.composedPath()[0]).closest("button, a, [data-consent-open]");
  if (!(target instanceof HTMLElement)) return;
  const ours = target.getRootNode() == root;
  const { open, lang, close, consentOpen } = target.dataset;
  const surface = ours ? open : consentOpen == "" ? "centre" : consentOpen;
  const action = target.getAttribute("name") == "action" && target.getAttribute("value");
  const anchor = target.getAttribute("href")?.match(/^#cw-.+/);
  const form = target.closest("form");
  if (surface) surface == "notice" ? openNotice() : openCentre();
  else if (!ours) return;
  else if (lang) speak(lang);
  else if (close != null) target.closest("dialog")?.close();
  else if (action) decide(action, layer?.contains(target) ? "layer" : "centre", form ? chosen(form) : [], event.isTrusted);
  else if (anchor) root.querySelector(anchor[0])?.scrollIntoView();
  else return;
  event.preventDefault();
};

sheet.replaceSync(CW_CSS);
root.adoptedStyleSheets = [sheet];
for (const each of root.querySelectorAll("style, link")) each.remove();
document.addEventListener("click", click);
render();
obey();
send();

/** @type {any} */ (globalThis).ConsentWidget = {
  granted,
  open: openCentre,
  reject: () => decide("reject_all", "api", [], true),
  withdraw: () => decide("withdraw_all", "api", [], true),
};
