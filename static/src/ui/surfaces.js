/** What is shown when: the first layer, the preference centre, the notice, the way back, and what is said. */

import { calm } from "./calm.js";
import { centre, chosen } from "./centre.js";
import { HOME } from "../core/config.js";
import { load } from "../core/load.js";
import { forced, keys } from "../core/options.js";
import { safe } from "../core/safe.js";
import { asked, data, due, learn } from "../core/state.js";
import { memory } from "../core/trust.js";
import { dialog } from "./dialog.js";
import { build } from "./element.js";
import { host, root, settle, sheet } from "./host.js";

/** @type {HTMLElement | null} */
export let layer = root.querySelector(".cw-layer");
const toast = build(["p", { class: "cw-toast", role: "status", part: "status" }]);
export const pill = build(["button", { class: "cw-pill", "data-open": "centre", part: "reopen" }]);
let speech = 0;

/** @param {string} text @param {number} [seconds] after which it is gone */
export const say = (text, seconds) => {
  const front = [root, ...root.querySelectorAll("dialog[open]")].pop();
  if (toast.parentNode != front) front?.append(toast); // behind a dialog nobody would hear of it
  toast.replaceChildren(text);
  clearTimeout(speech);
  if (seconds) speech = setTimeout(say, seconds * 1e3, "");
};

/** So that the end of the page, and what is focused, can be scrolled clear of the layer, however high it is. */
export const room = new ResizeObserver(safe((/** @type {ResizeObserverEntry[]} */ all) => {
  const { style } = document.documentElement;
  const { offsetHeight } = /** @type {HTMLElement} */ (all[0].target);
  style.scrollPaddingBottom = style.paddingBottom = offsetHeight ? offsetHeight + 32 + "px" : "";
}));

/** Puts the layer and all dialogs away. The focus, where it was in them, goes to the way back. */
export const hide = () => {
  const focused = root.activeElement;
  layer?.remove();
  layer = null;
  root.querySelectorAll("dialog").forEach((each) => each.close());
  pill.hidden = !!document.querySelector("[data-consent-open]");
  if (focused) pill.focus();
};

/** @param {HTMLElement} content @param {() => void} [closed] */
export const show = (content, closed) => {
  calm();
  dialog(root, content, () => {
    calm(); // for what was behind it
    closed?.();
    if (layer && !layer.isConnected) hide();
  });
};

export const openCentre = async (granted = keys(asked)) => {
  if (!await complete()) return;
  const form = build(data.centre);
  if (memory) form.querySelector("a[href*=choices]")?.remove(); // what was chosen here is not known there
  centre(form, granted, keys(forced));
  show(form);
};

/**
 * @param {string} name
 * @param {string} [version] that may be kept for good; else what holds now
 * @returns {Promise<any>} nothing where it cannot be had
 */
const fetched = (name, version) =>
  load(`i18n/${name}.json` + (version ? "?" + version : ""), version ? { cache: "force-cache" } : {}).catch(() => {});

/** @param {string} name @param {string} [version] @returns {Promise<any>} nothing where it cannot be had, and says so */
export const get = async (name, version) => {
  const found = await fetched(name, version);
  if (!found) say(data.words.unreachable, 5);
  return found;
};

/** Where the server draws the first layer, the script comes without the trees of both; who may ask for them has them soon. */
export const prepare = () => data.centre || fetched(data.locale, data.notice);
const complete = async () => {
  const next = data.centre ? data : await get(data.locale, data.notice);
  if (next) learn(next);
  return next;
};

export const openNotice = async () => {
  const found = await get("notice." + data.locale);
  if (!found) return;
  sheet.replaceSync(CW_CSS + found[0]);
  show(build(found[1]));
};

/** In front of the page, and alone: a page that was put together anew may have another one. */
export const lead = () => {
  for (const other of document.querySelectorAll("consent-widget")) if (other != host) other.remove();
  settle();
};

/** The first layer where a choice is due, else the way back. */
export const render = () => {
  lead();
  host.lang = data.locale;
  pill.replaceChildren(data.words.preferences);
  pill.hidden = due();
  if (!pill.hidden) return hide();
  if (!layer) {
    if (!data.layer) return void complete().then((made) => made && render());
    root.prepend(layer = build(data.layer));
    calm();
  }
  room.observe(layer);
  if (data.modal) show(layer);
};

/** @param {string} locale in which everything that is shown goes on */
export const speak = async (locale) => {
  const next = await get(locale);
  if (!next) return false;
  learn(next);
  const form = /** @type {HTMLElement | null} */ (root.querySelector("dialog .cw-centre"));
  const notice = root.querySelector("article");
  hide();
  render();
  const first = /** @type {HTMLElement | null} */ (root.querySelector("[data-lang]"));
  if (form) openCentre(chosen(form));
  else if (notice) openNotice();
  else first?.focus();
  return true;
};

/** The style, the way back and the voice are there from the start; and what the server rendered leads to our own address. */
export const dress = () => {
  for (const each of root.querySelectorAll("a")) each.href = new URL(each.getAttribute("href") || "", HOME).href;
  sheet.replaceSync(CW_CSS);
  root.adoptedStyleSheets = [sheet];
  root.append(pill, toast);
};
