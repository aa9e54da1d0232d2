/**
 * Which token this page believes. Whoever has a part of the domain can plant a cookie, and on plain HTTP everybody can. So
 * a token grants only where somebody has vouched for it: the server, in the page that it rendered or in an answer to this
 * page, or the storage of this very origin. Until then it only refuses.
 */

import { bare } from "./bare.js";
import { attribute, HOME, ownTag, rendered } from "./config.js";
import { cookies, readToken } from "./token.js";

bare(CW_DATA);
const strange = CW_DATA.site && !CW_DATA.origins?.includes(location.origin);
export const name = (location.protocol == "https:" && !CW_DATA.domain ? "__Host-cw" : "cw") +
  (strange ? "-" + CW_DATA.site : "");
/** On a page of another site, which keeps its own choices. */
export const memory = CW_MORE.memory?.(CW_DATA, name, cookies, HOME);

/**
 * Tokens that somebody has spoken about, each as far as it takes to name it: first the one that counts, then those that do
 * not. So does the server, about those that came with its request: all but the end of the signature.
 */
export const known = CW_SHARED.known ??= attribute(ownTag, "token").split(" ");
const named = (/** @type {string} */ name, /** @type {string} */ token) => name && token.startsWith(name);

/** Where what was found genuine is kept for the next page: the server's own pages say it themselves. */
export const box = () => memory ? localStorage : sessionStorage;

/** @returns {(import("./token.js").State | undefined)[]} the token that counts, and one that nobody has spoken about */
export const tokens = () => {
  let copy;
  try {
    copy = !rendered && box().getItem(name);
  } catch { /* a page without storage */ }
  const [mine] = readToken(copy || "");
  if (mine) known[0] = mine.token;
  const all = [...cookies(name), memory && copy, CW_SHARED.held].flatMap((each) => readToken(each || ""));
  return [
    all.find(({ token }) => named(known[0], token)),
    all.find(({ token }) => !known.some((name) => named(name, token))),
  ];
};

/** The visitor's. */
export const token = () => {
  const [sure, doubtful] = tokens();
  return (sure || doubtful)?.token || "";
};
