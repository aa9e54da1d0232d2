"""What a visitor can decide under a notice, and the fingerprint of what they agree to."""

from __future__ import annotations

from dataclasses import dataclass

from .parts import Purpose, Recipient


@dataclass(frozen=True)
class Option:
    """One thing that a visitor can grant or deny: a purpose, or a purpose towards one named recipient.

    `key` names it (`data_analytics`, `partner_sharing:acme`). `fingerprint`, four characters, is a hash of what is
    agreed to: when that changes, so does the fingerprint, and earlier decisions no longer count.
    """

    key: str
    fingerprint: str
    purpose: Purpose
    recipient: Recipient | None = None

    @property
    def in_bulk(self) -> bool:
        """Is it shown in the preference centre, and so part of every full answer?"""
        return self.purpose.control == "opt_in"

    @property
    def on_its_own(self) -> bool:
        """Is it granted alone, never together with something else?"""
        return self.recipient is not None or self.purpose.consent == "single_use"

    @property
    def in_accept_all(self) -> bool:
        """Does "Accept all" grant it? Never where separate consent is needed."""
        return self.recipient is None and self.purpose.in_accept_all

    @property
    def for_adults(self) -> bool:
        """Is it off for everybody who is known to be under 18, whoever grants it?"""
        return self.purpose.minors == "off"
