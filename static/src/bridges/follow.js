/** Tells another program of the page what visitors decide here: once when the widget is there, and after each change. */

import { refuses } from "../core/refusals.js";

/** @typedef {import("../../../consent_widget/widget.d.ts").Widget} Widget */

/** @param {Widget} widget @param {string} names purposes, `purpose:recipient` or `@service`; all must be granted, and none is not */
const isGranted = (widget, names) => {
  const all = names.split(/[\s,]+/).filter((name) => name);
  return !!all[0] && all.every((name) => {
    const [purpose, recipient] = name.split(":");
    return name[0] == "@" ? widget.grantedService(name.slice(1)) : widget.granted(purpose, recipient);
  });
};

/**
 * @param {string} file this script's own, which an optimiser may run without its tag
 * @param {Record<string, string>} defaults what each answer follows; `data-<answer>` on the tag says something else
 * @param {(answers: Record<string, boolean>, hasAnswered: boolean) => void} tell `hasAnswered`: is this the visitor's whole answer?
 *   False where they have not chosen in this page; and at a press that grants, until the server has stored it
 */
export const follow = (file, defaults, tell) => {
  const tag = document.currentScript || document.querySelector(`script[src*="/bridges/${file}"]`);
  const table = { ...defaults };
  for (const { name, value } of tag?.attributes || []) {
    const key = name.slice(5);
    if (name.startsWith("data-") && (key in defaults || key.startsWith("service-"))) table[key] = value;
  }
  const page = /** @type {any} */ (globalThis);
  page.ConsentWidget ??= [];
  page.ConsentWidget.push((/** @type {Widget} */ widget) => {
    const answers = () =>
      Object.fromEntries(Object.entries(table).map(([key, names]) => [key, isGranted(widget, names)]));
    let before = answers();
    tell(before, false);
    widget.on("change", ({ action }) => {
      const now = answers();
      const hasAnswered = refuses(action) || Object.keys(now).some((key) => now[key] && !before[key]);
      before = now;
      tell(now, hasAnswered);
    });
  });
};

/** Runs `work` once something of the page is there. @param {() => unknown} isThere @param {() => void} work @param {string} missing */
export const once = (isThere, work, missing) => {
  if (isThere()) work();
  else if (document.readyState != "complete") addEventListener("load", () => once(isThere, work, missing));
  else console.warn("consent_widget: " + missing);
};
