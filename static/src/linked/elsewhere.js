/**
 * On pages of other sites: "My choices" is shown in the page. The host of the widget has no cookie of the visitor, so each
 * request carries their token, in its body. The opt-out of sale and sharing, a page of its own elsewhere, is a button.
 */

import { writeToken } from "../core/writeToken.js";
import { isFramed } from "../ui/isFramed.js";
import { carry } from "./carry.js";
import { followCookie } from "./followCookie.js";

/** @typedef {import("../ui/element.js").Tree} Tree */
/** @typedef {typeof import("../tools.js").tools} Tools of the widget */
/** @typedef {import("./carry.js").Answer} Answer */
/**
 * @typedef {object} Cookie of this site
 * @property {string} name
 * @property {string} attributes
 * @property {() => boolean} isEmpty
 * @property {string} [parent] names the domain that shares it
 * @property {string} [lone] see domainStore.js
 * @property {(token: string) => void} [write]
 */

/** @param {Tools} tools */
export const elsewhere = (tools) => {
  /** @type {Cookie | undefined} */
  const tokenStore = tools.tokenStore;
  if (!tokenStore) return; // a page of the server itself
  /** Nothing is read from a prototype that the page may have changed. */
  const cookie = { __proto__: null, ...tokenStore };
  const { build, data, decide, isHasty, logErrors, openCentre, root, showDialog, showMessage } = tools;
  tokenStore.write = (token) => writeToken(token, cookie, data().days);
  /** The address of "My choices". */
  const { href } = /** @type {HTMLAnchorElement} */ (build(["a", { href: "choices" }]));
  const home = href.slice(0, -"choices".length);
  const { ask, post } = carry(tools, href);

  /** @param {Answer} answer @returns {HTMLElement} */
  const draw = ({ content, erasing, file }) => {
    const section = build(content);
    const { locale } = data();
    const format = new Intl.DateTimeFormat(locale == "en" ? "en-GB" : locale, { dateStyle: "long", timeStyle: "short" });
    for (const each of /** @type {NodeListOf<HTMLElement>} */ (section.querySelectorAll("[data-time]"))) {
      each.textContent = format.format(new Date(each.dataset.time || ""));
    }
    const link = /** @type {HTMLAnchorElement | null} */ (section.querySelector("a[href*=format]"));
    if (link) {
      link.download = link.href.includes("records/") ? "receipt.json" : "my-choices.json";
      link.href = URL.createObjectURL(new Blob([JSON.stringify(file, null, 2)], { type: "application/json" }));
    }
    section.querySelector("a[href*=erase]")?.addEventListener("click", (event) => {
      event.preventDefault();
      if (erasing) showErasing(erasing);
    });
    section.addEventListener("click", logErrors((event) => press(event, section)));
    return section;
  };

  /** A press on a button that withdraws. @param {MouseEvent} event @param {HTMLElement} section */
  const press = async (event, section) => {
    const button = /** @type {Element} */ (event.target).closest("button");
    if (!button?.value) return;
    event.preventDefault();
    event.stopPropagation();
    /** @type {HTMLInputElement | null | undefined} */
    const which = button.form?.querySelector("[name=grant]");
    if (which) button.closest("li")?.remove();
    await decide(button.value, "page", which ? [which.value] : [], event.isTrusted);
    if (!section.isConnected) return;
    const answer = await ask("/carried");
    if (!answer) return;
    const next = draw(answer);
    section.replaceWith(next);
    const title = /** @type {HTMLElement} */ (next.querySelector("h2"));
    title.tabIndex = -1;
    title.focus();
  };

  /** @param {Tree} tree */
  const showErasing = (tree) => {
    const section = build(tree);
    if (isFramed()) section.querySelectorAll("form,[role=alert]").forEach((each) => each.toggleAttribute("hidden"));
    section.addEventListener("click", logErrors(async (event) => {
      const button = event.target.closest("button");
      if (!button?.value) return;
      event.preventDefault();
      event.stopPropagation();
      if (!event.isTrusted && !data().scripted || isHasty(event, button.value)) return;
      const answer = await ask("/carried/erase");
      if (!answer) return;
      root.querySelectorAll("dialog").forEach((each) => each.close());
      showMessage(answer.text, 9);
    }));
    showDialog(section);
  };

  /** Was the language changed in the dialog that is closing? */
  let again = false;

  /** Shows "My choices", or one receipt. @param {string} [receipt] */
  const open = async (receipt) => {
    const answer = await ask("/carried", { receipt });
    if (!answer || root.querySelector(receipt ? ".cw-receipt" : ".cw-mine")) return; // one is enough
    showDialog(draw(answer), () => {
      if (again) open(receipt);
      again = false;
    });
  };

  /**
   * Links to our own pages about the visitor, wherever they are in the page: what is chosen there would not count here.
   * @param {MouseEvent} event
   */
  const onClick = async (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return; // the latter: another tab or window
    const link = /** @type {any[]} */ (event.composedPath()).find((each) => each.localName == "a");
    const path = link?.href.startsWith?.(home) ? link.href.slice(home.length).split(/[?#]/)[0] : "";
    const dialog = [link?.closest("dialog")].find((each) => each?.querySelector(".cw-mine"));
    if (path && link.dataset.lang) return void (again = !!dialog); // the widget changes its language, which closes all dialogs
    if (path == "choices") dialog ? dialog.close() : open();
    else if (path.startsWith("records/")) open(path.slice(8));
    else if (/^(preferences|do-not-share)$/.test(path) && !link.dataset.open) {
      dialog?.close();
      openCentre().then(() => {
        if (path[0] == "d") /** @type {HTMLElement | null} */ (root.querySelector("[value=opt_out]"))?.focus();
      });
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  addEventListener("click", logErrors(onClick), true);

  const offerOptOut = () => {
    const link = root.querySelector(".cw-centre a[href*=share]");
    if (!link) return;
    const name = link.getAttribute("data-press"); // where the link is about more than the opt-out
    const button = build(["button", { class: "cw-quiet", value: "opt_out", part: "button" }, name || link.textContent || ""]);
    link.replaceWith(...name ? [...link.childNodes, " "] : [], button);
  };
  new MutationObserver(offerOptOut).observe(root, { childList: true, subtree: true });

  followCookie(tools, cookie, post);
};
