"""What libraries that change pages without loading them do to the document, each in a few lines of JavaScript."""

from __future__ import annotations

#: Follows the links and the history; `library` says how pages are kept and shown. HTML is kept beyond a reload, elements are not.
NAVIGATE = """<script nonce=NONCE>(() => {
  const library = {LIBRARY};
  const isScript = (each) => /^$|javascript|module/.test(each.type);
  const fresh = (each) => {
    const made = document.createElement("script");
    for (const { name, value } of each.attributes) made.setAttribute(name, value);
    made.text = each.text;
    return made;
  };
  const parse = (html) => new DOMParser().parseFromString(html, "text/html").body;
  const kept = {};
  let current = location.pathname;
  const load = async (path) => {
    const old = library.keep(document.body);
    kept[current] = old;
    if (typeof old == "string") sessionStorage["kept" + current] = old;
    current = path;
    const again = kept[path] ?? sessionStorage["kept" + path];
    library.show(again ?? library.keep(parse(await (await fetch(path)).text())), { isScript, fresh, parse });
  };
  addEventListener("click", (event) => {
    const link = event.target.closest?.("#next");
    if (!link) return;
    event.preventDefault();
    history.pushState(0, "", link.href);
    load(location.pathname);
  }, true);
  addEventListener("popstate", () => load(location.pathname));
})()</script>"""

LIBRARIES = {
    # loads each page anew
    "none": "",
    # keeps the HTML of the body, inserts it, and then runs its scripts
    "htmx 1": """{
      keep: (body) => body.innerHTML,
      show: (html, { isScript, fresh, parse }) => {
        document.body.replaceChildren(...parse(html).childNodes);
        for (const each of document.body.querySelectorAll("script")) if (isScript(each)) each.replaceWith(fresh(each));
      },
    }""",
    # keeps the HTML, and inserts its elements alone, with scripts that run as they are inserted
    "htmx 2": """{
      keep: (body) => body.innerHTML,
      show: (html, { isScript, fresh, parse }) => {
        const fragment = new DocumentFragment();
        fragment.append(...parse(html).children);
        for (const each of fragment.querySelectorAll("script")) if (isScript(each)) each.replaceWith(fresh(each));
        document.body.replaceChildren(fragment);
      },
    }""",
    # keeps a clone of the body, and runs all its scripts when it takes the place of the body
    "Turbo 8": """{
      keep: (body) => body.cloneNode(true),
      show: (kept, { fresh }) => {
        const body = document.importNode(kept, true);
        for (const each of body.querySelectorAll("script")) each.replaceWith(fresh(each));
        document.body.replaceWith(body);
      },
    }""",
    # keeps the elements, sets their attributes again and moves them
    "React-like": """{
      keep: (body) => body,
      show: () => {
        const main = document.querySelector("main");
        for (const each of [...main.children]) {
          for (const { name, value } of [...each.attributes]) each.setAttribute(name, value);
          main.append(each);
        }
      },
    }""",
}


def navigating(library: str) -> str:
    """The markup for the head of a page whose links and history `library` follows."""
    return NAVIGATE.replace("{LIBRARY}", LIBRARIES[library]) if LIBRARIES[library] else ""
