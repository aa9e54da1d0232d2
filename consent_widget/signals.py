"""The signals that a site's own code can listen to (blinker)."""

from __future__ import annotations

from blinker import Namespace

_signals = Namespace()

#: Sent after a choice is durably stored: `choice_recorded(app, choice=Choice)`.
choice_recorded = _signals.signal("consent_widget.choice_recorded")

#: Sent when a grant has ended: `consent_ended(app, subject=str, purposes=(key, …), reason=…)`, with the reason
#: `"withdrawn"`, `"expired"`, `"changed"` (the notice gives it another meaning now) or `"erased"`.
consent_ended = _signals.signal("consent_widget.consent_ended")
