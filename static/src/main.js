/** Wires the parts together: the choice, the gates, what is shown, and what the page may call. */

import { centre, chosen } from "./centre.js";
import { dialog } from "./dialog.js";
import { build } from "./element.js";
import { clear, gates } from "./gate.js";
import { outbox } from "./outbox.js";
import { placeholder } from "./placeholder.js";
import { decision, policy, today } from "./policy.js";
import { cookie, readToken } from "./token.js";

/** @typedef {import("./element.js").Tree} Tree */
/** @typedef {import("./policy.js").Option} Option */
/**
 * @typedef {import("./policy.js").Terms & {
 *   locale: string, prefix: string, notice: string, scripted?: unknown, modal?: unknown,
 *   words: Record<string, string>, layer: Tree, centre: Tree
 * }} Data what the server puts into this file, in one locale
 */

/** @type {Data} */
let data = CW_DATA;
const host = document.querySelector("consent-widget") || document.body.appendChild(build(["consent-widget"]));
const root = host.shadowRoot || host.attachShadow({ mode: "open" });
const sheet = new CSSStyleSheet();
const gpc = /** @type {any} */ (navigator).globalPrivacyControl == true || host.hasAttribute("data-gpc");
/** @type {Set<HTMLElement>} what the visitor lets in for this once */
const once = new Set();
let decisions = readToken(cookie("__Host-cw") || cookie("cw")) || {};
/** @type {HTMLElement | null} */
let layer = root.querySelector(".cw-layer");
/** @type {HTMLElement} */
let toast;
/** @type {HTMLElement} */
let pill;

const may = () => policy(data, decisions, gpc, today());
const asked = (/** @type {Option} */ option) => decision(option, decisions, today());
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
  const vendor = data.services.find(({ id }) => id == consentService)?.name || new URL(src, location.href).host;
  const words = [data.words.blocked.replaceAll("{vendor}", vendor), data.words.load_once, data.words.load_always];
  return placeholder(sheet, data.locale, words, (always, trusted) => {
    if (always) return decide("allow", "placeholder", consent.split(" "), trusted);
    once.add(element);
    obey();
  });
};

/** Opens what is granted, clears up after what is not; true when only a reload ends what still runs. */
const obey = () => {
  const { permitsService } = may();
  for (const service of data.services) if (!permitsService(service.id)) clear(service);
  return gates(allowed, instead);
};

const send = outbox(data.prefix + "/records", ({ action, surface }, status, token = "") => {
  const now = readToken(token);
  if (status == 409) location.reload();
  if (!now) return say(data.words.unsaved);
  decisions = now;
  hide();
  say(data.words.saved);
  if (obey()) {
    say(data.words.reloading);
    setTimeout(() => location.reload(), 1500);
  }
  document.dispatchEvent(new CustomEvent("consent:change", { detail: { action, surface } }));
  setTimeout(say, 5e3, "");
});

/**
 * @param {string} action
 * @param {string} surface
 * @param {string[]} keys what is granted, where the visitor chose one by one
 * @param {boolean} trusted whether a person did it: a grant needs one, a refusal does not
 */
const decide = (action, surface, keys, trusted) => {
  const grants = /accept|save|allow/.test(action);
  if (grants && !trusted && !data.scripted) return;
  /** @type {Record<string, boolean>} */
  const purposes = {};
  for (const option of data.options) {
    const { key, tag, bulk, all } = option;
    const yes = action == "accept_all" ? !!all && !(gpc && option.gpc) : grants && keys.includes(key);
    const passed = {
      allow: !yes,
      accept_all: key.includes(":"),
      close: asked(option) != null,
    }[action];
    if (passed || !bulk && action != "allow") continue;
    purposes[key] = yes;
    if (!yes) decisions[tag] = [false, today()];
  }
  if (!grants) hide();
  obey();
  say(data.words.unsaved);
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
};

const hide = () => {
  layer?.remove();
  layer = null;
  root.querySelectorAll("dialog").forEach((each) => each.close());
  document.documentElement.style.scrollPaddingBottom = "";
  pill.hidden = !!document.querySelector("[data-consent-open]");
};

/** @param {HTMLElement} surface says where the browser's signal is honoured */
const heed = (surface) => {
  /** @type {HTMLElement} */ (surface.querySelector("#cw-gpc")).hidden = !gpc;
  return surface;
};

const openCentre = () => {
  const form = heed(build(data.centre));
  const forced = data.options.filter((option) => gpc && option.gpc).map(({ key }) => key);
  const granted = data.options.filter(asked).map(({ key }) => key);
  centre(form, granted, forced, data.words.some_on, data.words.switch_group);
  dialog(root, form, data.locale);
};

const openNotice = async () => {
  const [css, article] = await (await fetch(`${data.prefix}/i18n/notice.${data.locale}.json`)).json();
  const more = new CSSStyleSheet();
  more.replaceSync(css);
  root.adoptedStyleSheets = [sheet, more];
  dialog(root, build(article), data.locale);
};

const render = () => {
  pill?.remove();
  toast?.remove();
  toast = build(["p", { class: "cw-toast", role: "status", lang: data.locale }]);
  pill = build(["button", { class: "cw-pill", "data-open": "centre", lang: data.locale }, data.words.preferences]);
  root.append(pill, toast);
  if (data.options.every((option) => !option.bulk || option.key.includes(":") || asked(option) != null)) return hide();
  pill.hidden = true;
  if (!layer) root.prepend(layer = build(data.layer));
  heed(layer);
  if (data.modal) dialog(root, layer, data.locale);
  document.documentElement.style.scrollPaddingBottom = layer.offsetHeight + "px";
};

/** @param {string} locale */
const speak = async (locale) => {
  data = await (await fetch(`${data.prefix}/i18n/${locale}.json`)).json();
  const again = root.querySelector("dialog .cw-centre") ? openCentre : root.querySelector("article") && openNotice;
  hide();
  render();
  obey();
  again?.();
};

root.addEventListener("click", (event) => {
  const target = /** @type {HTMLElement} */ (event.target).closest("button, a");
  const { open, lang, close } = /** @type {HTMLElement | null} */ (target)?.dataset || {};
  const anchor = target?.getAttribute("href")?.match(/^#.+/);
  const form = target?.closest("form");
  if (open) open == "notice" ? openNotice() : openCentre();
  else if (lang) speak(lang);
  else if (close == "") target?.closest("dialog")?.close();
  else if (anchor) root.querySelector(anchor[0])?.scrollIntoView();
  else if (form && target instanceof HTMLButtonElement) {
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
root.querySelectorAll("style, link").forEach((each) => each.remove());
render();
obey();
send();

/** @type {any} */ (globalThis).ConsentWidget = {
  granted: (/** @type {string} */ purpose, /** @type {string} */ recipient) => may().permits(purpose, recipient),
  open: openCentre,
  reject: () => decide("reject_all", "api", [], true),
  withdraw: () => decide("withdraw_all", "api", [], true),
};
