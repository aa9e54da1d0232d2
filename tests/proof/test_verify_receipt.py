"""The stand-alone file: it checks a receipt with Python alone, and says one clear thing about whatever it is given."""

from __future__ import annotations

import ast
import json
import random
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import get_args

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from consent_widget import Choice
from consent_widget.choice.act import Actor, ServerSurface, Surface
from consent_widget.choice.actions import Action
from consent_widget.choice.state import CONFIRMS
from consent_widget.proof import verify_receipt
from consent_widget.proof.verify_page import SCRIPT
from consent_widget.proof.verify_receipt import FIELDS, VALUES, WORDS, check, is_signed
from consent_widget.regions import REGIONS
from consent_widget.settings.model import Layout
from consent_widget.ui.i18n import language_name, messages, region_name

from .receipts import LOG, NOTICE, POLICY, Case, cases, receipt

CASES = list(cases())
TRUE = CASES[0]


def run(folder: Path, *arguments: str, python: str = sys.executable, **env: str) -> subprocess.CompletedProcess[str]:
    """The file alone, in a Python that sees no package and no setting of the user."""
    return subprocess.run(
        [python, "-I", "-S", str(SCRIPT), *arguments],
        cwd=folder, capture_output=True, encoding="utf-8", env={"PYTHONUTF8": "1", **env}, check=False,
    )  # fmt: skip


def write(folder: Path, case: Case) -> list[str]:
    files = {"receipt.tlog-proof": case.receipt, "policy": case.policy, "notice.json": case.notice}
    for name, data in files.items():
        if data is not None:
            (folder / name).write_bytes(data)
    return [name for name, data in files.items() if data is not None]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_receipt_ends_in_its_code_and_its_sentence(case: Case) -> None:
    for lang, words in WORDS.items():
        report = check(case.receipt, case.policy, case.notice, lang)

        assert report.code == case.code, report.verdict
        start = words[case.key].split("{", 1)[0]
        assert start in report.verdict
        assert "{" not in "".join(
            [report.verdict, *report.proved, *report.not_proved, *(text for _, text in report.checks)]
        )
        shown = "".join([report.verdict, *(text for pair in (*report.record, *report.checks) for text in pair)])
        assert shown.isprintable()


@pytest.mark.parametrize(("lang", "locale"), [("en", "en"), ("zh", "zh-CN")])
def test_every_field_and_value_of_a_record_has_the_words_that_the_site_has_for_it(lang: str, locale: str) -> None:
    known, values = messages(locale), VALUES[lang]

    assert {each.name for each in fields(Choice)} == set(FIELDS)
    assert all(WORDS[lang][name] for name in FIELDS if name != "purposes")
    assert [WORDS[lang][name] for name in ("signals", "script", "region", "valid_until")] == [
        known[name] for name in ("also_seen", "script_fingerprint", "rules_of", "valid_until")
    ]
    for name, prefix, kinds in (
        ("action", "act", get_args(Action)),
        ("surface", "surface", (*get_args(Surface), *get_args(ServerSurface))),
        ("layout", "layout", get_args(Layout)),
        ("signals", "signal", ("gpc", CONFIRMS, "scripted", "account", "shared")),
    ):
        assert {key: values[f"{name}.{key}"] for key in kinds} == {key: known[f"{prefix}_{key}"] for key in kinds}
    assert all(values[f"actor.{each}"] for each in get_args(Actor))
    for key in ("carried", "chosen"):
        assert values[f"signals.{key}:*"] == known[f"signal_{key}"]
    assert {code: values.get(f"region.{code}", code) for code in REGIONS} == {
        code: region_name(code, locale) for code in REGIONS
    }
    assert [values[f"locale.{each}"] for each in ("zh-CN", "en")] == [
        language_name(each, locale) for each in ("zh-CN", "en")
    ]


def test_with_its_notice_a_receipt_names_purposes_in_the_words_of_the_notice() -> None:
    case = next(case for case in CASES if case.name == "values with gaps, and new ones")

    said = dict(check(case.receipt, case.policy, case.notice, "zh").record)
    assert (said["已同意"], said["已拒绝"]) == ("访问统计、analytics@ga4", "marketing@else、new")
    assert said["年龄段"] == "未满 14 岁"
    assert said["其他情况"] == "浏览器发出了退出信号（GPC）；沿用自 klaro；当时的选择日期：2026-05-03"
    assert said["时间"] == "2026-11-29 20:00:00.000 UTC"
    assert dict(check(case.receipt, case.policy, case.notice, "en").record)["Agreed to"] == (
        "Statistics, Statistics · Google Analytics"
    )
    assert dict(check(case.receipt, case.policy, None, "en").record)["Agreed to"] == "analytics, analytics@ga4"


def test_it_runs_without_the_package_and_says_what_is_proved_and_what_is_not(tmp_path: Path) -> None:
    done = run(tmp_path, *reversed(write(tmp_path, TRUE)), "--lang", "en")

    assert (done.returncode, done.stderr) == (0, "")
    words = WORDS["en"]
    for key in (
        "proved",
        "title_record",
        "title_proved",
        "title_not_proved",
        "p_record",
        "n_person",
        "n_other",
        "n_split",
    ):
        assert words[key] in done.stdout
    assert "  Agreed to: analytics\n  Refused: marketing\n" in done.stdout


def test_what_is_shown_is_the_record_to_the_last_character() -> None:
    found = {case.name: dict(check(case.receipt, case.policy, case.notice, "en").record) for case in CASES}
    strange, many = found["a record that looks like another"], found["a record with many answers"]

    assert (strange["Action"], strange['"Agreed to"']) == ("s\\u0430ve", "all")
    assert strange["purposes"] == '{"analytics":1}'  # which is no answer, and must not be left out
    assert len(many["Agreed to"].split(", ")) == 30
    assert found["a service that is named like a purpose"]["Agreed to"] == "Ads"


def test_it_speaks_the_language_of_the_machine(tmp_path: Path) -> None:
    files = write(tmp_path, TRUE)

    assert run(tmp_path, *files, LANG="zh_CN.UTF-8").stdout.startswith(WORDS["zh"]["proved"])
    assert run(tmp_path, *files, LANG="C").stdout.startswith(WORDS["en"]["proved"])


def test_the_key_may_be_said_in_the_command_and_programs_read_the_outcome(tmp_path: Path) -> None:
    write(tmp_path, TRUE)
    done = run(tmp_path, "receipt.tlog-proof", "--key", LOG.vkey, "--json", "--lang", "zh")

    report = json.loads(done.stdout)
    assert (done.returncode, report["code"], report["verdict"]) == (0, 0, WORDS["zh"]["proved"])
    assert {mark for mark, _ in report["checks"]} == {"yes", "open"}


@pytest.mark.parametrize(
    ("files", "key"),
    [
        ({"gone": None}, "e_file"),
        ({"policy": POLICY.encode()}, "e_none"),
        ({"a.json": b'{"id": 1}'}, "e_none"),
        ({"one": TRUE.receipt, "two": TRUE.receipt}, "e_two"),
        ({"noise": random.Random(1).randbytes(5000)}, "e_kind"),
        ({"empty": b""}, "e_kind"),
        ({"a\x1b[31m": b"?"}, "e_kind"),
        ({"huge": TRUE.receipt + b"\n" * 300_000}, "e_large"),
        ({"huge": b"{" * 5_000_000}, "e_large"),
    ],
)  # fmt: skip
def test_other_files_are_named_in_one_sentence(tmp_path: Path, files: dict[str, bytes | None], key: str) -> None:
    for name, data in files.items():
        if data is not None:
            (tmp_path / name).write_bytes(data)
    done = run(tmp_path, *files, "--lang", "en")

    assert (done.returncode, done.stderr, done.stdout.count("\n")) == (2, "", 1)
    sentence = WORDS["en"][key].split("{name}")[-1].split("{why}")[0]
    assert sentence.strip() in done.stdout
    assert done.stdout.rstrip("\n").isprintable()


def test_its_signatures_are_those_of_another_implementation() -> None:
    chance = random.Random(8032)
    for _ in range(25):
        private = Ed25519PrivateKey.from_private_bytes(chance.randbytes(32))
        public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        message = chance.randbytes(chance.randrange(200))
        signature = private.sign(message)
        place = chance.randrange(512)
        flipped = bytearray(signature)
        flipped[place // 8] ^= 1 << place % 8

        assert is_signed(public, message, signature)
        assert not is_signed(public, message, bytes(flipped))
        assert not is_signed(public, message + b"\0", signature)


def test_what_stands_for_no_point_signs_nothing() -> None:
    beyond = (2**255 - 19 + 1).to_bytes(32, "little")
    for public in (beyond, (2**255 + 1).to_bytes(32, "little"), b"\x02" + bytes(31), b""):
        assert not is_signed(public, b"", bytes(64))


def test_both_languages_say_the_same_things() -> None:
    gaps = {
        lang: {key: sorted(verify_receipt.re.findall(r"\{\w+\}", text)) for key, text in words.items()}
        for lang, words in WORDS.items()
    }

    assert gaps["en"] == gaps["zh"]
    used = set(verify_receipt.re.findall(r'"([a-z]+(?:_\w+)?)"', SCRIPT.read_text("utf-8")))
    assert {"e_browser", "e_crypto", *WORDS["en"]} - used == set()


def test_it_reads_as_python_3_8() -> None:
    ast.parse(SCRIPT.read_text("utf-8"), feature_version=(3, 8))


def test_no_byte_of_a_receipt_can_be_changed_unnoticed() -> None:
    chance, true = random.Random(17), receipt().encode()
    for _ in range(300):
        place, byte = chance.randrange(len(true)), chance.randrange(256)
        changed = true[:place] + bytes([byte]) + true[place + 1 :]
        if changed != true:
            assert check(changed, POLICY.encode(), None, "en").code in (1, 2)
    assert check(true, POLICY.encode(), NOTICE.encode(), "en").code == 0
