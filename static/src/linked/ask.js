/** Asks for one thing, at the moment it matters. Closing is a no, and so is whatever else is not a press on "Agree". */

/** @typedef {import("../core/policy.js").Option} Option */
/**
 * @typedef {object} Means what the widget lends
 * @property {(option: Option) => boolean | undefined} asked
 * @property {typeof import("../ui/element.js").build} build
 * @property {() => {options: Option[], locale: string}} data in the current locale
 * @property {(action: string, surface: string, picked: string[], trusted: boolean) => unknown} decide
 * @property {(option: Option) => unknown} forced
 * @property {(name: string) => Promise<any>} get
 * @property {typeof import("../ui/calm.js").hasty} hasty
 * @property {(purpose: string, recipient?: string) => unknown} permits
 * @property {() => unknown} refresh
 * @property {(content: HTMLElement, closed: () => void) => void} show
 */

/**
 * @param {Means} means
 * @returns {(purpose: string, about?: {recipient?: string, again?: boolean}) => Promise<boolean>} settled once the visitor
 *   has answered and that was sent, or where there is nothing to ask
 */
export const ask = ({ asked, build, data, decide, forced, get, hasty, permits, refresh, show }) => {
  /** @param {string} purpose @param {{recipient?: string, again?: boolean}} about */
  const put = async (purpose, { recipient, again }) => {
    const key = recipient ? purpose + ":" + recipient : purpose;
    const option = data().options.find((each) => each.key == key);
    if (!option) return console.error(`consent_widget: ask: the notice has nothing to ask as ${key}.`);
    if (forced(option) || asked(option) || asked(option) == false && !again) return;
    const question = await get(`ask.${key}.${data().locale}`);
    if (!question) return;
    const form = build(question);
    /** @type {[allow: boolean, trusted: boolean]} */
    const [allow, trusted] = await new Promise((done) => {
      form.addEventListener("click", (event) => {
        const pressed = /** @type {HTMLElement} */ (event.target).closest("button");
        if (!pressed) return;
        event.preventDefault();
        event.stopPropagation();
        if (hasty(event, pressed.value)) return;
        done([pressed.value == "allow", event.isTrusted]);
        pressed.closest("dialog")?.close();
      });
      show(form, () => done([false, true]));
    });
    await decide(allow ? "allow" : "refuse", "ask", [key], trusted);
  };
  return async (purpose, given) => {
    refresh();
    const about = /** @type {{recipient?: string, again?: boolean}} */ ({ __proto__: null, ...given });
    await put(purpose, about);
    return !!permits(purpose, about.recipient);
  };
};
