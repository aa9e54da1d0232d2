/** Gives each placeholder exactly the box of the element that it stands for. */

/** Hides an element that has a placeholder, without touching its attributes, which the page and its copies go by. */
export const HIDING = "div[data-cw-blocked='']+[data-consent]:not(#c#w#c#w){display:none!important}";

/** What puts a box into its place. The last four are not copied as they are. */
const COPIED = [
  ...["align-self", "aspect-ratio", "border-radius", "box-sizing", "clear", "flex", "float", "grid-area", "height"],
  ...["inset", "justify-self", "margin", "max-height", "max-width", "min-height", "min-width", "order", "padding"],
  ...["pointer-events", "rotate", "scale", "transform", "transform-origin", "translate", "vertical-align", "width"],
  ...["z-index", "position", "display", "border-style", "border-width"],
];
/** Nobody could read or press anything in a smaller box: it is a vendor's counting pixel. */
const SMALLEST = 24;

/** @param {Element} element @returns {Record<string, string>} */
const styleOf = (element) => {
  const style = getComputedStyle(element);
  return Object.fromEntries(COPIED.map((name) => [name, style.getPropertyValue(name)]));
};

/** @param {Record<string, string>} shown @param {Record<string, string>} hidden */
const declarations = (shown, hidden) => {
  const border = /none|hidden/.test(shown["border-style"]) ? "0" : shown["border-width"];
  const own = COPIED.slice(0, -4).map((name) => [name, /auto|%/.test(hidden[name]) ? hidden[name] : shown[name]]);
  return [
    ["all", "initial"],
    ["visibility", "inherit"],
    ["display", /^inline/.test(shown.display) ? "inline-block" : "block"],
    ["position", shown.position == "static" ? "relative" : shown.position],
    ["border", "solid transparent"],
    ["border-width", border],
    ["--cw-edge", border.replace(/[\d.]+/g, "-$&")],
    ...own,
  ].map(([name, value]) => `${name}:${value}!important`).join(";");
};

/**
 * The page is laid out three times, however many there are: first everything is read, then everything is written.
 * @param {[element: HTMLElement, placeholder: HTMLElement][]} pairs
 */
export const fit = (pairs) => {
  if (!pairs[0]) return;
  for (const [, { dataset, style }] of pairs) {
    dataset.cwBlocked = "off";
    style.cssText = "display:none!important";
  }
  const shown = pairs.map(([element]) => styleOf(element));
  for (const [element, placeholder] of pairs) {
    if (placeholder.nextElementSibling != element) element.before(placeholder);
    placeholder.dataset.cwBlocked = "";
  }
  // of a hidden element, percentages and `auto` stay what they are: so the copy follows the page as the original would
  const hidden = pairs.map(([element]) => styleOf(element));
  const visible = pairs.map(([{ localName }, { dataset, style }], at) => {
    const { display } = shown[at];
    if (localName == "img") shown[at] = { ...hidden[at], display }; // without a picture it has no box, or that of its text
    const { height, width } = shown[at];
    const seen = display != "none" && !(parseFloat(width) < SMALLEST && parseFloat(height) < SMALLEST);
    if (seen) style.cssText = declarations(shown[at], hidden[at]);
    else dataset.cwBlocked = "off";
    return seen;
  });
  // a frame has a size of its own, and does not stretch as a box does: where that shows, the measured size counts
  const now = pairs.map(([, placeholder]) => getComputedStyle(placeholder)).map(({ width, height }) => ({ width, height }));
  pairs.forEach(([, { style }], at) => {
    for (const name of /** @type {const} */ (["width", "height"])) {
      const wanted = shown[at][name];
      const differs = /px$/.test(wanted) && !(Math.abs(parseFloat(wanted) - parseFloat(now[at][name])) < .5);
      if (!visible[at] || !differs) continue;
      for (const limit of ["", "min-", "max-"]) style.setProperty(limit + name, wanted, "important");
    }
  });
};
