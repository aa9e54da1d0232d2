"""`flask consent notice`: the exact text of any notice that visitors ever answered."""

from __future__ import annotations

import json
from pathlib import Path

import click

from ..errors import NoticeError
from ..notice.file import notice_from
from ..notice.model import Notice
from ..notice.toml import as_toml
from ..site.site import Site
from ..subject.records import shown_notice, text_of_notice
from ..ui.document import as_text, document
from .new_files import write_new
from .sites import each_site, in_app


@click.command()
@click.argument("digest", required=False)
@click.option("--locale", metavar="LOCALE", help="Only in this language, such as en or zh-CN (text and html).")
@click.option(
    "--format", "form", type=click.Choice(["text", "html", "toml", "json"]), default="text", show_default=True,
    help="json is the canonical text, to the letter: its SHA-256 is the digest.",
)  # fmt: skip
@click.option("--to", "target", type=click.Path(path_type=Path), metavar="FILE", help="Write it into a new file.")
@in_app
def notice(digest: str | None, locale: str | None, form: str, target: Path | None) -> None:
    """Print any notice that visitors ever answered.

    DIGEST may be the first digits alone. Without it all are listed that visitors answered or that are
    published.
    """
    if digest is None:
        for name, site in each_site():
            for each in _digests(site):
                click.echo(f"{name}{each}  {_version(site, each)}")
        return
    found, text = _find(digest)
    written = text if form == "json" else _written(text, form, locale)
    if target:
        write_new(target, written)
        click.echo(f"Wrote {target}: {found}.")
    else:
        click.echo(written, nl=False)


def _written(text: str, form: str, locale: str | None) -> str:
    try:
        found = notice_from(json.loads(text))
    except NoticeError as error:
        raise click.ClickException(f"This release cannot read it ({error}). Take it as it is: --format json.") from None
    if locale and locale not in found.locales:
        raise click.ClickException(f"It has no text in {locale!r}. It speaks {', '.join(found.locales)}.")
    if form == "toml":
        return as_toml(found)
    return (document if form == "html" else as_text)(found, (locale,) if locale else found.locales)


def _find(digits: str) -> tuple[str, str]:
    """The digest that begins with these digits, and the text under it."""
    digits = digits.strip().lower().removeprefix("sha256:")
    found = {each: site for _, site in each_site() for each in _digests(site) if each.startswith(digits)}
    if len(found) != 1:
        which = f"There are {len(found)}: {', '.join(found)}." if found else "Without a digest this command lists them."
        raise click.ClickException(f"{'Several notices begin' if found else 'No notice begins'} so. {which}")
    (digest, site), *_ = found.items()
    text = text_of_notice(site, digest)
    if text is None:
        raise click.ClickException(
            f"Visitors answered {digest}, and its text in the database is gone or was altered. Restore its row of "
            "consent_notices from a backup."
        )
    return digest, text


def _digests(site: Site) -> list[str]:
    """Those of all notices that visitors of the site answered, that are published, or that they see now."""
    answered = getattr(site.store, "answered", lambda site: ())(site.settings.site)
    return list(dict.fromkeys([*answered, *(each.digest for each in site.versions), site.notice.digest]))


def _version(site: Site, digest: str) -> str:
    found = shown_notice(site, digest)
    published = digest in {each.digest for each in site.versions}
    now = "  in effect" if digest == site.notice.digest else ""
    return f"{_name(found)}{'  published' if published else ''}{now}"


def _name(notice: Notice | None) -> str:
    return f"{notice.id} {notice.version}, {notice.effective}" if notice else "(text lost)"
