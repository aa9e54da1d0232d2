/**
 * Tells a returning visitor what changed in the notice since he saw it last. A script of its own, put behind the widget's
 * only where there is something to tell; it meets the widget in the page: in its shadow root, its language and what it says.
 */

import { dialog } from "./dialog.js";
import { build, HOME } from "./element.js";
import { cookie } from "./token.js";

/** @typedef {import("./element.js").Tree} Tree */
/** @type {{locale: string, domain?: unknown, news: {seen: Record<string, number>, bars: Tree[]}}} */
let told = CW_DATA;
const widget = /** @type {HTMLElement} */ (document.querySelector("consent-widget"));
const shadow = /** @type {ShadowRoot} */ (widget.shadowRoot);
const page = document.documentElement.style;
const cookieName = location.protocol == "https:" && !told.domain ? "__Host-cw" : "cw";
const elsewhere = CW_MEMORY?.(CW_DATA, cookieName, cookie, HOME);
const current = () => elsewhere ? elsewhere.read() : cookie(cookieName);
/** The notice that the visitor saw last, as his token says. */
const seen = () => current().split(".")[3];
/** @type {HTMLElement | null} */
let bar = shadow.querySelector(".cw-news");

/** @param {string} name */
const load = async (name) => (await fetch(`${HOME}i18n/${name}.json`)).json();

const put = (/** @type {HTMLElement | null} */ fresh) => {
  const focused = bar?.contains(shadow.activeElement);
  bar?.remove();
  bar = fresh;
  if (fresh) shadow.prepend(fresh);
  page.scrollPaddingBottom = page.paddingBottom = fresh ? fresh.offsetHeight + 32 + "px" : "";
  const next = /** @type {HTMLElement | null} */ (shadow.querySelector(fresh ? "[data-lang]" : ".cw-pill"));
  if (focused) next?.focus();
};

/** @param {string} notice @param {boolean} trusted */
const acknowledge = async (notice, trusted) => {
  const said = {
    key: crypto.getRandomValues(new Uint32Array(4)).join("-"),
    notice,
    locale: told.locale,
    action: "acknowledge",
    surface: "bar",
    purposes: {},
    scripted: !trusted,
    token: current(),
  };
  try {
    const headers = { "Content-Type": "application/json" };
    const response = await fetch(HOME + "records", { method: "POST", headers, body: JSON.stringify(said) });
    const { token } = await response.json();
    elsewhere?.write(token || current());
    if (token) return put(null);
  } catch { /* not reached: told below */ }
  const failed = /** @type {HTMLElement | null | undefined} */ (bar?.querySelector("[role=status]"));
  if (failed) failed.hidden = false;
};

/** @param {HTMLElement} surface @param {string} before what the visitor saw @param {string} notice what he is told of */
const listen = (surface, before, notice) =>
  surface.addEventListener("click", async (event) => {
    const target = /** @type {HTMLButtonElement | null} */ (/** @type {Element} */ (event.target).closest("button, a"));
    const opens = target?.dataset.changes == "";
    if (!opens && target?.value != "acknowledge") return;
    event.preventDefault();
    event.stopPropagation();
    if (!opens) {
      target?.closest("dialog")?.close();
      return acknowledge(notice, event.isTrusted);
    }
    const content = build(await load(`changes.${before}.${told.locale}`));
    listen(content, before, notice);
    dialog(shadow, content, () => {});
  });

/** As the page stands: the layer gets a link to what changed; where no layer is, the bar appears. */
const look = () => {
  const tree = told.news.bars[told.news.seen[seen()]];
  if (!tree) return bar && put(null);
  const before = seen();
  const fresh = build(tree);
  const notice = fresh.dataset.notice || "";
  const text = shadow.querySelector(".cw-layer p");
  if (text) {
    const link = /** @type {HTMLElement} */ (text.querySelector("[data-changes]") || fresh.querySelector("[data-changes]"));
    if (!text.contains(link)) text.append(link);
    listen(link, before, notice);
  } else {
    put(fresh);
    listen(fresh, before, notice);
  }
};

look();
// A choice moves the token on too: the widget then says so in the same root.
new MutationObserver(() => bar && told.news.seen[seen()] == null && put(null))
  .observe(shadow, { childList: true, subtree: true });
new MutationObserver(async () => {
  if (widget.lang == told.locale) return;
  told = await load(widget.lang);
  look();
}).observe(widget, { attributeFilter: ["lang"] });
