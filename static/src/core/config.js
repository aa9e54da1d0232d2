/** What this file knows about itself: its own tag, and where the widget's other files are. */

/** The folder of a file of ours, by the file's address: empty for any other file. */
const folder = (/** @type {string} */ address, path = "") =>
  RegExp("^[^?#]*" + path + "/(?=widget\\.)").exec(address)?.[0];

const { tag } = CW_SHARED;
/** Not the property `src`, which would follow a `<base>` that somebody put into a comment. */
const src = tag?.getAttribute("src");

/**
 * The folder that this file and all other files of the widget come from. A module has no tag, and text that a loader
 * evaluates has the loader's: there it is the folder from which a script of the page has fetched this file. Markup cannot:
 * what it loads by itself is no script, or was stopped by the page's policy, and then has no status.
 */
export const HOME = CW_SHARED.home ??= src && folder(new URL(src, location.href).href) ||
  /** @type {PerformanceResourceTiming[]} */ (performance.getEntriesByType("resource")).map((entry) =>
    /^(sc|fe|x)/.test(entry.initiatorType) && entry.responseStatus == 200 && folder(entry.name, CW_SHARED.path)
  ).find((each) => each);
if (!HOME) throw Error("consent_widget: give widget.js a script tag of its own.");

/**
 * The `<script>` element that runs this file. Without one, a nonce counts as the page's if no element has another: who can
 * write markup knows no nonce, and so can only shut gates.
 */
export const ownTag = tag || Object.assign(document.createElement("script"), {
  nonce: [...new Set(Array.from(document.scripts, ({ nonce }) => nonce))].join(" ").trim(),
});

/** Did the server render this page for this visitor? Then the widget's element stands right before the tag. */
export const rendered = ownTag.hasAttribute("data-token");

/** The value of a `data-…` attribute, empty where there is none. */
export const attribute = (/** @type {Element | null | undefined} */ element, /** @type {string} */ name) =>
  element?.getAttribute("data-" + name) || "";
