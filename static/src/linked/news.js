/** Tells a returning visitor what has changed in the notice since they last saw it. It asks for no decision. */

/** @typedef {import("../ui/element.js").Tree} Tree */
/** @typedef {{locale: string, news?: {seen: Record<string, number>, bars: Tree[]}}} News */
/**
 * @typedef {object} Tools of the widget
 * @property {typeof import("../ui/element.js").build} build
 * @property {() => string} currentToken
 * @property {() => News} data in the current locale
 * @property {(action: string, surface: string, picked: string[], byPerson: boolean, notice: string) => unknown} decide
 * @property {(name: string) => Promise<any>} loadText
 * @property {ResizeObserver} bottomSpace
 * @property {ShadowRoot} root
 * @property {(content: HTMLElement) => void} showDialog
 */

/**
 * @param {Tools} tools
 * @returns {() => void} to be called when a choice, the language or the layer may have changed
 */
export const news = ({ build, currentToken, data, decide, loadText, bottomSpace, root, showDialog }) => {
  /** @type {HTMLElement | null} */
  let bar = root.querySelector(".cw-news");
  let before = "";
  /** The notice that the visitor saw last, as their token says. */
  const seenNotice = () => currentToken().split(".")[3] || "";

  /** @param {HTMLElement} surface @param {string} notice that is announced @param {string} from the one that the visitor saw before */
  const listen = (surface, notice, from) =>
    surface.addEventListener("click", async (event) => {
      const target =
        /** @type {HTMLButtonElement | null} */ (/** @type {Element} */ (event.target).closest("button, a"));
      const opens = target?.hasAttribute("data-changes");
      if (!opens && target?.value != "acknowledge") return;
      event.preventDefault();
      event.stopPropagation();
      if (!opens) {
        target?.closest("dialog")?.close();
        await decide("acknowledge", "bar", [], event.isTrusted, notice);
        const status = /** @type {HTMLElement | null | undefined} */ (bar?.querySelector("[role=status]"));
        if (status) status.hidden = false; // the bar is still there: the acknowledgement is not saved yet
        return;
      }
      const changes = await loadText(`changes.${from}.${data().locale}`);
      if (!changes) return;
      const content = build(changes);
      listen(content, notice, from);
      showDialog(content);
    });

  /** @param {HTMLElement | null} fresh */
  const replaceBar = (fresh) => {
    const focused = bar?.contains(root.activeElement);
    bar?.remove();
    bar = fresh;
    if (fresh) {
      root.prepend(fresh);
      bottomSpace.observe(fresh);
    }
    const next = /** @type {HTMLElement | null} */ (root.querySelector(fresh ? "[data-lang]" : ".cw-pill"));
    if (focused) next?.focus();
  };

  return () => {
    const { locale, news } = data();
    const layer = root.querySelector(".cw-layer");
    const from = seenNotice();
    const now = [locale, from, !!layer].join();
    if (now == before) return;
    before = now;
    const tree = news?.bars[news.seen[from]];
    if (!tree) return bar && replaceBar(null);
    const fresh = build(tree);
    const notice = fresh.getAttribute("data-notice") || "";
    const text = layer?.querySelector("p");
    if (text) { // the first layer is shown: it gets a link to the changes
      const link =
        /** @type {HTMLElement} */ (text.querySelector("[data-changes]") || fresh.querySelector("[data-changes]"));
      if (!text.contains(link)) text.append(" · ", link);
      if (bar) replaceBar(null);
      listen(link, notice, from);
    } else {
      replaceBar(fresh);
      listen(fresh, notice, from);
    }
  };
};
