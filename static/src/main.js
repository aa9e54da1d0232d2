/** Wires the parts together: what is pressed, what the page may call, and what happens around it. */

import { begin, check, decide, look, obey, refresh, resume, send, tellNews } from "./choosing.js";
import { attribute } from "./core/config.js";
import { forced } from "./core/options.js";
import { safe } from "./core/safe.js";
import { asked, data, due, permits, recall, seen } from "./core/state.js";
import { prerendering } from "./gates/allowed.js";
import { hasty } from "./ui/calm.js";
import { chosen } from "./ui/centre.js";
import { build } from "./ui/element.js";
import { host, root } from "./ui/host.js";
import { dress, get, hide, layer, lead, openCentre, openNotice, prepare, render, show, speak } from "./ui/surfaces.js";

/** @param {Event} event in the widget */
const pressed = (event) => {
  /** @type {HTMLButtonElement | null} a button or a link */
  const target = /** @type {HTMLElement} */ (event.target).closest("button, a");
  const [open, lang] = ["open", "lang"].map((name) => attribute(target, name));
  const anchor = target?.getAttribute("href") || "";
  const form = target?.closest("form, .cw-layer");
  let done;
  if (open) done = open == "notice" ? openNotice() : openCentre();
  else if (lang) done = speak(lang).then(look);
  else if (target?.hasAttribute("data-close")) target.closest("dialog")?.close();
  else if (/^#./.test(anchor)) root.querySelector(anchor)?.scrollIntoView();
  else if (form && target?.value) {
    if (!hasty(event, target.value)) {
      decide(target.value, layer?.contains(target) ? "layer" : "centre", chosen(form), event.isTrusted);
    }
  } else return;
  event.preventDefault();
  return done;
};

/** @param {Event} event in the page */
const asking = (event) => {
  if (!/** @type {HTMLElement} */ (event.target).closest("[data-consent-open]")) return;
  event.preventDefault();
  return openCentre();
};

const granted = (/** @type {string} */ purpose, /** @type {string | undefined} */ recipient) =>
  !!permits(purpose, recipient);

/** @type {import("../../consent_widget/widget.d.ts").Widget} what the page may call; it never grants */
const api = {
  granted,
  on: (event, listener) => {
    const heard = (/** @type {any} */ { detail }) => listener(detail);
    document.addEventListener("consent:" + event, heard);
    return () => document.removeEventListener("consent:" + event, heard);
  },
  open: () => void openCentre(),
  ask: CW_MORE.ask?.({ asked, build, data: () => data, decide, forced, get, hasty, permits, refresh, show }) ||
    (async (purpose, about) => granted(purpose, about?.recipient)),
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
addEventListener("online", safe(refresh));
addEventListener("pageshow", safe(({ persisted }) => persisted && refresh()));
document.addEventListener("visibilitychange", safe(refresh));
document.addEventListener("prerenderingchange", safe(() => send(void refresh())));

const start = () => {
  const { notice, press, refused } = CW_SHARED;
  const same = notice == data.notice; // what was shown before this was there
  /** Where the first part has shown the layer, no visitor waits behind a long task. Else nobody waits for the next one. */
  const apart = (/** @type {() => void} */ step) => notice ? setTimeout(safe(step)) : step();
  if (notice && !same) hide();
  recall(); // before the next task, which may be a press
  begin();
  const global = /** @type {any} */ (globalThis);
  const queue = global.ConsentWidget;
  global.ConsentWidget = Object.freeze(api);
  apart(() => {
    dress();
    render();
    const go = safe(() => {
      tellNews();
      obey();
      check();
      const watch = new MutationObserver(safe(() => {
        if (!host.isConnected) lead();
        look();
        watch.takeRecords(); // of what it did itself
      }));
      watch.observe(host.ownerDocument, { childList: true, subtree: true });
      if (refused) resume(refused);
      if (!prerendering()) send();
      if (due()) setTimeout(prepare, 999);
      if (same && press?.seen == seen) safe(pressed)(press); // else it was about another state, and is asked again
      CW_MORE.leave?.(() => data.leave, build, show);
      if (Array.isArray(queue)) queue.forEach(api.push);
    });
    due() ? setTimeout(go) : go(); // on a slow phone the layer is painted first; who comes back waits for nothing
  });
};
safe(start)();
