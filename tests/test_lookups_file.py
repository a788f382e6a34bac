"""LOOKUPS_FILE: where it is read from, and what rule checks and commands learn of it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.crm_server import SHIPPED
from usher.__main__ import main
from workers.lookups import LookUpsError
from workers.lookups_file import load_definitions, load_shapes, open_lookups
from workers.settings import VARIABLES, load_settings

RULE = """
version: 1
owner: ops@usher.example
rules:
  - id: deal-won
    when: {source: crm, event: deal.updated}
    lookup:
      sold: {use: hubspot.deal, with: {deal_id: "${ deal.id }"}}
    require: {sold.stage: closedwon}
    then:
      - action: enrol
        with: {email: "${ contact.email }", course_id: 101}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the shipped look-ups, and no key."""
    monkeypatch.chdir(tmp_path)
    for name in (*VARIABLES, "HUBSPOT_ACCESS_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "lookups.yaml").write_bytes(b"\xef\xbb\xbf" + SHIPPED.read_bytes())
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "deal.yaml").write_text(RULE)
    return tmp_path


def codes() -> list[str]:
    """What `usher rules check` says of the rule, leaving its missing tests aside."""
    found = json.loads(CliRunner().invoke(main, ["rules", "check", "--json"]).stdout)
    return [each["code"] for each in found if each["code"] not in ("W01", "W02")]


def test_a_file_elsewhere_is_read_where_the_setting_says_so(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "other.yaml").write_text("crm.deal: {url: 'https://crm.example/'}\n")
    monkeypatch.setenv("LOOKUPS_FILE", "other.yaml")

    assert list(load_definitions(load_settings())) == ["crm.deal"]


def test_without_a_file_there_are_the_reads_of_coursebox(folder: Path) -> None:
    (folder / "lookups.yaml").unlink()

    assert set(load_shapes(load_settings())) == {
        f"coursebox.{name}"
        for name in ("user", "course", "courses", "activity", "learners", "admins")
    }


@pytest.mark.parametrize("content", [b"\xff\xfe", b"a.b: x\n"], ids=["not text", "not a block"])
def test_a_file_that_cannot_be_used_is_named(folder: Path, content: bytes) -> None:
    (folder / "lookups.yaml").write_bytes(content)

    with pytest.raises(LookUpsError, match=r"^lookups\.yaml: "):
        load_definitions(load_settings())


def test_a_key_in_the_environment_makes_a_look_up_usable(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_shapes(load_settings())["hubspot.deal"].problem

    monkeypatch.setenv("HUBSPOT_ACCESS_TOKEN", "pat-b7d1c0de")

    assert load_shapes(load_settings())["hubspot.deal"].problem == ""
    with open_lookups(load_settings(), {}) as lookups:
        assert lookups.destination("hubspot.deal") == "lookup:api.hubapi.com"


def test_a_rule_is_warned_of_a_look_up_without_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    assert codes() == ["W26"]

    monkeypatch.setenv("HUBSPOT_ACCESS_TOKEN", "pat-b7d1c0de")

    assert codes() == []


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("hubspot.deal,", "hubspot.deals,", "R06"),
        ("{deal_id:", "{deal:", "S01"),
        ("sold.stage", "sold.stages", "F02"),
        ("use: hubspot.deal, with: {deal_id: \"${ deal.id }\"}", "use: hubspot.deal", "R09"),
    ],
    ids=["a look-up", "a parameter", "a field", "what it needs"],
)  # fmt: skip
def test_rules_are_checked_against_the_look_ups_there_are(
    folder: Path, old: str, new: str, code: str
) -> None:
    assert old in RULE
    (folder / "rules" / "deal.yaml").write_text(RULE.replace(old, new))

    assert code in codes()


def test_a_broken_file_of_look_ups_hides_no_mistake_in_rules(folder: Path) -> None:
    (folder / "lookups.yaml").write_text("a.b: x\n")

    result = CliRunner().invoke(main, ["rules", "check"])

    assert result.exit_code == 0
    assert "Look-ups are not checked, because their file cannot be used" in result.stderr
    assert "lookups.yaml: line 1: a.b" in result.stderr
