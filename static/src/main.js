/** Wires the parts together: presses, the functions for the page, and events around the page. */

import { drawnNotice } from "./core/rendered.js";
import { attribute, LANGUAGE } from "./core/config.js";
import { logErrors } from "./core/logErrors.js";
import { choiceDue, data, loadState, permits, seenState } from "./core/state.js";
import { NAME } from "./core/trustedToken.js";
import { prerendering } from "./gates/mayRun.js";
import { watch } from "./gates/watch.js";
import { begin, decide, openGates, prepare, refresh, resume, send } from "./session.js";
import { tools } from "./tools.js";
import { checkedKeys } from "./ui/centre.js";
import { host, root } from "./ui/host.js";
import { isHasty } from "./ui/pressDelay.js";
import { hideAll, layer, mount, openCentre, openNotice, render, setLanguage } from "./ui/surfaces.js";
import { preloadTrees } from "./ui/texts.js";
import { onPageChange } from "./ui/wayBack.js";

/** @param {Event} event in the widget, or a press from before this part was loaded */
const onWidgetClick = (event) => {
  /** @type {HTMLButtonElement | null} a button or a link */
  const target = /** @type {HTMLElement} */ (event.target).closest("button, a");
  const [open, lang] = ["open", "lang"].map((name) => attribute(target, name));
  const anchor = target?.getAttribute("href") || "";
  const form = target?.closest("form, .cw-layer");
  let done;
  if (open) done = open == "notice" ? openNotice() : openCentre();
  else if (lang) done = setLanguage(lang).then(openGates);
  else if (target?.hasAttribute("data-close")) target.closest("dialog")?.close();
  else if (/^#./.test(anchor)) {
    const section = root.querySelector(anchor);
    section?.scrollIntoView();
    /** @type {HTMLElement | null | undefined} the section's heading */ (section?.querySelector("[tabindex]"))?.focus();
  }
  else if (form && target?.value) {
    if (!isHasty(event, target.value)) {
      const surface = attribute(target.closest("[data-surface]"), "surface") ||
        (layer?.contains(target) ? "layer" : "centre");
      decide(target.value, surface, checkedKeys(form), event.isTrusted);
    }
  } else return;
  event.preventDefault?.(); // a press from before has no such function
  return done;
};

/** @param {any} event in the page, also in open shadow roots, and where a menu stops it on its way up */
const onPageClick = async (event) => {
  const path = /** @type {HTMLElement[]} */ (event.composedPath());
  if (!path.some((element) => element.hasAttribute?.("data-consent-open"))) return;
  event.preventDefault();
  await openCentre();
  if (event.isTrusted && event.pointerType === "") CW_SHARED.delay = 0; // by a key: no second press of a double click follows
};

const granted = (/** @type {string} */ purpose, /** @type {string | undefined} */ recipient) =>
  !!permits(purpose, recipient);

const refuse = (/** @type {string} */ action) => logErrors(() => void decide(action, "api", [], false));

/** @type {import("../../consent_widget/widget.d.ts").Widget} what the page may call; nothing in it grants */
const api = {
  granted,
  grantedService: (service) => !!CW_LINKED.service?.permitted(data, permits, service),
  on: (event, listener) => {
    const onEvent = (/** @type {any} */ { detail }) => listener(detail);
    document.addEventListener("consent:" + event, onEvent);
    return () => document.removeEventListener("consent:" + event, onEvent);
  },
  open: () => void openCentre(),
  ask: CW_LINKED.ask?.(tools) ||
    (async (purpose, about) => granted(purpose, about?.recipient)),
  reject: refuse("reject_all"),
  withdraw: refuse("withdraw_all"),
  get language() {
    return data.locale;
  },
  set language(locale) {
    logErrors(() => setLanguage(locale).then(openGates))();
  },
  push: (callback) => void setTimeout(callback, 0, api),
};

root.addEventListener("click", logErrors(onWidgetClick));
// what is typed here is not meant for the page: a slide show would move on
for (const type of ["keydown", "keypress", "keyup"]) root.addEventListener(type, (event) => event.stopPropagation());
addEventListener("click", logErrors(onPageClick), true);
addEventListener("storage", logErrors(({ key }) => (key ?? NAME).includes(NAME) && refresh()));
addEventListener("load", () => void setTimeout(logErrors(openGates))); // by itself: to empty a frame may end the loading
addEventListener("pageshow", logErrors(({ persisted }) => persisted && refresh()));
document.addEventListener("visibilitychange", logErrors(refresh));
const refreshAndSend = logErrors(() => send(void refresh()));
addEventListener("online", refreshAndSend);
document.addEventListener("prerenderingchange", refreshAndSend);

logErrors(() => {
  const { notice, press, refused } = CW_SHARED;
  const shown = notice || drawnNotice;
  const sameNotice = shown == data.notice;
  /** After the first part has shown the layer, each step is a task of its own: no press waits long. Else all run at once. */
  const step = (/** @type {() => void} */ work) => notice ? setTimeout(logErrors(work)) : work();
  loadState(); // before the next task, which may be a press
  if (CW_SHARED.rendered && !layer && seenState[1]) CW_SHARED.rendered = seenState;
  if (shown && !sameNotice) hideAll();
  prepare(tools);
  const global = /** @type {any} */ (globalThis);
  const queue = global.ConsentWidget;
  CW_LINKED.begin?.(tools, api);
  global.ConsentWidget = Object.freeze(api);
  step(() => {
    mount();
    const inPageLanguage = (/** @type {string} */ each) => each.startsWith(LANGUAGE);
    const locale = !inPageLanguage(data.locale) && data.locales.find(inPageLanguage);
    if (!locale) render();
    else setLanguage(locale).then((done) => done || render());
    const go = logErrors(() => {
      begin();
      watch(() => {
        onPageChange();
        openGates();
      });
      if (refused) resume(refused);
      if (!prerendering()) send();
      if (choiceDue()) setTimeout(preloadTrees, 999);
      // a press that was made on another state is not carried out: the visitor is asked again
      if (sameNotice && press?.state == seenState) logErrors(onWidgetClick)(press);
      if (Array.isArray(queue)) queue.forEach(api.push);
    });
    choiceDue() ? setTimeout(go) : go(); // on a slow phone the layer is painted first; without a layer there is no wait
  });
})();
