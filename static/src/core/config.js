/** What this file knows about itself: its own tag, and where the widget's other files are. */

/** The `<script>` element that loaded this file. */
export const ownTag = CW_SHARED.tag;

/**
 * The folder that this file and all other files of the widget come from. Made from the attribute and the page's address:
 * the property `src` would follow a `<base>` that somebody put into a comment.
 */
export const HOME = new URL(".", new URL(/** @type {string} */ (ownTag.getAttribute("src")), location.href)).href;

/** Did the server render this page for this visitor? Then the widget's element stands right before the tag. */
export const rendered = ownTag.hasAttribute("data-token");

/** The value of a `data-…` attribute, empty where there is none. */
export const attribute = (/** @type {Element | null | undefined} */ element, /** @type {string} */ name) =>
  element?.getAttribute("data-" + name) || "";
