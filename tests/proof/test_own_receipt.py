"""From a press to a proof: the receipt of a choice, checked by the file alone with what the site publishes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from consent_widget.proof.verify_page import SCRIPT
from consent_widget.proof.verify_receipt import WORDS

from ..conftest import HERE, MakeApp
from ..support.choice_body import choice_body
from ..support.log import KEYS, PRIVATE


def test_a_visitor_checks_the_receipt_of_their_choice_on_a_machine_without_the_package(
    make_app: MakeApp, tmp_path: Path
) -> None:
    app = make_app(CONSENT_LOG_KEY=PRIVATE.text)
    site, client = app.extensions["consent_widget"], app.test_client()
    answer = client.post("/consent/records", json=choice_body(site.notice), headers=HERE)
    site.store.sign_checkpoint(KEYS)
    files = tmp_path / "files"
    files.mkdir()
    for name, path in {
        "receipt.tlog-proof": f"records/{answer.json['receipt']['id']}.tlog-proof",
        "policy": "log/policy",
        "notice.json": "notice.json",
    }.items():
        file = client.get(f"/consent/{path}")
        assert file.status_code == 200, path
        (files / name).write_bytes(file.data)
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(SCRIPT), *map(str, files.iterdir()), "--lang", "en"],
        capture_output=True, encoding="utf-8", env={"PYTHONUTF8": "1"}, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout
    for key in ("proved", "p_record", "p_notice", "n_person", "n_split"):
        assert WORDS["en"][key] in done.stdout
    assert answer.json["receipt"]["id"] in done.stdout
