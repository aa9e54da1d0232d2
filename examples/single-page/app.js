/** Three views, one page: which view and which language are in the address, what is allowed is the widget's to say. */

import { brew } from "./brew.js";
import { choices } from "./choices.js";
import { film } from "./film.js";
import { words } from "./words.js";

const views = { brew, film, choices };
const main = document.querySelector("main");

/** The widget, once it is there. Until then, and where it cannot be had, nothing is allowed. */
let widget;
let shown = "";
/** What the view on screen has to undo when it goes. */
let leave;

const asked = (name) => new URLSearchParams(location.search).get(name) || "";
const view = () => (Object.hasOwn(views, asked("view")) ? asked("view") : "brew");
const language = () => ((asked("lang") || widget?.language || navigator.language).startsWith("zh") ? "zh-CN" : "en");
const granted = (purpose) => widget?.granted(purpose) ?? false;

/** This page's address with something in it changed. */
const address = (changes) => "?" + new URLSearchParams({ view: view(), lang: language(), ...changes });

const fill = (root, said) => {
  for (const each of root.querySelectorAll("[data-word]")) each.textContent = said[each.dataset.word];
  for (const each of root.querySelectorAll("[data-label]")) each.setAttribute("aria-label", said[each.dataset.label]);
};

const show = () => {
  leave?.();
  const name = view();
  const said = words[language()];
  main.replaceChildren(...[name, "tally"].map((id) => document.importNode(document.getElementById(id).content, true)));
  fill(document, said);
  document.documentElement.lang = language();
  document.title = `${said[name]} · ${said.name}`;
  for (const link of document.querySelectorAll("a[data-view], a[data-language]")) {
    const { view: to, language: lang } = link.dataset;
    link.setAttribute("href", address(to ? { view: to } : { lang }));
    const here = !link.matches(".brand") && (to ? to == name : lang == language());
    here ? link.setAttribute("aria-current", to ? "page" : "true") : link.removeAttribute("aria-current");
  }
  leave = views[name](main, { said, language: language(), widget, granted });
  if (shown && shown != name) {
    scrollTo(0, 0);
    main.querySelector("h1").focus({ preventScroll: true });
  }
  shown = name;
  if (widget && widget.language != language()) widget.language = language();
};

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='?']");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  history.pushState(null, "", link.getAttribute("href"));
  show();
});
addEventListener("popstate", show);
show();

// A queue until the widget is there, and the widget itself from then on: `push` means the same to both.
window.ConsentWidget = window.ConsentWidget || [];
window.ConsentWidget.push((ready) => {
  widget = ready;
  show();
  // The visitor may change the language in the widget, too: the application goes along.
  const follow = ([{ oldValue, target }]) => {
    if (target.lang == oldValue || widget.language == language()) return;
    history.replaceState(null, "", address({ lang: widget.language }));
    show();
  };
  new MutationObserver(follow).observe(document.querySelector("consent-widget"), {
    attributeFilter: ["lang"],
    attributeOldValue: true,
  });
});
