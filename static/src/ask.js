/** Asks for one thing, at the moment it matters. Closing is a no, and so is whatever else is not a press on "Agree". */

/** @typedef {import("./policy.js").Option} Option */
/**
 * @typedef {object} Means what the widget lends
 * @property {(option: Option) => boolean | undefined} asked
 * @property {typeof import("./element.js").build} build
 * @property {(action: string, surface: string, picked: string[], trusted: boolean) => unknown} decide
 * @property {(option: Option) => unknown} forced
 * @property {(name: string) => Promise<any>} get
 * @property {typeof import("./calm.js").hasty} hasty
 * @property {string} language
 * @property {(content: HTMLElement, closed: () => void) => void} show
 */

/**
 * Settled once the visitor has answered and that was sent, or where there is nothing to ask.
 * @param {string} purpose
 * @param {{recipient?: string, again?: boolean}} about
 * @param {Option[]} options
 * @param {Means} means
 */
export const ask = async (
  purpose,
  { recipient, again },
  options,
  { asked, build, decide, forced, get, hasty, language, show },
) => {
  const key = recipient ? purpose + ":" + recipient : purpose;
  const option = options.find((each) => each.key == key);
  if (!option) return console.error(`consent_widget: ask: the notice has nothing to ask as ${key}.`);
  if (forced(option) || asked(option) || asked(option) == false && !again) return;
  const question = await get(`ask.${key}.${language}`);
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
