/** Gives each placeholder exactly the box of the element that it stands for. */

/** Hides an element that has a placeholder, without touching its attributes, which the page and its copies go by. */
export const HIDING = "div[data-cw-blocked='']+[data-consent]:not(#c#w#c#w){display:none!important}";

/** What puts a box into its place; the last four are not copied as they are. */
const COPIED = (
  "align-self aspect-ratio border-radius box-sizing clear flex float grid-area height inset justify-self margin max-height " +
  "max-width min-height min-width order padding pointer-events rotate scale transform transform-origin translate " +
  "vertical-align width z-index border-width position display border-style"
).split(" ");

/** The style of a placeholder itself. The page's own rules cannot change it: these come from inside, and are important. */
export const BOX = `:host{all:initial!important;visibility:inherit!important;border:solid transparent!important;${
  COPIED.slice(0, -1).map((name) => `${name}:var(--cw-${name})!important`).join(";")
}}:host([data-cw-blocked=off]){display:none!important}`;

/** Nobody could read or press anything in a smaller box: it is a vendor's counting pixel. */
export const SMALLEST = 24;

/** @type {WeakMap<Element, string>} what a placeholder was copied from; missing where it cannot follow the page by itself */
const copied = new WeakMap();
/** @type {WeakMap<Element, string>} margins that a rule like `* + *` changes once the placeholder stands before the element */
const margins = new WeakMap();

/** @param {Element} element @returns {Record<string, string>} */
const styleOf = (element) => {
  const style = getComputedStyle(element);
  return Object.fromEntries(COPIED.map((name) => [name, style.getPropertyValue(name)]));
};

/**
 * @param {Record<string, string>} shown
 * @param {Record<string, string>} hidden where percentages and `auto` are still what they are, so that a copy follows the page
 */
const boxOf = (shown, hidden) => {
  /** @type {Record<string, string>} */
  const box = {};
  for (const name of COPIED) box[name] = /auto|%/.test(hidden[name]) ? hidden[name] : shown[name];
  box.display = /^inline/.test(shown.display) ? "inline-block" : "block";
  if (box.position == "static") box.position = "relative";
  if (hidden.display != "none") { // a style attribute of the page that is `!important`: then the placeholder lies over the element
    if (box.position == "relative") box.position = "absolute";
    box["z-index"] = "1";
  }
  if (/none|hidden/.test(box["border-style"])) box["border-width"] = "0";
  box.edge = box["border-width"].replace(/[\d.]+/g, "-$&");
  return Object.keys(box).map((name) => `--cw-${name}:${box[name]}`).join(";");
};

/** Fits again those whose element the page would now lay out in another way. @param {[HTMLElement, HTMLElement][]} pairs */
export const refit = (pairs) => fit(pairs.filter(([element]) => copied.get(element) != JSON.stringify(styleOf(element))));

/**
 * The page is laid out three times, however many there are: first everything is read, then everything is written.
 * @param {[element: HTMLElement, placeholder: HTMLElement][]} pairs
 */
export const fit = (pairs) => {
  for (const [, { dataset }] of pairs) dataset.cwBlocked = "off";
  const shown = pairs.map(([element]) => styleOf(element));
  for (const [element, placeholder] of pairs) {
    if (placeholder.nextElementSibling != element) element.before(placeholder);
    placeholder.dataset.cwBlocked = "";
  }
  const hidden = pairs.map(([element]) => styleOf(element));
  const visible = pairs.filter(([element, { dataset, style }], at) => {
    const { display, margin, transform } = shown[at];
    if (transform == "none") copied.set(element, JSON.stringify(hidden[at]));
    else copied.delete(element);
    if (!/auto|%/.test(hidden[at].margin) && margin != hidden[at].margin) margins.set(element, margin);
    hidden[at].margin = shown[at].margin = margins.get(element) || hidden[at].margin;
    if (element.localName == "img") shown[at] = { ...hidden[at], display }; // without a picture it has no box of its own
    const { height, width } = shown[at];
    const tiny = display == "none" || parseFloat(width) < SMALLEST && parseFloat(height) < SMALLEST;
    if (tiny) dataset.cwBlocked = "off";
    else style.cssText = boxOf(shown[at], hidden[at]);
    return !tiny;
  });
  // a frame has a size of its own, and does not stretch as a box does: where that shows, the measured size counts
  const now = pairs.map(([, placeholder]) => styleOf(placeholder));
  pairs.forEach((pair, at) => {
    for (const name of ["width", "height"]) {
      const wanted = shown[at][name];
      const differs = /px$/.test(wanted) && !(Math.abs(parseFloat(wanted) - parseFloat(now[at][name])) < .5);
      if (!differs || !visible.includes(pair)) continue;
      copied.delete(pair[0]);
      for (const limit of ["", "min-", "max-"]) pair[1].style.setProperty("--cw-" + limit + name, wanted);
    }
  });
};
