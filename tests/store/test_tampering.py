"""Whatever is changed behind the site's back is found, or it is harmless. A thousand such changes: `python -m
tests.support.tampering 1000`; what came of them is in docs/log.md.
"""

from __future__ import annotations

import random
from pathlib import Path

from consent_widget.notice.model import Notice

from ..support.tampering import make_site, trials


def test_every_change_is_found_or_harmless_but_what_nobody_outside_has_seen(
    tmp_path: Path, shop: Notice, minimal: Notice
) -> None:
    chance = random.Random(1)
    site = make_site(tmp_path, [shop, minimal], chance)
    outcomes = list(trials(site, tmp_path, 20, chance))

    assert {outcome.change for outcome in outcomes if outcome.is_missed} <= {"rebuilt: unsigned"}
    assert {finder for outcome in outcomes for finder in outcome.found} >= {"verify", "receipt", "witness"}
