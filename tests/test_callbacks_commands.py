"""`usher callbacks`: who is told, what is missing, and one call with its answer."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.crm_server import HERE, Crm, Reply, crm
from usher.__main__ import main
from workers.callbacks_file import load_callback_destinations
from workers.settings import VARIABLES, load_settings

TOKEN = "b7d1c0de-token"
LOOKUPS = """
callbacks:
  crm.done:
    method: PATCH
    url: CRM/deals/{deal_id}
    headers: {Authorization: "Bearer ${CRM_TOKEN}"}
    parameters: {deal_id: number, lang: {default: en}}
    body: {training: "{outcome}", learner: "{email}", lang: "{lang}"}
    private_addresses: [127.0.0.1]
  other.told:
    method: POST
    url: https://other.example/hook
    signed: standard-webhooks
    secret: OTHER_WORD
"""


@pytest.fixture
def server() -> Iterator[Crm]:
    with crm() as known:
        known.replies["/deals/7"] = {"id": 7, "by": TOKEN}
        yield known


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Crm) -> Path:
    """A working directory with callbacks and the key of one of them."""
    monkeypatch.chdir(tmp_path)
    for name in (*VARIABLES, "CRM_TOKEN", "OTHER_WORD"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "lookups.yaml").write_text(LOOKUPS.replace("CRM/", f"{server.url}/"))
    (tmp_path / ".env").write_text(f"CRM_TOKEN={TOKEN}\n")
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["callbacks", *words])


def lines(result: Result) -> list[str]:
    return [" ".join(line.split()) for line in result.stdout.splitlines()]


def data(*words: str) -> Any:
    return json.loads(run(*words, "--json").stdout)


def test_a_callback_is_shown_with_all_it_needs(server: Crm) -> None:
    result = run("check", "crm.done")

    assert result.exit_code == 0
    assert lines(result) == [
        "crm.done",
        "usable yes",
        "takes deal_id, [lang]",
        f"sends PATCH {server.url}/deals/{{deal_id}}",
        'body {"training": "{outcome}", "learner": "{email}", "lang": "{lang}"}',
        "variables CRM_TOKEN: set",
        "private 127.0.0.1",
        "within 10 s",
    ]
    assert server.sent == []


def test_what_is_missing_is_said_and_ends_with_1() -> None:
    result = run("check")

    assert result.exit_code == 1
    assert "usable no: OTHER_WORD is not set" in lines(result)
    assert "signed as Standard Webhooks" in lines(result)
    assert "variables OTHER_WORD: NOT SET" in lines(result)


def test_callbacks_are_told_to_programs() -> None:
    done, told = data("check")

    assert (done["name"], done["method"], done["usable"]) == ("crm.done", "PATCH", True)
    assert done["required"] == ["deal_id"]
    assert done["body"]["training"] == "{outcome}"
    assert (told["signed"], told["body"], told["problem"]) == (True, None, "OTHER_WORD is not set")


@pytest.mark.parametrize("words", [("check", "crm.dnoe"), ("try", "crm.dnoe")])
def test_a_name_that_is_not_there_is_said_with_those_that_are(words: tuple[str, ...]) -> None:
    result = run(*words)

    assert result.exit_code == 2
    assert "There is no callback 'crm.dnoe'" in result.stderr
    assert "It has: crm.done, other.told" in result.stderr


def test_a_file_without_callbacks_has_none(folder: Path) -> None:
    (folder / "lookups.yaml").write_text("")

    assert run("check").stdout == "There is no callback.\n"


def test_a_trial_is_sent_and_shown_without_its_key(server: Crm) -> None:
    result = run("try", "crm.done", "deal_id=7", "email=jon@lakeside.example", "outcome=invited")

    assert result.exit_code == 0
    (sent,) = server.sent
    assert sent.headers["authorization"] == f"Bearer {TOKEN}"
    assert sent.body == {"training": "invited", "learner": "jon@lakeside.example", "lang": "en"}
    told = lines(result)
    assert told[0] == f"PATCH {server.url}/deals/7"
    assert json.loads(told[1]) == sent.body
    assert told[2].startswith("HTTP 200, ")
    assert told[3] == '{"id": 7, "by": "(redacted)"}'
    assert "It was taken" in result.stderr
    assert TOKEN not in result.output


def test_each_trial_is_a_new_one_to_the_receiver(server: Crm) -> None:
    for _ in range(2):
        run("try", "crm.done", "deal_id=7")

    assert len({sent.headers["idempotency-key"] for sent in server.sent}) == 2


def test_a_trial_that_is_refused_says_what_runs_would_do(server: Crm) -> None:
    server.replies["/deals/7"] = Reply({"message": "no"}, 401)

    result = run("try", "crm.done", "deal_id=7")

    assert result.exit_code == 1
    assert "the key is not accepted" in result.stderr
    assert f"Runs would wait until a person releases callback:{HERE}." in result.stderr
    failure = data("try", "crm.done", "deal_id=7")["failure"]
    assert (failure["decision"], failure["destination"]) == ("hold", f"callback:{HERE}")


@pytest.mark.parametrize(
    ("words", "said", "status"),
    [
        (("deal_id",), "'deal_id' is no parameter", 2),
        ((), "deal_id is missing", 1),
        (("deal_id=x",), "deal_id must be a number", 1),
        (("deal_id=7", "run_id=8"), 'it takes no "run_id"', 1),
    ],
)
def test_a_trial_with_wrong_values_sends_nothing(
    server: Crm, words: tuple[str, ...], said: str, status: int
) -> None:
    result = run("try", "crm.done", *words)

    assert result.exit_code == status
    assert said in result.stderr
    assert server.sent == []


def test_a_broken_file_is_told_with_its_lines(folder: Path) -> None:
    (folder / "lookups.yaml").write_text("a.b: {}\ncallbacks: {c.d: {}}\n")

    result = run("check")

    assert result.exit_code == 2
    assert "lookups.yaml: line 1: a.b" in result.stderr
    assert "lookups.yaml: line 2: c.d" in result.stderr


def test_every_place_that_can_be_held_has_its_name() -> None:
    assert load_callback_destinations(load_settings()) == {
        f"callback:{HERE}",
        "callback:other.told",
    }
