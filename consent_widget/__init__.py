"""Consent that is asked for, obeyed and provable: for Flask, and for any site."""

from .choice import Choice as Choice
from .consent import Consent as Consent
from .consent import consent as consent
from .consent import requires_consent as requires_consent
from .errors import ConfigurationError as ConfigurationError
from .errors import ConsentError as ConsentError
from .errors import NoticeError as NoticeError
from .errors import StoreError as StoreError
from .extension import ConsentWidget as ConsentWidget
from .notice import Notice as Notice
from .notice_file import read_notice as read_notice
from .parts import Controller as Controller
from .parts import Cookie as Cookie
from .parts import DataCategory as DataCategory
from .parts import Group as Group
from .parts import Item as Item
from .parts import Paragraph as Paragraph
from .parts import Purpose as Purpose
from .parts import Recipient as Recipient
from .parts import RecipientClass as RecipientClass
from .parts import Section as Section
from .parts import Service as Service
from .signals import choice_recorded as choice_recorded
from .store import SQLStore as SQLStore
from .store import Store as Store
from .text import Text as Text
