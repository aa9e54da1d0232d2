/** What is shown when: the first layer, the preference centre, the notice, and the reopen button. */

import { HOME } from "../core/config.js";
import { logErrors } from "../core/logErrors.js";
import { isOff, optionKeys } from "../core/options.js";
import { choiceDue, data, decided, setData } from "../core/state.js";
import { tokenStore } from "../core/trustedToken.js";
import { checkedKeys, setSwitches } from "./centre.js";
import { openDialog } from "./dialog.js";
import { build } from "./element.js";
import { host, moveToTopLayer, root, sheet } from "./host.js";
import { toast } from "./message.js";
import { delay } from "./pressDelay.js";
import { loadText, loadTrees } from "./texts.js";

/** @type {HTMLElement | null} */
export let layer = root.querySelector(".cw-layer");
export const reopenButton = build(["button", { class: "cw-pill", "data-open": "centre", part: "reopen" }]);
const space = new CSSStyleSheet();
/** Lets the end of the page, and what has the focus, be scrolled clear of the layer. No attribute: a framework would object. */
export const bottomSpace = new ResizeObserver(logErrors((/** @type {ResizeObserverEntry[]} */ entries) => {
  const { offsetHeight } = /** @type {HTMLElement} */ (entries[0].target);
  const room = `padding-bottom:${offsetHeight + 32}px!important;`;
  space.replaceSync(offsetHeight ? `@media not print{html{${room}scroll-${room}}}` : "");
  if (!document.adoptedStyleSheets.includes(space)) document.adoptedStyleSheets = [...document.adoptedStyleSheets, space];
}));

/** Closes the layer and all dialogs. If the focus was in one of them, the reopen button gets it. */
export const hideAll = () => {
  const focused = root.activeElement;
  layer?.remove();
  layer = null;
  root.querySelectorAll("dialog").forEach((dialog) => dialog.close());
  reopenButton.hidden = !!document.querySelector("[data-consent-open]");
  if (focused) reopenButton.focus();
};

/** @param {HTMLElement} content @param {() => void} [onClose] */
export const showDialog = (content, onClose) => {
  delay();
  openDialog(root, content, () => {
    delay(); // for what was behind the dialog
    onClose?.();
    if (layer && !layer.isConnected) hideAll();
  });
};

export const openCentre = async (granted = optionKeys(decided)) => {
  if (!await loadTrees()) return;
  const form = build(data.centre);
  if (tokenStore) form.querySelector("a[href*=choices]")?.remove(); // the server's page does not know this site's choices
  setSwitches(form, granted, optionKeys(isOff));
  showDialog(form);
};

export const openNotice = async () => {
  const notice = await loadText("notice." + data.locale);
  if (!notice) return;
  sheet.replaceSync(CW_CSS + notice[0]);
  showDialog(build(notice[1]));
};

/** In front of the page, and the only one: a page that replaced its content may have brought a second one. */
export const bringToFront = () => {
  for (const other of document.querySelectorAll("consent-widget")) if (other != host) other.remove();
  moveToTopLayer();
};

/** Shows the first layer where a choice is due, else the reopen button. */
export const render = () => {
  bringToFront();
  host.lang = data.locale;
  reopenButton.replaceChildren(data.words.preferences);
  reopenButton.hidden = choiceDue();
  if (!reopenButton.hidden) return hideAll();
  if (!layer) {
    if (!data.layer) return void loadTrees().then((loaded) => loaded && render());
    root.prepend(layer = build(data.layer));
    delay();
  }
  bottomSpace.observe(layer);
  if (data.modal) showDialog(layer);
};

/** @param {string} locale the language of everything that is shown from now on */
export const setLanguage = async (locale) => {
  const next = await loadText(locale);
  if (!next) return false;
  setData(next);
  const form = /** @type {HTMLElement | null} */ (root.querySelector("dialog .cw-centre"));
  const notice = root.querySelector("article");
  hideAll();
  render();
  const first = /** @type {HTMLElement | null} */ (root.querySelector("[data-lang]"));
  if (form) openCentre(checkedKeys(form));
  else if (notice) openNotice();
  else first?.focus();
  return true;
};

/** Adds the style sheet, the reopen button and the message area; and makes the links that the server rendered absolute. */
export const mount = () => {
  for (const link of root.querySelectorAll("a")) link.href = new URL(link.getAttribute("href") || "", HOME).href;
  sheet.replaceSync(CW_CSS);
  root.adoptedStyleSheets = [sheet];
  root.append(reopenButton, toast);
};
