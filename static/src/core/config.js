/** What this file knows about itself: where it and the widget's other files come from, and the page's nonce. */

const { tag, file } = CW_SHARED;

/**
 * The folder that this file and all other files of the widget come from: by the attribute of its tag, as the property `src`
 * would follow a `<base>` that somebody put into a comment. A module has no tag, and text that a loader evaluates has none of
 * ours: there it is the folder from which a script of the page has loaded this file. Markup cannot do that: what it loads is
 * no script, or the page's policy has stopped it, and then it has no status.
 */
export const HOME = CW_SHARED.home ??= file.exec([
  "script200" + new URL(tag?.getAttribute("src") || "", location.href),
  .../** @type {any[]} */ (performance.getEntriesByType("resource")).map(({ initiatorType, responseStatus, name }) =>
    initiatorType + responseStatus + name
  ),
].join("\n"))?.[1] || "";
if (!HOME) throw Error("consent_widget: load widget.js by a script tag of its own.");

/**
 * Where it has one, the page trusts scripts that have it. Without a tag it is the page's if no script has another: who can
 * write markup knows no nonce, and so can only shut gates.
 */
export const nonce = tag ? tag.nonce : [...new Set(Array.from(document.scripts, (each) => each.nonce))].join(" ").trim();

/** The value of a `data-…` attribute, empty where there is none. */
export const attribute = (/** @type {Element | null | undefined} */ element, /** @type {string} */ name) =>
  element?.getAttribute("data-" + name) || "";
