/**
 * Says beside the way back that the browser's opt-out signal (GPC) is honoured, where the server has not seen the visitor: in
 * pages that are the same for everybody, and on other sites. Elsewhere it says so on the script's tag.
 */

/** @param {{data: () => {words: Record<string, string>}, root: ShadowRoot}} tools */
export const signal = ({ data, root }) => {
  if (!(/** @type {any} */ (navigator).globalPrivacyControl)) return;
  const update = () => {
    const { preferences, signal } = data().words;
    const button = root.querySelector(".cw-pill");
    if (button?.textContent == preferences) button.append(signal);
  };
  new MutationObserver(update).observe(root, { childList: true, subtree: true });
  update();
};
