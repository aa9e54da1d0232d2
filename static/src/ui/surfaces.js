/** What is shown when: the first layer, the preference centre, and the notice. */

import { HOME } from "../core/config.js";
import { logErrors } from "../core/logErrors.js";
import { isOn, optionKeys } from "../core/options.js";
import { choiceDue, data, isOff, seenState, setData } from "../core/state.js";
import { currentToken } from "../core/trustedToken.js";
import { setSwitches } from "./centre.js";
import { openDialog } from "./dialog.js";
import { build } from "./element.js";
import { bringToFront } from "./front.js";
import { host, moveToTopLayer, root } from "./host.js";
import { isSilent } from "./isSilent.js";
import { corner, moveToast } from "./message.js";
import { delay } from "./pressDelay.js";
import { bottomSpace } from "./space.js";
import { addStyle } from "./style.js";
import { loadText, loadTrees } from "./texts.js";
import { focusWayBack, reopenButton, updateReopenButton } from "./wayBack.js";

/** @type {HTMLElement | null} */
export let layer = root.querySelector(".cw-layer");
const setStyle = addStyle(root);
/** The style of the preference centre comes with its tree. @param {string} [more] */
const restyle = (more = "") => setStyle(CW_CSS + (data.sheet || "") + more);

/**
 * Closes the layer and all dialogs. The focus that was in one of them returns to what opened it, by the browser; else the reopen
 * button gets it.
 */
export const hideAll = () => {
  root.querySelectorAll("dialog").forEach((dialog) => dialog.close());
  hideLayer();
};

/** Closes the layer alone: whatever else is open stays open. */
export const hideLayer = () => {
  const focused = root.activeElement;
  layer?.closest("dialog")?.close();
  layer?.remove();
  layer = null;
  updateReopenButton();
  if (focused && (root.activeElement == focused || document.activeElement == document.body)) focusWayBack();
};

/** @param {HTMLElement} content @param {() => void} [onClose] */
export const showDialog = (content, onClose) => {
  delay();
  moveToTopLayer();
  openDialog(root, content, () => {
    delay(); // for what was behind the dialog
    moveToast();
    onClose?.();
    if (layer && !layer.isConnected) hideAll();
  });
  moveToast();
};

/** Sets the switches of an open preference centre as things stand now. What the visitor has moved stays moved. */
export const fillCentre = (form = root.querySelector("dialog[open] .cw-centre")) => {
  const time = choiceDue() ? "" : currentToken().split(".")[4];
  if (form) setSwitches(/** @type {HTMLElement} */ (form), optionKeys(isOn), optionKeys(isOff), time);
};

export const openCentre = async () => {
  if (!await loadTrees() || root.querySelector("dialog[open] .cw-centre")) return; // one is enough
  restyle();
  const form = build(data.centre);
  fillCentre(form);
  showDialog(form);
};

export const openNotice = async () => {
  const notice = await loadText("notice." + data.locale, "");
  if (!notice) return;
  restyle(notice[0]);
  showDialog(build(notice[1]));
};

/** @type {(() => HTMLElement | undefined) | undefined} */
let drawAgain;
/** Where a site has news, a layer that asks again about what has changed can take the place of the first one. */
export const setDrawAgain = (/** @type {typeof drawAgain} */ next) => drawAgain = next;
export const drawLayer = () => drawAgain?.() || data.layer && build(data.layer);

/** Shows the first layer where a choice is due, else the way back. */
export const render = () => {
  bringToFront();
  host.lang = data.locale;
  reopenButton.replaceChildren(data.words.preferences, CW_SHARED.gpc || "");
  corner.setAttribute("aria-label", data.words.preferences);
  fillCentre();
  // the server has asked nothing: the visitor may have answered a newer notice than this script's
  if (!choiceDue() || seenState == CW_SHARED.rendered || isSilent()) return hideLayer();
  reopenButton.hidden = true;
  if (!layer) {
    const next = drawLayer();
    if (!next) return void loadTrees().then((loaded) => loaded && render());
    root.prepend(layer = next);
    delay();
  }
  bottomSpace.observe(layer);
  if (data.modal && layer.parentNode == root) showDialog(layer);
};

/**
 * Shows everything in another language from now on. What is open is opened again, unfolded as it was.
 * @param {string} locale
 * @param {string} [digest] empty to show also the notice that is in effect now, where this page has another
 */
export const setLanguage = async (locale, digest) => {
  const next = await loadText(locale, digest);
  if (!next) return false;
  setData(next);
  const form = root.querySelector("dialog[open] .cw-centre");
  const notice = root.querySelector("dialog[open] article");
  const folds = root.querySelectorAll("dialog details");
  const hasFocus = root.activeElement;
  hideAll();
  render();
  // what leads to it gets the focus again when the dialog closes
  const opener = form ? "[data-open=centre]" : notice ? "[data-open=notice]" : "[data-lang]";
  if (hasFocus) /** @type {HTMLElement | null | undefined} */ (layer?.querySelector(opener))?.focus();
  if (form) await openCentre();
  if (notice) await openNotice();
  root.querySelectorAll("dialog[open] details").forEach((fold, at) => fold.toggleAttribute("open", folds[at].matches("[open]")));
  return true;
};

/** Adds the style sheet, the reopen button and the message area; and makes the links that the server rendered absolute. */
export const mount = () => {
  for (const link of root.querySelectorAll("a")) link.href = new URL(link.getAttribute("href") || "", HOME).href;
  restyle();
  corner.append(reopenButton);
  root.append(corner);
  moveToast();
  for (const each of [reopenButton, document.documentElement]) bottomSpace.observe(each);
  try {
    parent.addEventListener("load", logErrors(() => isSilent() && render())); // its widget may come after this one
  } catch { /* another origin */ }
};
