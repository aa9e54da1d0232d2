"""The script tags that the owner of a site pastes into its pages."""

from __future__ import annotations

from ..site.site import Site
from ..ui.node import el, html
from ..ui.view import View


def snippets(site: Site, url: str) -> str:
    """The tags for the service at `url`: one that always loads the current script, and for each locale one that is
    pinned to the present script by its hash.
    """
    home = f"{url}{site.settings.url_prefix}"
    first = site.notice.locales[0]
    current = html(el("script", src=f"{home}/widget.js", **{"async": True}))
    parts = [
        f"<!-- Always current. Paste it first thing in the body. -->\n{current}\n{_without_script(site, home, first)}"
    ]
    for locale, script in site.assets.scripts.items():
        pinned = html(
            el(
                "script",
                src=f"{home}/widget.{script.pinned.hash}.js",
                integrity=script.pinned.integrity,
                crossorigin="anonymous",
                **{"async": True},
            )
        )
        parts.append(
            f"<!-- Or pinned to this very script ({locale}). Print it anew whenever the notice, the settings or the "
            f"package change. -->\n{pinned}\n{_without_script(site, home, locale)}"
        )
    return "\n\n".join(parts)


def _without_script(site: Site, home: str, locale: str) -> str:
    view = View(site.notice, locale, home)
    notice, preferences = (el("a", view.messages[page], href=view.url(page)) for page in ("notice", "preferences"))
    return html(el("noscript", notice, " ", preferences))
