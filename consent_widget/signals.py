"""What other code can listen to."""

from __future__ import annotations

from blinker import Namespace

_signals = Namespace()

#: Sent after a choice is durably kept, as `choice_recorded(app, choice=Choice)`.
choice_recorded = _signals.signal("consent_widget.choice_recorded")

#: Sent when something that was granted no longer is, as `consent_ended(app, subject=str, purposes=(key, …), reason=…)`:
#: `"withdrawn"`, `"expired"`, `"changed"` (the notice means something else by it now) or `"erased"`.
consent_ended = _signals.signal("consent_widget.consent_ended")
