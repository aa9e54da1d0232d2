/** A native dialog: the browser keeps the focus in, makes the page inert, and gives both back. */

/**
 * @param {ShadowRoot} root
 * @param {HTMLElement} content
 * @param {string} language
 * @param {() => void} closed
 */
export const dialog = (root, content, language, closed) => {
  const made = document.createElement("dialog");
  made.lang = language;
  made.setAttribute("aria-label", content.querySelector("h2")?.textContent || "");
  made.append(content);
  made.onclose = () => {
    made.remove();
    closed();
  };
  root.append(made);
  made.showModal();
};
