/** What this file knows of itself: its own tag, and where it and everything else of ours comes from. */

/** Our own `<script>`. */
export const ownTag = CW_SHARED.tag;

/**
 * Where this file comes from, and with it everything else of ours: what its tag says, completed by the page's address.
 * The tag's property `src` would be completed by a `<base>` that somebody put into a comment.
 */
export const HOME = new URL(".", new URL(/** @type {string} */ (ownTag.getAttribute("src")), location.href)).href;

/** Did the server render this page for this visitor? Then our element stands right before our tag. */
export const rendered = ownTag.hasAttribute("data-token");

/** What an element's `data-…` attribute says, empty where it has none. */
export const attribute = (/** @type {Element | null | undefined} */ element, /** @type {string} */ name) =>
  element?.getAttribute("data-" + name) || "";
