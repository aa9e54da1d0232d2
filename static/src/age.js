/** For sites that heed how old a visitor is: asks for it before anything is granted, and locks what a minor may not grant. */

/** @typedef {import("./element.js").Tree} Tree */
/** @typedef {{ask?: unknown, dialogs: Record<string, Tree>, notes: Record<string, Tree>, layers: Record<string, Tree>}} Ages by the band's letter */
/**
 * @typedef {object} Means what the widget lends
 * @property {() => string} band `c` for a child, `t` for a teen, `a` for an adult, empty while it is not known
 * @property {typeof import("./element.js").build} build
 * @property {(action: string, surface: string, picked: string[], trusted: boolean) => unknown} decide
 * @property {(key: string) => boolean | undefined} granted
 * @property {ShadowRoot} root
 * @property {(content: HTMLElement, closed?: () => void) => void} show
 */

/**
 * @param {() => {age?: any, layer: Tree, options: import("./policy.js").Option[]}} data in the current locale
 * @param {Means} means
 */
export const age = (data, { band, build, decide, granted, root, show }) => {
  /** As the band has it: the first layer, and the switches of the centre. To be called when either may have changed. */
  const dress = () => {
    const { age, layer: usual, options } = data();
    const { layers, notes } = /** @type {Ages} */ (age);
    const layer = /** @type {HTMLElement | null} */ (root.querySelector(".cw-layer"));
    const fitting = layer && build(layers[band()] || usual);
    if (fitting && fitting.dataset.stage != layer.dataset.stage) {
      const focused = layer.contains(root.activeElement);
      layer.replaceChildren(...fitting.children);
      if (fitting.dataset.stage) layer.dataset.stage = fitting.dataset.stage;
      else delete layer.dataset.stage;
      if (focused) layer.querySelector("button")?.focus();
    }
    const body = root.querySelector(".cw-centre .cw-body");
    const note = notes[band()];
    if (!note || !body || body.querySelector(".cw-locked")) return;
    body.prepend(build(note));
    const child = band() == "c";
    for (const { key, adult } of options) {
      const own = /** @type {HTMLInputElement | null} */ (root.querySelector(`.cw-centre [value="${key}"]`));
      if (!own || !child && !adult) continue;
      own.disabled = true;
      own.checked = child && !!granted(key);
    }
    if (!child) return;
    root.querySelectorAll(".cw-centre :is([value=save], [value=accept_all], .cw-all)").forEach((each) => each.remove());
  };
  new MutationObserver(dress).observe(root, { childList: true, subtree: true });

  return {
    dress,
    /**
     * @param {string[]} keys what is about to be granted
     * @param {() => unknown} again grants it, once nothing holds it back any more
     * @returns {Promise<unknown> | undefined} where it is held back: settled once the visitor knows why, or has answered
     */
    held: (keys, again) => {
      const { age, options } = data();
      const { dialogs } = /** @type {Ages} */ (age);
      const adult = options.some((option) => option.adult && keys.includes(option.key));
      if (band() == "a" || band() == "t" && !adult || !dialogs[band()]) return;
      const content = build(dialogs[band()]);
      return new Promise((done) => {
        content.addEventListener("click", async (event) => {
          const pressed = /** @type {HTMLElement} */ (event.target).closest("button");
          if (!pressed?.value) return;
          event.preventDefault();
          event.stopPropagation();
          await decide(pressed.value, "centre", [], event.isTrusted);
          pressed.closest("dialog")?.close();
          done(band() && band() != "c" && again());
        });
        show(content, () => done(undefined));
      });
    },
  };
};
