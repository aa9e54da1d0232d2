/**
 * What cannot wait: the gates for a returning visitor, the first layer for a new one, and a refusal. Then loads the rest of
 * the script.
 */

import { HOME, LANGUAGE } from "./core/config.js";
import { logErrors } from "./core/logErrors.js";
import { storeSubmission } from "./core/outboxStore.js";
import { refuses } from "./core/refusals.js";
import { applyRefusals, band, choiceDue, data, loadState, seenState } from "./core/state.js";
import { isAnswered, makeSubmission } from "./core/submission.js";
import { tokenStore } from "./core/trustedToken.js";
import { openPermitted } from "./gates/gate.js";
import { mayRun } from "./gates/mayRun.js";
import { build } from "./ui/element.js";
import { attachHost, host, moveToTopLayer, root } from "./ui/host.js";
import { isSilent } from "./ui/isSilent.js";
import { delay, isHasty } from "./ui/pressDelay.js";

/** @type {HTMLElement} */
let layer;
/** @type {HTMLElement | undefined} */
let message;
let tries = 0;
let timer = 0;

/** A refusal takes effect immediately; any other press as soon as the rest is loaded. */
const onClick = logErrors((/** @type {Event} */ event) => {
  /** @type {HTMLButtonElement | null} */
  const target = /** @type {HTMLElement} */ (event.target).closest("button, [data-open], [data-lang]");
  if (!target) return;
  event.preventDefault();
  if (isHasty(event, target.value)) return;
  const { isTrusted } = event;
  if (refuses(target.value)) {
    /** @type {Record<string, boolean>} */
    const purposes = {};
    for (const option of data.options) if (isAnswered(target.value, option)) purposes[option.key] = false;
    CW_SHARED.refused = makeSubmission(target.value, "layer", purposes, isTrusted, data.notice);
    applyRefusals(CW_SHARED.refused);
    storeSubmission(CW_SHARED.refused);
    CW_SHARED.press = message = undefined;
    layer.remove();
  } else {
    CW_SHARED.press = { target, isTrusted, state: seenState };
    layer.ariaBusy = "true";
  }
  if (tries) openAndLoad();
});

/** Opens what is granted, and loads the rest of the script; where that fails, tries again. */
const openAndLoad = async () => {
  clearTimeout(timer);
  try {
    openPermitted(mayRun);
    const { default: rest } = await import(HOME + CW_REST + (tries ? "&again=" + tries : ""));
    root.removeEventListener("click", onClick);
    message?.remove();
    if (layer) layer.ariaBusy = null;
    rest(CW_SHARED);
  } catch (error) { // the server is down, or the page's Content-Security-Policy allows only this file
    console.warn("consent_widget:", error);
    moveToTopLayer(); // otherwise the rest does it
    const { press, refused } = CW_SHARED;
    if (!message && (press || refused)) {
      const { unreachable, unsaved } = data.words;
      message = build(
        refused ? ["p", { class: "cw-toast", role: "status" }, unsaved] : ["p", { role: "alert" }, unreachable],
      );
      (refused ? root : layer.firstElementChild)?.append(message);
    }
    timer = setTimeout(openAndLoad, Math.random() * Math.min(2 ** tries++, 300) * 1e3 + 500);
  }
};

logErrors(() => {
  attachHost();
  CW_SHARED.notice = data.notice;
  const isNew = tokenStore?.isEmpty(); // then the layer does not wait for the storage
  if (!isNew) loadState();
  // without sheets, and in another language, the rest draws the layer
  const isAskedAgain = data.again && seenState[1]; // perhaps about what has changed alone
  const isOther = isAskedAgain || !data.locale.startsWith(LANGUAGE);
  if (isSilent() || isOther || !choiceDue() || !root.adoptedStyleSheets) return openAndLoad();
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(CW_CSS);
  root.adoptedStyleSheets = [sheet];
  host.lang = data.locale;
  root.prepend(layer = build(data.age?.layers[band] || data.layer));
  root.addEventListener("click", onClick);
  delay();
  setTimeout(logErrors(() => { // on a slow phone the layer is painted first
    delay();
    if (isNew) loadState();
    if (!choiceDue()) layer.remove();
    setTimeout(openAndLoad);
    setTimeout(logErrors(moveToTopLayer), 1e3); // the rest has done it by then, except on a slow connection
  }));
})();
