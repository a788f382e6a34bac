"""`usher lookups`: what is configured, what is missing, and one call with its result."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from coursebox.simulator import running_simulator
from tests.crm_server import Crm, Reply, crm
from usher.__main__ import main
from workers.settings import VARIABLES

TOKEN = "b7d1c0de-token"
LOOKUPS = """
crm.deal:
  url: CRM/deals/{deal_id}?lang={lang}
  headers: {Authorization: "Bearer ${CRM_TOKEN}"}
  parameters: {deal_id: number, lang: {default: en}}
  gives: {stage: stage, owner: owner.name}
  private_addresses: [127.0.0.1]
  not_found: absent
other.people:
  url: https://other.example/people
  headers: {X-Key: "${OTHER_KEY}"}
  list: people
"""


@pytest.fixture
def server() -> Iterator[Crm]:
    with crm() as known:
        yield known


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Crm) -> Path:
    """A working directory with look-ups and the key of one of them."""
    monkeypatch.chdir(tmp_path)
    for name in (*VARIABLES, "CRM_TOKEN", "OTHER_KEY"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "lookups.yaml").write_text(LOOKUPS.replace("CRM/", f"{server.url}/"))
    (tmp_path / ".env").write_text(f"CRM_TOKEN={TOKEN}\n")
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["lookups", *words])


def data(*words: str) -> Any:
    return json.loads(run(*words, "--json").stdout)


def test_every_look_up_has_its_line_and_what_is_missing() -> None:
    result = run("list")

    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    assert lines[-2:] == [
        "crm.deal deal_id, [lang] yes stage, owner",
        "other.people nothing no a list of: any fields",
    ]
    assert "coursebox.user user_id yes any fields" in lines
    assert result.stderr == "other.people cannot be used: OTHER_KEY is not set\n"


def test_the_list_is_told_to_programs() -> None:
    assert data("list")[-2:] == [
        {
            "name": "crm.deal",
            "parameters": ["deal_id", "lang"],
            "required": ["deal_id"],
            "fields": ["stage", "owner"],
            "is_list": False,
            "usable": True,
            "problem": None,
        },
        {
            "name": "other.people",
            "parameters": [],
            "required": [],
            "fields": [],
            "is_list": True,
            "usable": False,
            "problem": "OTHER_KEY is not set",
        },
    ]


def test_without_a_file_there_are_those_of_coursebox(folder: Path) -> None:
    (folder / "lookups.yaml").unlink()

    assert len(data("list")) == 6
    assert "no look-up but those of Coursebox" in run("check").stdout


def test_a_check_says_where_a_look_up_goes_and_what_it_needs(server: Crm) -> None:
    result = run("check", "crm.deal")

    assert result.exit_code == 0
    told = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert told == [
        "crm.deal",
        "usable yes",
        "takes deal_id, [lang]",
        "gives stage, owner",
        f"calls {server.url}/deals/{{deal_id}}?lang={{lang}}",
        "variables CRM_TOKEN: set",
        "private 127.0.0.1",
        "within 10 s",
        "if absent nothing is given",
    ]
    assert server.asked == []


def test_a_check_ends_with_one_where_a_key_is_missing() -> None:
    assert run("check").exit_code == 1
    assert run("check", "other.people").exit_code == 1
    assert data("check", "other.people")[0]["variables"] == {"OTHER_KEY": False}
    assert run("check", "other.persons").exit_code == 2


def test_a_file_that_cannot_be_used_is_said_with_its_lines(folder: Path) -> None:
    (folder / "lookups.yaml").write_text("crm.deal: {}\n")

    result = run("list")

    assert result.exit_code == 2
    assert result.stderr == (
        "This file of look-ups cannot be used:\n"
        'lookups.yaml: line 1: crm.deal: "url" is missing in this look-up\n'
    )


def test_a_try_shows_the_result_as_rules_see_it(server: Crm) -> None:
    server.replies["/deals/7?lang=en"] = {"stage": "won", "owner": {"name": "Ada"}, "x": 1}

    result = run("try", "crm.deal", "deal_id=7")

    assert result.exit_code == 0
    assert json.loads(result.stdout) == {"stage": "won", "owner": "Ada"}
    assert result.stderr.startswith(f"GET {server.url}/deals/7?lang=en: 200, ")
    assert server.headers[0]["authorization"] == f"Bearer {TOKEN}"


def test_a_try_says_that_nothing_is_there() -> None:
    result = run("try", "crm.deal", "deal_id=7", "lang=de")

    assert (result.exit_code, result.stdout) == (
        0,
        "There is no such record: rules see nothing (is_present: false).\n",
    )


def test_a_try_that_fails_says_what_would_follow_and_no_key(server: Crm) -> None:
    server.replies["/deals/7?lang=en"] = Reply({"message": f"bad key {TOKEN}"}, 401)

    result, told = run("try", "crm.deal", "deal_id=7"), data("try", "crm.deal", "deal_id=7")

    assert result.exit_code == 1
    assert "the key is not accepted" in result.stderr
    assert "Runs would wait until a person releases lookup:127.0.0.1." in result.stderr
    assert told["failure"]["decision"] == "hold"
    assert told["exchanges"][0]["response"] == '{"message": "bad key (redacted)"}'
    assert TOKEN not in result.output + json.dumps(told)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["crm.deals"], 2, "There is no look-up 'crm.deals'"),
        (["crm.deal", "7"], 2, "'7' is no parameter"),
        (["crm.deal", "id=7"], 1, 'it takes no "id"'),
        (["crm.deal"], 1, "deal_id is missing"),
        (["other.people"], 1, "OTHER_KEY is not set"),
        (["coursebox.courses"], 1, "COURSEBOX_URL, COURSEBOX_EMAIL and COURSEBOX_PASSWORD"),
    ],
    ids=["unknown", "no name", "another name", "missing", "no key", "no Coursebox"],
)
def test_a_try_that_cannot_be_says_why(words: list[str], code: int, said: str, server: Crm) -> None:
    result = run("try", *words)

    assert (result.exit_code, said in result.stderr) == (code, True)
    assert server.asked == []


def test_a_read_of_coursebox_can_be_tried(folder: Path) -> None:
    with running_simulator() as sim:
        (folder / ".env").write_text(
            f"COURSEBOX_URL={sim.url}\nCOURSEBOX_EMAIL={sim.email}\n"
            f"COURSEBOX_PASSWORD={sim.password}\n"
        )
        found = data("try", "coursebox.courses")
        courses = {course["id"] for course in sim.snapshot()["courses"]}

    assert {course["id"] for course in found["result"]} == courses
    assert sim.password not in json.dumps(found)


def test_try_asks_the_account_that_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with running_simulator(email="usher@emea.example", password="another") as sim:
        monkeypatch.setenv("COURSEBOX_ACCOUNTS", "emea")
        for name, value in {"URL": sim.url, "EMAIL": sim.email, "PASSWORD": sim.password}.items():
            monkeypatch.setenv(f"COURSEBOX_EMEA_{name}", value)

        found = data("try", "coursebox.courses", "--account", "emea")
        elsewhere = data("try", "coursebox.courses")
        unknown = run("try", "coursebox.courses", "--account", "latam")

    assert found["result"]
    assert elsewhere["failure"]["destination"] == "coursebox"
    assert unknown.exit_code == 2
    assert "there is: emea" in unknown.stderr
