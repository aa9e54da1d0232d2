"""Builds the script from its modules, with webassets and without Node. Never imported in production.

It imports nothing of this package, so that the packaging hook can run it by its path. Each built script is a function;
`bundle.py` calls it with the payload of a locale.
"""

from __future__ import annotations

import re
from io import StringIO
from pathlib import Path
from typing import Any

from webassets import Bundle, Environment
from webassets.filter import Filter

#: Each script: its first module, and the head and foot of the function around that module and all that it imports.
SCRIPTS = {
    "first": ("first", "((CW_SHARED,CW_REST,CW_DATA,CW_CSS,CW_LINKED)=>{", "})"),
    "widget": ("main", "((CW_SHARED,CW_DATA,CW_CSS,CW_LINKED)=>{", "})"),
    "embeds": ("embeds/embeds", "((CW_WORDS,CW_EMBEDS_CSS)=>{", "return embeds})"),
    "page": ("page", "(()=>{", "})()"),
    "cached": ("cached", "", ""),  # inside a page, where each byte counts
    "wordpress": ("bridges/wordpress", "(()=>{", "})()"),
    "shopify": ("bridges/shopify", "(()=>{", "})()"),
    "officer": ("officer", "(()=>{", "})()"),
    "document": ("document", "(()=>{", "return own})()"),
}
#: Libraries of others, as they are, each with its licence before it: its file, by the name of ours.
VENDOR = {"uplot.js": ("vendor/uplot/LICENSE", "vendor/uplot/uPlot.iife.min.js")}
#: The folder of modules that only some sites need; each is built by itself. What it imports must have no state.
LINKED = "linked"
IMPORT = re.compile(r"^import\s+(.+?)\s+from\s+[\"'](.+?)[\"'];?\s*$", re.MULTILINE)
NAMED = re.compile(r"\{[\w\s,]+\}")
EXPORT = re.compile(r"^export\s+(?=const|let|function|async)", re.MULTILINE)
#: The minifier writes `undefined` like this, but a page can define `Object.prototype[0]`.
UNDEFINED = re.compile(r"(?<![\w$.])0\[0\]")
DECLARED = re.compile(r"^(?:const|let|function)\s+(\w+)", re.MULTILINE)


class Join(Filter):  # type: ignore[misc]
    """Joins ES modules, in the order given, into the body of one function."""

    def __init__(self, head: str, foot: str) -> None:
        super().__init__()
        self.head, self.foot = head, foot

    def output(self, _in: Any, out: Any, **_: Any) -> None:
        """Drop the imports and the word `export`, and wrap the rest into a function."""
        text = _in.read()
        for imported, _source in IMPORT.findall(text):
            if not NAMED.fullmatch(imported):
                raise ValueError(f"Only named imports can be joined: import {imported}.")
        text = EXPORT.sub("", IMPORT.sub("", text))
        if "\nexport " in text:
            raise ValueError("Only exported declarations can be joined, no default and no renaming.")
        names = DECLARED.findall(text)
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"Declared in two modules: {name}.")
        strict = "'use strict';" if self.head else ""
        out.write(f"{self.head}{strict}\n{text}\n{self.foot}")


class Minify(Filter):  # type: ignore[misc]
    """tdewolff's minifier in this process; where it has no wheel, webassets' own rjsmin."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind

    def output(self, _in: Any, out: Any, **_: Any) -> None:
        """Minify."""
        text = _in.read()
        try:
            import minify
        except ImportError:
            if self.kind == "text/javascript":
                from webassets.filter.rjsmin import rjsmin

                text = rjsmin.jsmin(text)
        else:
            text = UNDEFINED.sub("void 0", minify.string(self.kind, text))
        out.write(text)


def modules(source: Path, name: str, before: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The modules `before`, then the module `name` of a folder and all that it imports, each after what it needs."""
    path = source / f"{name}.js"
    for _names, needed in IMPORT.findall(path.read_text("utf-8")):
        other = (path.parent / needed).resolve().relative_to(source.resolve()).with_suffix("").as_posix()
        if other not in before:
            before = modules(source, other, before)
    return before if name in before else (*before, name)


def scripts(source: Path) -> dict[str, tuple[tuple[str, ...], str, str]]:
    """Each script by the name of its file: its modules in order, and the head and foot around them."""
    by_file = {f"{name}.js": (modules(source, entry), head, foot) for name, (entry, head, foot) in SCRIPTS.items()}
    for path in sorted((source / LINKED).glob("*.js")):
        by_file[path.name] = (modules(source, f"{LINKED}/{path.stem}"), "(()=>{", f"return {path.stem}}})()")
    return by_file


def build(static: Path) -> None:
    """Writes the script and the style sheets to `dist/`, minified."""
    environment = Environment(str(static), "/", debug=False, cache=False, manifest=False)
    products = {
        path.name: Bundle(f"style/{path.name}", filters=(Minify("text/css"),))
        for path in (static / "style").glob("*.css")
    }
    for name, (parts, head, foot) in scripts(static / "src").items():
        sources = (f"src/{part}.js" for part in parts)
        products[name] = Bundle(*sources, filters=(Join(head, foot), Minify("text/javascript")))
    dist = static / "dist"
    dist.mkdir(exist_ok=True)
    for name, bundle in products.items():
        text = StringIO()
        bundle.output = f"dist/{name}"
        environment.register(name, bundle)
        bundle.build(force=True, disable_cache=True, output=text)
        (dist / name).write_text(text.getvalue(), "utf-8")
    for name, library in vendored(static).items():
        (dist / name).write_text(library, "utf-8")
    for stale in {path.name for path in dist.iterdir()} - products.keys() - VENDOR.keys():
        (dist / stale).unlink()


def vendored(static: Path) -> dict[str, str]:
    """The libraries of others, by the name of our file."""
    texts = {name: [(static / path).read_text("utf-8") for path in paths] for name, paths in VENDOR.items()}
    return {name: f"/*!\n{licence}*/\n{library}" for name, (licence, library) in texts.items()}


def join(static: Path) -> dict[str, str]:
    """The same files straight from `src/` and `style/`, readable: for debugging."""
    files = {path.name: path.read_text("utf-8") for path in (static / "style").glob("*.css")} | vendored(static)
    for name, (parts, head, foot) in scripts(static / "src").items():
        out = StringIO()
        sources = "\n".join((static / f"src/{part}.js").read_text("utf-8") for part in parts)
        Join(head, foot).output(StringIO(sources), out)
        files[name] = out.getvalue()
    return files
