"""Scripts of the releases before and beside this one: pages pin them, and a balancer mixes pages and processes."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from ..errors import StoreError
from ..notice.again import opens_no_more
from ..notice.file import stored_notice
from ..notice.model import Notice
from ..script.body import Body, StoredBody
from ..store import is_sql_store
from ..store.protocol import Store

HASH = re.compile(r"[0-9a-f]{16}")
#: How many are remembered; more are read from the store each time.
REMEMBERED = 32


@dataclass(frozen=True)
class EarlierFile:
    """A file of another release."""

    body: Body
    notice: Notice
    replaced: bool

    def may_run_under(self, notice: Notice) -> bool:
        """Does a page with this file do only what `notice` permits, or is it the file's own notice that came later?"""
        is_earlier = notice.is_newer_than(self.notice) or self.replaced
        is_later = self.notice.is_newer_than(notice) or not is_earlier
        return is_later or opens_no_more(self.notice, notice)


@dataclass(frozen=True)
class Releases:
    """The releases of one site that share a store. A store of the site's own knows no others."""

    store: Store
    site: str
    #: For how many days a replaced file is served.
    days: int
    _read: dict[str, EarlierFile] = field(default_factory=dict)

    def begin(self, files: Iterable[tuple[Body, Notice]]) -> None:
        """Store the files of this release, each with the notice that it shows."""
        if self.days and is_sql_store(self.store):
            from ..store.scripts import ReleasedFile

            released = {body.hash: ReleasedFile(body.content, body.mimetype, notice.digest) for body, notice in files}
            self.store.keep_files(self.site, released, self.days)

    def file(self, hash: str, notice: Notice) -> Body | None:
        """The file of another release by its hash. None where there is none, where it could run what `notice` does not
        permit, and while the store does not answer.
        """
        if hash not in self._read and (file := self._from_store(hash)):
            if len(self._read) >= REMEMBERED:
                self._read.clear()
            self._read[hash] = file
        found = self._read.get(hash)
        return found.body if found and found.may_run_under(notice) else None

    def shows(self, notice: Notice) -> bool:
        """Is this a notice of this site's releases? A database may have the drafts of another site with the same id.
        True where nobody can tell: only a service has several sites, and files of releases may not be stored.
        """
        if not (self.site and self.days and is_sql_store(self.store)):
            return True
        try:
            return self.store.shows(self.site, notice.digest)
        except StoreError:
            return False

    def _from_store(self, hash: str) -> EarlierFile | None:
        if not (self.days and is_sql_store(self.store) and HASH.fullmatch(hash)):
            return None
        try:
            file = self.store.stored_file(self.site, hash)
            notice = file and stored_notice(self.store.notice(file.notice), file.notice)
            if not file or not notice:
                return None
            body = StoredBody(gzip.decompress(file.gzipped), file.mimetype, file.gzipped)
        except (StoreError, OSError, EOFError, zlib.error):
            return None
        # whoever can write to the database must not be able to change what runs in pages
        return EarlierFile(body, notice, file.replaced) if body.hash == hash else None
