/** Says for which devices a choice counts, wherever it is made in this page, to a visitor who is signed in (CONSENT_ACCOUNT). */

/** @param {Pick<typeof import("../tools.js").tools, "logErrors" | "root">} tools */
export const scope = ({ logErrors, root }) => {
  const show = logErrors(() => root.querySelectorAll(".cw-devices[hidden]").forEach((note) => note.toggleAttribute("hidden")));
  new MutationObserver(show).observe(root, { childList: true, subtree: true });
  show();
};
