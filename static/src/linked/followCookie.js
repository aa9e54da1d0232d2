/** Where hosts share the choice by a cookie of their parent domain: what happens to it on another of them counts here as well. */

/**
 * @param {typeof import("../tools.js").tools} tools
 * @param {import("./elsewhere.js").Cookie} cookie
 * @param {(path: string, more: {token: string}) => Promise<import("./carry.js").Answer | undefined>} post
 */
export const followCookie = ({ currentToken, document, logErrors, refresh, saveToken }, { isEmpty, lone, parent }, post) => {
  if (!parent) return;
  let hadCookie = !isEmpty();
  /** While this page was open, everything was erased on another host: nothing stays here, also offline. */
  const look = logErrors(async () => {
    const lost = hadCookie && isEmpty();
    hadCookie = !isEmpty();
    if (!lost) return;
    await saveToken("");
    refresh();
  });
  for (const type of ["pageshow", "focus"]) addEventListener(type, look);
  document.addEventListener("visibilitychange", look);

  /** A token that had lost its cookie before this page counts again once the server has found its records. */
  const restore = async () => {
    const token = lone && localStorage.getItem(lone);
    const answer = token && await post("/carried", { token });
    if (!answer) return;
    localStorage.removeItem(lone);
    const { erasing, token: now = token } = answer; // another one where the visitor has withdrawn since
    if (!erasing || !now || currentToken()) return; // erased, or chosen anew
    await saveToken(now);
    refresh();
  };
  logErrors(restore)();
};
