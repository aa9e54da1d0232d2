"""`consent-widget …`: from nothing to a running service, and one line where something is wrong."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import urllib.request
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from werkzeug.test import Client

from consent_widget.choice.token import TokenSigner
from consent_widget.days import months_before, today
from consent_widget.proof.key import COSIGNATURE, PrivateKey
from consent_widget.service.app import create_service
from consent_widget.service.command import main
from consent_widget.service.sites import read_sites
from consent_widget.testing import make_choice

from ..support.choice_body import choice_body
from ..support.services import CLUB, ROOT, SHOP, SITES, command, serving, written


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments])


def test_what_init_writes_is_secret_and_starts_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "sites.toml"
    first, second = run("init", path), run("init", path)

    assert (first.exit_code, second.exit_code) == (0, 1)
    assert "is there already" in second.output
    assert path.stat().st_mode & 0o777 == 0o600
    assert TokenSigner(read_sites(path, {}).sites["shop"]["CONSENT_KEYS"])  # type: ignore[arg-type]
    with serving(path) as url, urllib.request.urlopen(f"{url}/consent/shop/widget.js") as response:
        assert b'"site":"shop"' in response.read()


def test_every_key_that_init_offers_works_when_it_is_switched_on(tmp_path: Path) -> None:
    path = tmp_path / "sites.toml"
    run("init", path)
    offered = re.sub(r"^# (?=[a-z_]+ = |\[)", "", path.read_text("utf-8"), flags=re.MULTILINE)
    offered = offered.replace("postgresql+psycopg://user:password@host/consent", "sqlite://").replace("3f1c…", "0" * 64)
    path.write_text(offered, "utf-8")
    log, witness = PrivateKey.make("consent.example/log"), PrivateKey.make("consent.example/witness", COSIGNATURE)
    for name, text in {
        "log.key": log.text, "policy": "quorum none\n", "witness.key": f"{witness.text}\n{log.public}\n"
    }.items():  # fmt: skip
        (tmp_path / name).write_text(text, "utf-8")

    create_service(path).close()
    assert read_sites(path).sites["shop"]["CONSENT_THEME"]


def test_two_configurations_have_two_keys(tmp_path: Path) -> None:
    for name in ("one", "two"):
        run("init", tmp_path / name)

    assert (tmp_path / "one").read_text("utf-8") != (tmp_path / "two").read_text("utf-8")


def test_the_snippet_is_a_tag_that_is_current_and_tags_that_are_pinned(tmp_path: Path) -> None:
    path = written(tmp_path)
    result = run("snippet", "shop", "--config", path)
    service = create_service(path)
    client = Client(service)

    assert result.exit_code == 0, result.output
    assert '<script src="https://consent.example/consent/shop/widget.js" async></script>' in result.output
    pinned = re.findall(
        r'src="https://consent\.example(\S+?)" integrity="sha384-(\S+?)" crossorigin="anonymous" async', result.output
    )
    assert len(pinned) == 2
    for address, integrity in pinned:
        body = client.get(address).data
        assert base64.b64encode(hashlib.sha384(body).digest()).decode() == integrity
    links = re.findall(r'<noscript><a href="(\S+?)">[^<]+</a> <a href="(\S+?)">', result.output)
    assert len(links) == 3
    for link in {each for pair in links for each in pair}:
        assert client.get(link.removeprefix("https://consent.example")).status_code == 200
    service.close()


def test_without_script_the_snippet_speaks_the_sites_first_language(tmp_path: Path) -> None:
    path = written(tmp_path, SITES.replace('notice = "shop"', 'notice = "shop"\nlocales = ["en", "zh-CN"]'))

    assert "lang=en" in run("snippet", "shop", "--config", path).output.split("</noscript>")[0]
    path = written(tmp_path)
    assert "lang=zh-CN" in run("snippet", "shop", "--config", path).output.split("</noscript>")[0]


def test_printing_a_snippet_touches_no_database(tmp_path: Path) -> None:
    run("snippet", "shop", "--config", written(tmp_path))

    assert not (tmp_path / "consent.sqlite").exists()


def test_list_and_export_show_the_sites_own_records(tmp_path: Path) -> None:
    path = written(tmp_path)
    service = create_service(path)
    for id, origin in (("shop", SHOP), ("club", CLUB), ("club", CLUB)):
        notice = service.sites[id].extensions["consent_widget"].notice
        Client(service).post(f"/consent/{id}/records", json=choice_body(notice), headers={"Origin": origin})
    mine = next(service.store.export("shop"))
    service.close()

    assert len(run("list", "club", "--config", path).output.splitlines()) == 2
    (line,) = run("export", "shop", "--config", path).output.splitlines()
    assert (json.loads(line)["id"], json.loads(line)["site"]) == (mine.id, "shop")
    assert run("export", "club", "--config", path, "--subject", mine.subject).output == ""


def test_what_is_asked_of_all_sites_at_once_names_each(tmp_path: Path) -> None:
    path = written(tmp_path)
    service, long_ago = create_service(path), months_before(today(), 36) - 1
    for id, times in (("shop", 1), ("club", 2)):
        notice = service.sites[id].extensions["consent_widget"].notice
        for _ in range(times):
            service.store.add(make_choice(site=id, notice=notice.digest, region="", valid_until=long_ago, time=1000))
    service.close()

    def lines(*command: str) -> list[str]:
        result = run(*command, "--config", path)
        assert result.exit_code == 0, result.output
        return result.output.splitlines()

    assert [json.loads(line)["site"] for line in lines("export")] == ["shop", "club", "club"]
    assert [json.loads(line)["site"] for line in lines("export", "--site", "club")] == ["club", "club"]
    assert {line for line in lines("stats") if "choice" in line} == {"shop: 1 choice", "club: 2 choices"}
    bundle = str(tmp_path / "all.zip")
    assert lines("export", "--to", bundle) == [f"Wrote {bundle}: 3 choices, 2 notices."]
    assert "shop: Would delete: 1 record of 1 visitor." in lines("purge", "--dry-run")
    assert lines("purge", "club")[0] == "club: Deleted: 2 records of 2 visitors."
    assert [json.loads(line)["site"] for line in lines("export")] == ["shop"]


@pytest.mark.parametrize("name", ["snippet", "list", "subject", "erase", "diff", "publish", "versions"])
def test_a_command_for_one_site_asks_which_of_several_and_needs_no_answer_where_there_is_one(
    tmp_path: Path, name: str
) -> None:
    argument = {"subject": ["1.x"], "erase": ["-subject-that-nobody-has"]}.get(name, [])
    several = run(name, *argument, "--config", written(tmp_path))
    assert (several.exit_code, several.output) == (
        1, "Error: Which site? Say one of: --site shop, --site club.\n",
    )  # fmt: skip
    path = written(tmp_path, SITES.split("[sites.club]")[0])
    outputs = [
        run(name, *where, *argument, *option, "--config", path).output
        for where, option in (([], []), ([], ["--site", "shop"]), (["shop"], []))
    ]
    assert [each for each in outputs if "Which site?" in each or "Usage" in each] == []
    assert len(set(outputs)) == 1 or name == "publish"


def test_a_command_for_one_site_builds_that_one_only(tmp_path: Path) -> None:
    path = written(tmp_path)
    path.write_text(path.read_text("utf-8").replace("[sites.club]", '[sites.club]\nnotice = "nowhere.toml"'), "utf-8")

    assert run("snippet", "shop", "--config", path).exit_code == 0
    assert run("list", "--site", "shop", "--config", path).exit_code == 0
    assert run("list", "club", "--config", path).output.startswith("Error: sites.club.notice: ")


def test_check_tells_of_every_site(tmp_path: Path) -> None:
    output = run("check", "--config", written(tmp_path)).output

    assert re.search(r"^shop: shop \S+ is complete in zh-CN and en: 22 purposes", output, re.MULTILINE)
    assert re.search(r"^club: minimal \S+ is complete in en: 4 purposes", output, re.MULTILINE)


def test_check_tells_of_the_faults_of_every_site(tmp_path: Path) -> None:
    path = written(tmp_path, SITES.replace('notice = "shop"', 'notice = "nowhere.toml"'))
    result = run("check", "--config", path)

    assert result.exit_code == 1
    assert "Error: sites.shop.notice: " in result.output
    assert "club: minimal" in result.output


@pytest.mark.parametrize("name", ["check", "serve", "snippet", "list", "export"])
def test_bad_configuration_is_one_line_and_no_traceback(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, SITES.replace(SHOP, "*"))
    site = ["shop"] if name in ("snippet", "list", "export") else []
    done = subprocess.run(
        command(name, *site, "--config", path), cwd=ROOT, capture_output=True, text=True, check=False, timeout=30
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: sites.shop.origins: ")
    assert len(done.stderr.splitlines()) == 1


def test_commands_of_a_service_speak_of_keys_of_its_file_and_not_of_settings(tmp_path: Path) -> None:
    written(tmp_path, SITES)
    said = [run(name, "--help").output for name in main.commands]
    said += [run("log-key", "shop.example/log").output, run("checkpoint", "--config", tmp_path / "sites.toml").output]

    assert "log_key is not set. Make a key with: consent-widget log-key" in said[-1]
    assert [each for each in said if "CONSENT_" in each or "flask consent" in " ".join(each.split())] == []


@pytest.mark.parametrize("name", ["versions", "export"])
def test_a_database_that_is_away_is_one_line(tmp_path: Path, name: str) -> None:
    away = 'database = "postgresql+psycopg://nobody:secret@127.0.0.1:9/none"\n'
    done = subprocess.run(
        command(name, "shop", "--config", written(tmp_path, away + SITES)),
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=100,
    )  # fmt: skip

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: ")
    assert "Connection refused" in done.stderr
    assert "secret" not in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("name", ["snippet", "list", "export"])
def test_the_error_for_an_unknown_site_lists_the_known_ones(tmp_path: Path, name: str) -> None:
    result = run(name, "nowhere", "--config", written(tmp_path))

    assert result.exit_code == 1
    assert "The configuration has: shop, club." in result.output


def test_without_granian_serve_says_what_to_install(tmp_path: Path) -> None:
    code = "import sys; sys.modules['granian'] = None; from consent_widget.service.command import main; main()"
    done = subprocess.run(
        [*command()[:1], "-c", code, "serve", "--config", str(written(tmp_path))],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=30,
    )  # fmt: skip

    assert done.returncode == 1
    assert "pip install 'consent_widget[serve]'" in done.stderr


def test_a_sites_notice_is_published_without_the_others(tmp_path: Path) -> None:
    path = written(tmp_path)
    first = run("publish", "shop", "--config", path)
    again = run("versions", "shop", "--config", path)
    other = run("versions", "club", "--config", path)

    assert (first.exit_code, again.exit_code, other.exit_code) == (0, 0, 0), first.output + again.output + other.output
    assert "Published" in first.output
    assert len(again.output.splitlines()) == 1
    assert other.stdout == ""
    assert "No difference" in run("diff", "shop", "--config", path).output
