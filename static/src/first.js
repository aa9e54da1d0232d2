/** What cannot wait: gates for who has been here, the first layer for who has not, and a refusal. The rest follows by itself. */

import { HOME } from "./core/config.js";
import { keep } from "./core/kept.js";
import { safe } from "./core/safe.js";
import { band, data, due, recall, refuse, seen } from "./core/state.js";
import { answers, submission } from "./core/submission.js";
import { memory } from "./core/trust.js";
import { allowed } from "./gates/allowed.js";
import { gates } from "./gates/gate.js";
import { calm, hasty } from "./ui/calm.js";
import { build } from "./ui/element.js";
import { host, place, root, settle, sheet } from "./ui/host.js";

/** @type {HTMLElement} */
let layer;
/** @type {HTMLElement | undefined} */
let note;
let tries = 0;
let timer = 0;

/** A refusal counts at once; anything else as soon as the rest is there. */
const press = safe((/** @type {Event} */ event) => {
  /** @type {HTMLButtonElement | null} */
  const target = /** @type {HTMLElement} */ (event.target).closest("button, [data-open], [data-lang]");
  if (!target) return;
  event.preventDefault();
  if (hasty(event, target.value)) return;
  const { isTrusted } = event;
  if (/reject|close/.test(target.value)) {
    /** @type {Record<string, boolean>} */
    const purposes = {};
    for (const option of data.options) if (answers(target.value, option)) purposes[option.key] = false;
    CW_SHARED.refused = submission(target.value, "layer", purposes, isTrusted, data.notice);
    refuse(CW_SHARED.refused);
    keep(CW_SHARED.refused);
    CW_SHARED.press = note = undefined;
    layer.remove();
  } else {
    CW_SHARED.press = { target, isTrusted, seen, preventDefault: () => {} };
    layer.ariaBusy = "true";
  }
  if (tries) load();
});

/** Who has pressed is told where the rest cannot be had. */
const tell = () => {
  const { press, refused } = CW_SHARED;
  const { unreachable, unsaved } = data.words;
  if (note || !press && !refused) return;
  note = build(refused ? ["p", { class: "cw-toast", role: "status" }, unsaved] : ["p", { role: "alert" }, unreachable]);
  (refused ? root : layer.firstElementChild)?.append(note);
};

const load = async () => {
  clearTimeout(timer);
  try {
    const { default: rest } = await import(HOME + CW_REST + (tries ? "&again=" + tries : ""));
    root.removeEventListener("click", press);
    note?.remove();
    if (layer) layer.ariaBusy = null;
    rest(CW_SHARED);
  } catch (error) { // the service is away, or the page's Content-Security-Policy knows only this one file
    console.warn("consent_widget:", error);
    settle(); // else the rest does
    tell();
    timer = setTimeout(load, Math.random() * Math.min(2 ** tries++, 300) * 1e3 + 500);
  }
};

const start = () => {
  root.adoptedStyleSheets = [sheet];
  place();
  CW_SHARED.notice = data.notice;
  const unknown = memory?.blank(); // then the layer does not wait for the storage
  if (!unknown) recall();
  const follow = () => {
    gates(allowed);
    return load();
  };
  if (!due()) return follow();
  sheet.replaceSync(CW_CSS);
  host.lang = data.locale;
  root.prepend(layer = build(data.age?.layers[band] || data.layer));
  root.addEventListener("click", press);
  calm();
  setTimeout(safe(() => { // on a slow phone the layer is painted first
    calm();
    if (unknown) recall();
    if (!due()) layer.remove();
    setTimeout(safe(follow));
    setTimeout(safe(settle), 1e3); // the rest has done it by then, unless the line is bad
  }));
};
safe(start)();
