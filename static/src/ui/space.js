/**
 * Room at the page's end, so that it, and what has the focus, can be scrolled clear of what the widget shows at the bottom. By a
 * style sheet and no attribute: a framework would object.
 */

import { logErrors } from "../core/logErrors.js";
import { root } from "./host.js";
import { addStyle } from "./style.js";

let room = 0;
/** @type {((css: string) => void) | undefined} */
let setRoom;
/** A page that does not scroll gets no room for the small button alone: it would begin to scroll. */
export const bottomSpace = new ResizeObserver(logErrors(() => {
  const scrolls = document.documentElement.scrollHeight - room > innerHeight;
  const shown = root.querySelectorAll(".cw-layer,.cw-news" + (scrolls ? ",.cw-pill" : ""));
  const before = room;
  room = Math.max(
    0,
    ...[...shown].map((/** @type {any} */ { offsetHeight, style }) => offsetHeight && offsetHeight + (parseFloat(style.bottom) || 16) + 16),
  );
  if (room == before) return;
  const space = `padding-bottom:${room}px!important;`;
  setRoom ??= addStyle(document);
  setRoom(room ? `@media not print{html{${space}scroll-${space}}}` : "");
}));
