/** What this file knows about itself: where it and the widget's other files come from, and the page's nonce. */

const { tag, file } = CW_SHARED;

/**
 * The address of this file. By the attribute of its tag: the property `src` would follow a `<base>` that somebody put into a
 * comment. A module has no tag, and text that a loader evaluates has none of ours: there a script, `fetch` or XMLHttpRequest
 * has loaded this file. Markup alone cannot: what the page's policy stops has no status.
 */
const own = CW_SHARED.home ||
  [
    new URL(tag?.getAttribute("src") || "", location.href).href,
    .../** @type {any[]} */ (performance.getEntries()).filter(({ initiatorType, responseStatus }) =>
      /^[sfx]/.test(initiatorType) && responseStatus == 200
    ).map(({ name }) => name),
  ].find((address) => address.split(/[?#]/)[0].includes(file));
if (!own) throw Error("consent_widget: needs its own script tag.");

/** The folder that this file and all other files of the widget come from. */
export const HOME = CW_SHARED.home = new URL(".", own).href;

/**
 * Where it has one, the page trusts scripts that have it. Without a tag it is the page's if no script has another: who can
 * write markup knows no nonce, and so can only shut gates.
 */
export const nonce = tag?.nonce ?? [...new Set([...document.scripts].map((each) => each.nonce))].join(" ").trim();

/**
 * The page's language: it says what its readers can read, so it comes before that of the browser. Empty where the site has
 * chosen one, in this file's address.
 */
export const LANGUAGE = CW_SHARED.language ??= /lang=/.test(own) ? "" : document.documentElement.lang.slice(0, 2);

/** The value of a `data-…` attribute, empty where there is none. */
export const attribute = (/** @type {Element | null | undefined} */ element, /** @type {string} */ name) =>
  element?.getAttribute("data-" + name) || "";
