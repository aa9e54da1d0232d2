"""Consent that is asked for, obeyed and provable: for Flask, and for any site."""

import typing as _typing

from .choice.act import Choice as Choice
from .choice.collected import Collected as Collected
from .choice.collected import Shared as Shared
from .errors import ConfigurationError as ConfigurationError
from .errors import ConsentError as ConsentError
from .errors import NoticeError as NoticeError
from .errors import StoreError as StoreError
from .extension import ConsentWidget as ConsentWidget
from .notice import changes as changes
from .notice.file import read_notice as read_notice
from .notice.model import Notice as Notice
from .notice.parts import Change as Change
from .notice.parts import Controller as Controller
from .notice.parts import Cookie as Cookie
from .notice.parts import DataCategory as DataCategory
from .notice.parts import Group as Group
from .notice.parts import Item as Item
from .notice.parts import Paragraph as Paragraph
from .notice.parts import Purpose as Purpose
from .notice.parts import Recipient as Recipient
from .notice.parts import RecipientClass as RecipientClass
from .notice.parts import Section as Section
from .notice.parts import Service as Service
from .notice.parts import Successor as Successor
from .signals import choice_recorded as choice_recorded
from .signals import consent_ended as consent_ended
from .store.protocol import Store as Store
from .subject import processing as processing
from .text import Text as Text
from .web.cached import csp_hashes as csp_hashes
from .web.consent import Consent as Consent
from .web.consent import consent as consent
from .web.requires import requires_consent as requires_consent

if _typing.TYPE_CHECKING:
    from .store.sql import SQLStore as SQLStore


def __getattr__(name: str) -> object:
    """SQLAlchemy is imported where it is used: a site with a store of its own never needs its 14 MiB (PEP 562)."""
    if name == "SQLStore":
        from .store.sql import SQLStore

        return SQLStore
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), "SQLStore"})
