/** Tells a returning visitor what changed in the notice since he saw it last. It asks for nothing but to be seen. */

/** @typedef {import("../ui/element.js").Tree} Tree */
/** @typedef {{locale: string, news?: {seen: Record<string, number>, bars: Tree[]}}} Told */
/**
 * @typedef {object} Means what the widget lends
 * @property {typeof import("../ui/element.js").build} build
 * @property {(action: string, surface: string, picked: string[], trusted: boolean, notice: string) => unknown} decide
 * @property {(name: string) => Promise<any>} get
 * @property {ResizeObserver} room
 * @property {ShadowRoot} root
 * @property {(content: HTMLElement) => void} show
 * @property {() => string} token
 */

/**
 * @param {() => Told} told in the current locale
 * @param {Means} means
 * @returns {() => void} to be called when something may have changed: a choice, the language, the layer
 */
export const news = (told, { build, decide, get, room, root, show, token }) => {
  /** @type {HTMLElement | null} */
  let bar = root.querySelector(".cw-news");
  let before = "";
  /** The notice that the visitor saw last, as his token says. */
  const seen = () => token().split(".").at(3) || "";

  /** @param {HTMLElement} surface @param {string} notice that is told @param {string} from the one seen before it */
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
        if (status) status.hidden = false; // the bar is still there, so that is not noted yet
        return;
      }
      const changes = await get(`changes.${from}.${told().locale}`);
      if (!changes) return;
      const content = build(changes);
      listen(content, notice, from);
      show(content);
    });

  /** @param {HTMLElement | null} fresh */
  const put = (fresh) => {
    const focused = bar?.contains(root.activeElement);
    bar?.remove();
    bar = fresh;
    if (fresh) {
      root.prepend(fresh);
      room.observe(fresh);
    }
    const next = /** @type {HTMLElement | null} */ (root.querySelector(fresh ? "[data-lang]" : ".cw-pill"));
    if (focused) next?.focus();
  };

  return () => {
    const { locale, news } = told();
    const layer = root.querySelector(".cw-layer");
    const from = seen();
    const now = [locale, from, !!layer].join();
    if (now == before) return;
    before = now;
    const tree = news?.bars.at(news.seen[from] ?? news.bars.length);
    if (!tree) return bar && put(null);
    const fresh = build(tree);
    const notice = fresh.getAttribute("data-notice") || "";
    const text = layer?.querySelector("p");
    if (text) { // the first layer asks, and leads to what changed
      const link =
        /** @type {HTMLElement} */ (text.querySelector("[data-changes]") || fresh.querySelector("[data-changes]"));
      if (!text.contains(link)) text.append(" · ", link);
      if (bar) put(null);
      listen(link, notice, from);
    } else {
      put(fresh);
      listen(fresh, notice, from);
    }
  };
};
