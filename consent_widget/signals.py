"""What other code can listen to."""

from __future__ import annotations

from blinker import Namespace

_signals = Namespace()

#: Sent after a choice is durably kept, as `choice_recorded(app, choice=Choice)`.
choice_recorded = _signals.signal("consent_widget.choice_recorded")
