/** Asks for one option at the moment it matters. Only a press on "Agree" grants it: closing the dialog refuses it. */

/** @typedef {import("../core/policy.js").Option} Option */
/**
 * @typedef {object} Tools of the widget
 * @property {typeof import("../ui/element.js").build} build
 * @property {() => {options: Option[], locale: string}} data in the current locale
 * @property {(action: string, surface: string, picked: string[], byPerson: boolean) => unknown} decide
 * @property {(option: Option) => boolean | undefined} decided
 * @property {(name: string) => Promise<any>} loadText
 * @property {typeof import("../ui/pressDelay.js").isHasty} isHasty
 * @property {(option: Option) => unknown} isOff
 * @property {(purpose: string, recipient?: string) => unknown} permits
 * @property {() => unknown} refresh
 * @property {(content: HTMLElement, onClose: () => void) => void} showDialog
 */

/**
 * @param {Tools} tools
 * @returns {(purpose: string, about?: {recipient?: string, again?: boolean}) => Promise<boolean>} whether it is granted: resolves
 *   at the server's response, or after 3 s without one (then false: a grant may still come); at once where there is nothing to ask
 */
export const ask = ({ build, data, decide, decided, loadText, isHasty, isOff, permits, refresh, showDialog }) => {
  /** @param {string} purpose @param {{recipient?: string, again?: boolean}} about */
  const askVisitor = async (purpose, { recipient, again }) => {
    const key = recipient ? purpose + ":" + recipient : purpose;
    const option = data().options.find((option) => option.key == key);
    if (!option) return console.error(`consent_widget: ask: the notice has nothing to ask as ${key}.`);
    if (isOff(option) || decided(option) || decided(option) == false && !again) return;
    const question = await loadText(`ask.${key}.${data().locale}`);
    if (!question) return;
    const form = build(question);
    /** @type {[allow: boolean, byPerson: boolean]} */
    const [allow, byPerson] = await new Promise((done) => {
      form.addEventListener("click", (event) => {
        const button = /** @type {HTMLElement} */ (event.target).closest("button");
        if (!button) return;
        event.preventDefault();
        event.stopPropagation();
        if (isHasty(event, button.value)) return;
        done([button.value == "allow", event.isTrusted]);
        button.closest("dialog")?.close();
      });
      showDialog(form, () => done([false, true]));
    });
    await decide(allow ? "allow" : "refuse", "ask", [key], byPerson);
  };
  return async (purpose, given) => {
    refresh();
    const about = /** @type {{recipient?: string, again?: boolean}} */ ({ __proto__: null, ...given });
    await askVisitor(purpose, about);
    return !!permits(purpose, about.recipient);
  };
};
