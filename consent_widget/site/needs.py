"""What settings need of the notice and of the store: said at start-up where it is missing."""

from __future__ import annotations

from ..errors import ConfigurationError, NoticeError
from ..notice.model import Notice
from ..settings.model import Settings
from ..store import is_sql_store
from ..store.protocol import Store


def require_what_settings_need(settings: Settings, notice: Notice, store: Store) -> None:
    """ConfigurationError, which names the setting and what to add, where the notice or the store lacks something."""
    _require_for_age(settings, notice, store)
    _require_for_account(settings, store)
    if settings.webhooks and not is_sql_store(store):
        raise ConfigurationError(
            "CONSENT_WEBHOOKS: messages are sent from the database of CONSENT_DATABASE. With a store of your own, "
            "send them from there, or from the signal choice_recorded."
        )


def _require_for_age(settings: Settings, notice: Notice, store: Store) -> None:
    if settings.age is None:
        return
    if notice.child_body is None:
        raise ConfigurationError(
            "CONSENT_AGE: the notice has nothing written for children. Add child_body, a text for each locale."
        )
    for purpose in notice.purposes:
        if purpose.control == "always_on" and purpose.minors == "off":
            raise NoticeError(
                f"purposes.{purpose.id}.minors: always on, and off for minors. With CONSENT_AGE say which: 'guardian' "
                "(a child needs their guardian's agreement first) or 'allowed' (it goes on without)."
            )
    if not hasattr(store, "history"):
        raise ConfigurationError(
            "CONSENT_AGE: what guardians decide is read back from the store. Add history(subject) to CONSENT_STORE, "
            "or keep choices in CONSENT_DATABASE."
        )


def _require_for_account(settings: Settings, store: Store) -> None:
    missing = [name for name in ("history", "linked", "link", "last_act") if not hasattr(store, name)]
    if settings.account and missing:
        raise ConfigurationError(
            f"CONSENT_ACCOUNT: what an account has chosen is read back from the store. Add {', '.join(missing)} to "
            "CONSENT_STORE (see AccountStore in consent_widget.store.protocol), or keep choices in CONSENT_DATABASE."
        )
