/** Age bands, for sites that use them: asks for the age before anything is granted, and locks what a minor may not grant. */

/** @typedef {import("../ui/element.js").Tree} Tree */
/**
 * @typedef {{ask?: unknown, off: string, adults: string, dialogs: Record<string, Tree>, notes: Record<string, Tree>, layers: Record<string, Tree>}} Ages
 *   by the band's letter; `off` names the button that refuses everything for a child, `adults` says why a minor's switch is locked
 */
/**
 * @typedef {object} Tools of the widget
 * @property {() => string} band `c` for a child, `t` for a teen, `a` for an adult, empty while it is unknown
 * @property {typeof import("../ui/element.js").build} build
 * @property {() => {age?: any, options: import("../core/policy.js").Option[]}} data in the current locale
 * @property {(option: import("../core/policy.js").Option) => unknown} isOn
 * @property {() => unknown} delay
 * @property {typeof import("../ui/surfaces.js").drawLayer} drawLayer
 * @property {WeakSet<Element>} loadedOnce
 * @property {ShadowRoot} root
 * @property {(content: HTMLElement, onClose?: () => void) => void} showDialog
 */

const stage = (/** @type {Element} */ layer) => layer.getAttribute("data-stage") || "";

/** @param {Tools} tools */
export const age = ({ band, build, data, delay, drawLayer, isOn, loadedOnce, root, showDialog }) => {
  /** In Chinese a child is 你, and an adult 您. Python: `address_child`. */
  const addressChild = () => {
    const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let text; text = /** @type {Text | null} */ (texts.nextNode());) {
      if (text.data.includes("您")) text.data = text.data.replaceAll("您", "你");
    }
  };

  /** Makes the first layer and the switches of the preference centre those of the band. To be called when either may have changed. */
  const update = () => {
    if (band() == "c") document.querySelectorAll("[data-consent]").forEach((element) => loadedOnce.delete(element));
    const { age, options } = data();
    const { adults, layers, notes, off } = /** @type {Ages} */ (age);
    const layer = /** @type {HTMLElement | null} */ (root.querySelector(".cw-layer"));
    const fitting = layer && (layers[band()] ? build(layers[band()]) : drawLayer());
    if (fitting && stage(fitting) != stage(layer)) {
      const focused = layer.contains(root.activeElement);
      layer.replaceChildren(...fitting.children);
      delay();
      layer.setAttribute("data-stage", stage(fitting));
      if (focused) {
        const title = /** @type {HTMLElement} */ (layer.querySelector("h2"));
        title.tabIndex = -1;
        title.focus();
      }
    }
    if (band() == "c") addressChild();
    const body = root.querySelector(".cw-centre .cw-body");
    const note = notes[band()];
    if (!note || !body || body.querySelector(".cw-locked")) return;
    body.prepend(build(note));
    const child = band() == "c";
    for (const option of options) {
      const { key, adult } = option;
      const input = /** @type {HTMLInputElement | null} */ (root.querySelector(`.cw-centre [value="${key}"]`));
      if (!input || !child && !adult) continue;
      input.setAttribute("aria-disabled", "true");
      input.onclick = () => false;
      input.checked = child && !!isOn(option);
      if (adult) input.previousElementSibling?.append(build(["span", { class: "cw-small cw-why" }, adults]));
    }
    root.querySelectorAll(child ? "[data-minor],[data-child]" : "[data-minor]").forEach((each) => each.removeAttribute("hidden"));
    if (!child) return;
    const gone = ".cw-centre :is([value=save], [value=accept_all], .cw-all, .cw-scope, .cw-now)";
    root.querySelectorAll(gone).forEach((element) => element.remove());
    const foot = root.querySelector(".cw-centre .cw-foot");
    foot?.classList.add("cw-one");
    foot?.querySelector("button")?.replaceChildren(off);
  };
  new MutationObserver(update).observe(root, { childList: true, subtree: true });

  return {
    update,
    /**
     * Must the visitor not grant this? Then a dialog says why, or asks for their age.
     * @param {string[]} keys what is about to be granted
     */
    blocks: (keys) => {
      const { age, options } = data();
      const adult = options.some((option) => option.adult && keys.includes(option.key));
      const dialog = age.dialogs[adult && band() == "c" ? "t" : band()];
      if (!dialog || band() == "t" && !adult) return false;
      const content = build(dialog);
      content.addEventListener("click", ({ target }) => {
        const button = /** @type {HTMLButtonElement | null} */ (/** @type {HTMLElement} */ (target).closest("button"));
        if (button?.value) setTimeout(() => button.closest("dialog")?.close());
      });
      showDialog(content);
      return true;
    },
  };
};
