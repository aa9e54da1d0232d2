/**
 * Carries over what the visitor chose in the site's earlier consent tool: sends what that has left to the server, which reads it,
 * and deletes it once that is done. While the server is asked, the first layer waits.
 */

import { clearCookies } from "../core/clearCookies.js";
import { isSilent } from "../ui/isSilent.js";
import { leftBehind } from "./leftBehind.js";

/** For so many milliseconds the visitor is not asked. */
const PATIENCE = 3e3;

/** @param {typeof import("../tools.js").tools} tools */
export const earlier = ({ build, currentToken, data, logErrors, refresh, root, saveToken }) => {
  let waiting = false;
  /** The server has put it on no notice of ours: see State.notice. */
  const isCarried = () => /^[^.]+\.[^.]+\.[^.]+\.\./.test(currentToken());

  const update = () => {
    const layer = root.querySelector(".cw-layer");
    const surface = /** @type {HTMLElement | null | undefined} */ (layer?.closest("dialog") || layer);
    surface?.style.setProperty("display", waiting ? "none" : "", "important");
    const body = root.querySelector(".cw-centre .cw-body");
    const note = root.querySelector(".cw-centre .cw-earlier");
    if (!isCarried()) note?.remove();
    else if (body && !note) body.prepend(build(data().earlier.note));
  };
  new MutationObserver(update).observe(root, { childList: true, subtree: true });

  const send = async (/** @type {string} */ left) => {
    const { href } = /** @type {HTMLAnchorElement} */ (build(["a", { href: "earlier" }]));
    const response = await fetch(
      href,
      /** @type {RequestInit} */ ({
        __proto__: null,
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ left, locale: data().locale }),
        signal: AbortSignal.timeout?.(PATIENCE),
      }),
    );
    if (!response.ok) return; // the next page tries again
    const { token } = Object.setPrototypeOf(await response.json(), null);
    if (token) await saveToken(token);
    const names = left.split("; ").map((pair) => pair.split("=", 1)[0]);
    clearCookies((name) => names.includes(name));
    for (const name of names) localStorage.removeItem(name);
  };

  const left = () => !currentToken() && leftBehind(data().earlier.keys);

  const begin = async () => {
    try {
      const found = left(); // another tab may have sent it by now
      if (found) await send(found);
    } catch (error) { // the server was not reached, or this page may not use its own storage
      console.warn("consent_widget:", error);
    }
    waiting = false;
    refresh();
    update();
  };

  if (!left() || isSilent()) return;
  waiting = true; // at once: the layer is about to be drawn
  update();
  const lock = navigator.locks;
  logErrors(() => void (lock ? lock.request("cw-earlier", begin).catch(begin) : begin()))();
};
