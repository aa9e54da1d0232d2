/**
 * Which token this page trusts. Whoever controls a part of the domain can set a cookie, and on plain HTTP anybody can. So a
 * token grants only where it is verified: by the server, in the page that it rendered or in a response to this page, or by
 * the storage of this origin. Until then it can only refuse.
 */

import { HOME } from "./config.js";
import { plainData } from "./plainData.js";
import { cookieValues, readToken } from "./token.js";

plainData(CW_DATA);
/** Is this a page of the host that several sites share, ours? Each site has a cookie of its own there. */
const onSharedHost = CW_DATA.site && !CW_DATA.origins?.includes(location.origin);
/** What everything of this site begins with that the widget stores: a host may have several. */
export const NAME = CW_DATA.cookie || "cw";
export const cookieName = (location.protocol == "https:" && !CW_DATA.domain ? "__Host-" : "") + NAME +
  (onSharedHost ? "-" + CW_DATA.site : "");
/**
 * On a page of another site, which stores its own token.
 * @type {(NonNullable<ReturnType<NonNullable<typeof CW_LINKED.store>>> & {write?: (token: string) => void}) | undefined} `write` is in elsewhere.js
 */
export const tokenStore = CW_LINKED.store?.(CW_DATA, cookieName, cookieValues, HOME);

/**
 * Tokens with a verdict: first the one that is trusted, then those that count for nothing. On a page that the server rendered,
 * each lacks the end of its signature.
 */
export const judged = CW_SHARED.judged ??= [""];
const isNamed = (/** @type {string} */ name, /** @type {string} */ token) => name && token.startsWith(name);

/** Where a verified token is stored for the next page. On pages that the server renders, it names the token itself. */
export const tokenStorage = () => tokenStore ? localStorage : sessionStorage;

/** @returns {(import("./token.js").State | undefined)[]} the trusted token, and one that is not verified yet */
export const readTokens = () => {
  let copy;
  try {
    copy = !CW_SHARED.rendered && tokenStorage().getItem(cookieName);
  } catch { /* a page without storage */ }
  const [stored] = readToken(copy || "");
  if (stored) judged[0] = stored.token;
  const all = [...cookieValues(cookieName), tokenStore && copy, CW_SHARED.token].flatMap((text) =>
    readToken(text || "")
  );
  return [
    all.find(({ token }) => isNamed(judged[0], token)),
    all.find(({ token }) => !judged.some((name) => isNamed(name, token))),
  ];
};

/** The visitor's token, verified or not; empty without one. */
export const currentToken = () => {
  const [trusted, doubtful] = readTokens();
  return (trusted || doubtful)?.token || "";
};
