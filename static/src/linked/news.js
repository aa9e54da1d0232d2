/**
 * Tells a returning visitor what has changed in the notice since they last saw it; and asks again about what means something
 * else now, about that alone.
 */

/** @typedef {import("../ui/element.js").Tree} Tree */
/** @typedef {import("../core/state.js").Option} Option */
/** @typedef {{seen: Record<string, number>, bars: Tree[], noted: string, again?: Tree, latest: string, several: string[]}} News see ui/news.py */
/**
 * @typedef {object} Tools of the widget
 * @property {typeof import("../ui/element.js").build} build
 * @property {() => unknown} choiceDue
 * @property {() => string} currentToken
 * @property {() => {locale: string, notice: string, options: Option[], news?: News}} data in the current locale
 * @property {(action: string, surface: string, picked: string[], byPerson: boolean, notice: string) => unknown} decide
 * @property {(option: Option) => boolean | undefined} decided
 * @property {(option: Option) => unknown} isAsked
 * @property {(option: Option) => unknown} isOff
 * @property {(name: string, notice: string) => Promise<any>} loadText
 * @property {ResizeObserver} bottomSpace
 * @property {() => void} focusWayBack
 * @property {ShadowRoot} root
 * @property {(content: HTMLElement) => void} showDialog
 * @property {(text: string, seconds?: number) => void} showMessage
 */

/** @param {Tools} tools */
export const news = (tools) => {
  const { build, choiceDue, currentToken, data, decide, decided, isAsked, isOff } = tools;
  const { loadText, bottomSpace, focusWayBack, root, showDialog, showMessage } = tools;
  /** @type {HTMLElement | null} */
  let bar = root.querySelector(".cw-news");
  let before = "";
  /** The notice that the visitor saw last, as their token says. */
  const seenNotice = () => currentToken().split(".")[3] || "";

  /** Leaves in a surface only what this visitor can answer and has not answered yet. @param {HTMLElement} surface */
  const trim = (surface) => {
    for (const input of /** @type {NodeListOf<HTMLInputElement>} */ (surface.querySelectorAll("[name=grant]"))) {
      const option = data().options.find(({ key }) => key == input.value);
      if (!option || isOff(option) || decided(option) != null) input.parentElement?.remove();
    }
    for (const asked of surface.querySelectorAll(".cw-asked")) asked.querySelector("[name=grant]") || asked.remove();
    return surface;
  };

  /** The layer that asks again, where all that is to be asked has changed since the visitor chose. */
  const layer = () => {
    const { again, several } = data().news || {};
    const asked = data().options.filter(isAsked).length;
    if (!again || !asked || !currentToken()) return;
    const layer = trim(build(again));
    if (several?.includes(seenNotice())) layer.querySelector("[data-surface]")?.setAttribute("data-surface", "bar");
    if (layer.querySelectorAll("[name=grant]").length == asked) return layer;
  };

  /** @param {string} from the notice that the visitor saw before @param {string} notice the one whose changes are shown */
  const openChanges = async (from, notice) => {
    const changes = await loadText(`changes.${from}.${data().locale}`, "");
    if (!changes) return;
    const content = trim(build(changes));
    if (content.querySelector(".cw-due")) content.querySelector(".cw-foot")?.remove(); // what is asked is answered, not seen
    listen(content, from, notice);
    showDialog(content);
  };

  /** @param {HTMLElement} surface @param {string} from @param {string} notice */
  const listen = (surface, from, notice) =>
    surface.addEventListener("click", async (event) => {
      const target =
        /** @type {HTMLButtonElement | null} */ (/** @type {Element} */ (event.target).closest("button, a"));
      const opens = target?.hasAttribute("data-changes");
      if (!opens && target?.value != "acknowledge") return;
      event.preventDefault();
      event.stopPropagation();
      if (opens) return openChanges(from, notice);
      target?.closest("dialog")?.close();
      await decide("acknowledge", "bar", [], event.isTrusted, notice);
      const status = /** @type {HTMLElement | null | undefined} */ (bar?.querySelector("[role=status]"));
      if (status) status.hidden = false; // the bar is still there: the acknowledgement is not saved yet
      else showMessage(data().news?.noted || "", 5);
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
    const next = /** @type {HTMLElement | null | undefined} */ (fresh?.querySelector("[data-lang]"));
    if (focused) next ? next.focus() : focusWayBack();
  };

  /** To be called when a choice, the language or the layer may have changed. */
  const update = () => {
    const { locale, news, notice } = data();
    const layer = root.querySelector(".cw-layer");
    const from = seenNotice();
    const now = [locale, from, !!layer, choiceDue()].join();
    if (now == before) return;
    before = now;
    const tree = news?.bars[news.seen[from]];
    const fresh = tree && build(tree);
    if (layer) { // it has a link to the changes, or gets one
      const text = layer.querySelector("p");
      const own = /** @type {HTMLElement | null} */ (layer.querySelector("[data-changes]"));
      const link = own || /** @type {HTMLElement | null | undefined} */ (fresh?.querySelector("[data-changes]"));
      if (link && !own) text?.append(" · ", link);
      const isSeen = !fresh || notice.startsWith(from); // by then they have read the announcement of what is asked now
      if (link) listen(link, isSeen && news?.latest || from, notice);
      if (bar) replaceBar(null);
    } else if (fresh && !choiceDue()) { // a choice that is not saved yet may end the news
      replaceBar(fresh);
      listen(fresh, from, fresh.getAttribute("data-notice") || "");
    } else if (bar) replaceBar(null);
  };

  return { layer, update };
};
