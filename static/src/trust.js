/**
 * Which token this page believes. Whoever has a part of the domain can plant a cookie, and on plain HTTP everybody can. So
 * a token grants only where somebody has vouched for it: the server, in the page that it rendered or in an answer to this
 * page, or the storage of this very origin. Until then it only refuses.
 */

import { bare } from "./bare.js";
import { attribute, HOME, ownTag } from "./element.js";
import { rendered } from "./host.js";
import { cookies, readToken } from "./token.js";

const { site, origins, domain } = bare(CW_DATA);
const strange = site && !origins?.includes(location.origin);
export const name = (location.protocol == "https:" && !domain ? "__Host-cw" : "cw") + (strange ? "-" + site : "");
/** On a page of another site, which keeps its own choices. */
export const memory = CW_MORE.memory?.(CW_DATA, name, cookies, HOME);

/** How a token's signature begins: enough to name it. */
export const mark = (/** @type {string} */ token) => token.split(".").pop()?.slice(0, 8) || "";
/**
 * Of the tokens that somebody has spoken about, by their marks, whether they are genuine. The server speaks about those
 * that came with its request: first of the one that counts, then of all others.
 */
export const judged = CW_SHARED.judged ??= new Map(attribute(ownTag, "token").split(" ").map((each, at) => [each, !at]));

/** Where what was found genuine is kept for the next page: the server's own pages say it themselves. */
export const box = () => memory ? localStorage : sessionStorage;

/** The token that somebody has vouched for, on this page or an earlier one: the newest; and a newer one that nobody has spoken about. */
export const tokens = () => {
  let copy, sure, doubtful;
  try {
    copy = !rendered && box().getItem(name);
  } catch { /* a page without storage */ }
  const all = [...cookies(name), memory && copy, CW_SHARED.held].flatMap((each) => readToken(each || ""));
  for (const each of all.sort((one, other) => other.time - one.time || other.seq - one.seq)) {
    const genuine = judged.get(mark(each.token)) ?? each.token == copy;
    if (genuine) {
      sure = each;
      break;
    }
    if (!judged.has(mark(each.token))) doubtful ??= each;
  }
  return { sure, doubtful };
};
