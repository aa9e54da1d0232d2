/** For sites that heed how old a visitor is: asks for it before anything is granted, and locks what a minor may not grant. */

/** @typedef {import("../ui/element.js").Tree} Tree */
/** @typedef {{ask?: unknown, dialogs: Record<string, Tree>, notes: Record<string, Tree>, layers: Record<string, Tree>}} Ages by the band's letter */
/**
 * @typedef {object} Means what the widget lends
 * @property {() => string} band `c` for a child, `t` for a teen, `a` for an adult, empty while it is not known
 * @property {typeof import("../ui/element.js").build} build
 * @property {(option: import("../core/policy.js").Option) => boolean | undefined} asked
 * @property {() => unknown} calm
 * @property {() => unknown} child notes that the visitor is one
 * @property {WeakSet<Element>} once what was let in for this once
 * @property {ShadowRoot} root
 * @property {(content: HTMLElement, closed?: () => void) => void} show
 */

const stage = (/** @type {Element} */ layer) => layer.getAttribute("data-stage") || "";

/**
 * @param {() => {age?: any, layer: Tree, options: import("../core/policy.js").Option[]}} data in the current locale
 * @param {Means} means
 */
export const age = (data, { band, asked, build, calm, child: become, once, root, show }) => {
  /** As the band has it: the first layer, and the switches of the centre. To be called when either may have changed. */
  const dress = () => {
    if (band() == "c") document.querySelectorAll("[data-consent]").forEach((each) => once.delete(each));
    const { age, layer: usual, options } = data();
    const { layers, notes } = /** @type {Ages} */ (age);
    const layer = /** @type {HTMLElement | null} */ (root.querySelector(".cw-layer"));
    const fitting = layer && build(layers[band()] || usual);
    if (fitting && stage(fitting) != stage(layer)) {
      const focused = layer.contains(root.activeElement);
      layer.replaceChildren(...fitting.children);
      calm();
      layer.setAttribute("data-stage", stage(fitting));
      if (focused) layer.querySelector("button")?.focus();
    }
    const body = root.querySelector(".cw-centre .cw-body");
    const note = notes[band()];
    if (!note || !body || body.querySelector(".cw-locked")) return;
    body.prepend(build(note));
    const child = band() == "c";
    for (const option of options) {
      const { key, adult } = option;
      const own = /** @type {HTMLInputElement | null} */ (root.querySelector(`.cw-centre [value="${key}"]`));
      if (!own || !child && !adult) continue;
      own.disabled = true;
      own.checked = child && !!asked(option);
    }
    if (!child) return;
    root.querySelectorAll(".cw-centre :is([value=save], [value=accept_all], .cw-all)").forEach((each) => each.remove());
  };
  new MutationObserver(dress).observe(root, { childList: true, subtree: true });

  return {
    dress,
    /** A child is one at once, whether or not the server has heard of it. */
    heard: (/** @type {string} */ action) => action == "age_child" && become(),
    /**
     * Is this held back? Then the visitor is told why, or asked how old he is.
     * @param {string[]} keys what is about to be granted
     */
    held: (keys) => {
      const { age, options } = data();
      const dialog = age.dialogs[band()];
      const adult = options.some((option) => option.adult && keys.includes(option.key));
      if (!dialog || band() == "t" && !adult) return false;
      const content = build(dialog);
      content.addEventListener("click", ({ target }) => {
        const pressed = /** @type {HTMLButtonElement | null} */ (/** @type {HTMLElement} */ (target).closest("button"));
        if (pressed?.value) setTimeout(() => pressed.closest("dialog")?.close());
      });
      show(content);
      return true;
    },
  };
};
