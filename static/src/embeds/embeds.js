/** What pages with embedded content need: placeholders beside what is held back, templates, and reports of mistakes. */

import { openEmbed } from "./addresses.js";
import { fit, HIDING, refit } from "./box.js";
import { keepClear } from "./keepClear.js";
import { reportMistakes } from "./mistakes.js";
import { buildPlaceholder, contentOf } from "./placeholder.js";
import { adopt } from "./sheets.js";
import { openTemplate } from "./template.js";

/** @typedef {import("./placeholder.js").Tools & {openGates: (unused?: unknown) => unknown, root: ShadowRoot}} Tools */

/** @param {Tools} tools of the widget */
export const embeds = (tools) => {
  /** @type {Map<HTMLElement, HTMLElement>} each element with its placeholder */
  const placeholders = new Map();
  /** @type {WeakMap<HTMLElement, string>} what each placeholder speaks of */
  const contents = new WeakMap();
  const clear = keepClear(tools, placeholders);

  let frame = 0;
  /** Follows the page: at most once a frame, and never while the page is being laid out. */
  const follow = () => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(tools.logErrors(() => {
      refit([...placeholders]);
      clear();
    }));
  };
  /** @type {WeakMap<Element, string>} */
  const sizes = new WeakMap();
  const parents = new ResizeObserver(tools.logErrors((/** @type {ResizeObserverEntry[]} */ entries) => {
    for (const { target, contentRect: { width, height } } of entries) {
      const size = width + "×" + height;
      if (sizes.has(target) && sizes.get(target) != size) follow();
      sizes.set(target, size);
    }
  }));
  const attributes = new MutationObserver(tools.logErrors(follow));
  addEventListener("resize", tools.logErrors(follow));

  /** @param {HTMLElement} element @param {HTMLElement} placeholder */
  const remove = (element, placeholder) => {
    const focused = placeholder.shadowRoot?.activeElement;
    placeholder.remove();
    placeholders.delete(element);
    if (!focused || !element.isConnected) return;
    element.focus({ preventScroll: true }); // it may be loaded now; then the visitor wants to go on there
    if (element.matches(":focus")) return;
    element.tabIndex = -1;
    element.focus({ preventScroll: true });
  };

  /** @type {WeakSet<HTMLElement>} */
  const seen = new WeakSet();
  tools.gates.openEmbed = (element) =>
    element instanceof HTMLTemplateElement ? openTemplate(tools, element) : openEmbed(tools, element);

  /**
   * @param {HTMLElement[]} shut all gated elements that are not open
   * @param {HTMLElement[]} elements the embeds among them that are held back
   * @param {Iterable<Document | ShadowRoot>} roots what they may be in
   */
  return (shut, elements, roots) => {
    for (const element of shut) {
      if (!seen.has(element)) reportMistakes(tools, element);
      seen.add(element);
    }
    const heldBack = new Set(elements);
    /** @type {HTMLElement | undefined} */
    let focused;
    for (const [element, placeholder] of placeholders) if (!heldBack.has(element)) remove(element, placeholder);
    /** @type {[HTMLElement, HTMLElement][]} */
    const fresh = [];
    for (const element of elements) {
      const content = contentOf(tools, element);
      const old = placeholders.get(element);
      if (old && contents.get(element) == content && old.nextElementSibling == element) continue;
      const placeholder = buildPlaceholder(tools, element);
      if (old?.shadowRoot?.activeElement) focused = placeholder;
      old?.remove();
      placeholders.set(element, placeholder);
      contents.set(element, content);
      fresh.push([element, placeholder]);
      attributes.observe(element, { attributeFilter: ["class", "height", "hidden", "style", "width"] });
      const parent = element.parentNode;
      parents.observe(parent instanceof ShadowRoot ? parent.host : /** @type {Element} */ (parent));
    }
    const known = new Set(placeholders.values());
    for (const root of roots) {
      if (heldBack.size) adopt(tools, root, HIDING);
      for (const host of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("div[data-cw-blocked]"))) {
        if (!known.has(host)) host.remove(); // in a copy of the page
      }
    }
    fit(fresh);
    focused?.shadowRoot?.querySelector("button")?.focus();
    clear();
  };
};
