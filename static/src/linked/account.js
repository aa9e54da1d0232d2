/**
 * Choices that follow the account, in pages that are the same for everybody: asks the server whose choices count, and shows the
 * short message about them (CONSENT_ACCOUNT).
 */

import { isSilent } from "../ui/isSilent.js";
import { scope } from "./scope.js";
import { told } from "./told.js";

/** @param {typeof import("../tools.js").tools} tools */
export const account = (tools) => {
  const { build, currentToken, data, logErrors, refresh, root, tokenStore } = tools;

  const ask = async () => {
    const before = currentToken();
    const { href } = /** @type {HTMLAnchorElement} */ (build(["a", { href: "account?lang=" + data().locale }]));
    const response = await fetch(href, /** @type {RequestInit} */ ({ __proto__: null, cache: "no-store" }));
    if (!response.ok) return; // the next page asks again
    const { bar, signed_in, token } = Object.setPrototypeOf(await response.json(), null);
    if (token != before) {
      // a moment passes before scripts see what the answer did to the cookie, which is verified like any other
      for (let tries = 9; tries-- && currentToken() != token;) await new Promise((done) => setTimeout(done, 30));
      refresh();
    }
    if (signed_in) scope(tools);
    if (bar) root.prepend(build(bar));
    told(tools);
  };

  if (!tokenStore && !isSilent()) logErrors(() => void ask().catch(console.warn))();
};
