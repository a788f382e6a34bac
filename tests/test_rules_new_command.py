"""`usher rules new`, and the event as rules see it."""

import json
from pathlib import Path

import pytest

from tests.rules_desk import ADA, Desk, came, make_desk
from tests.samples import PATHS
from workers.store import NewEvent, Store


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A working directory with rules, and neither Redis nor secrets."""
    monkeypatch.chdir(tmp_path)
    for name in ("RULES_DIR", "SOURCES_FILE", "REDIS_URL", "DATA_DIR"):
        monkeypatch.delenv(name, raising=False)
    return make_desk(tmp_path)


@pytest.fixture
def stored(desk: Desk, redis_url: str) -> Desk:
    """The same with a Redis."""
    return Desk(desk.folder, redis_url)


def test_a_stored_event_becomes_a_rule_that_is_checked_and_tested(
    stored: Desk, store: Store
) -> None:
    event_id = came(store, ADA)

    result = stored("rules", "new", "--from", event_id[-8:], "--output", "rules/new.yaml")

    assert result.exit_code == 0
    assert "Put invented names and addresses in their place" in result.stderr
    assert f"next: usher rules explain shop-sold {event_id}" in result.stderr
    checked = stored("rules", "check", "--strict")
    tested = stored("rules", "test")
    assert (checked.exit_code, tested.exit_code) == (0, 0), checked.output + tested.output
    explained = stored.data("rules", "explain", "shop-sold", event_id)
    assert (explained["matched"], explained["dry_run"]) == (True, True)


@pytest.mark.parametrize("sample", PATHS, ids=lambda path: path.name)
def test_every_recorded_delivery_makes_a_rule(desk: Desk, sample: Path) -> None:
    result = desk("rules", "new", "--from", str(sample))

    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("# Made from ")


def test_a_rule_beside_the_rules_is_explained_where_it_is(desk: Desk) -> None:
    name = desk.file("shop-1.json", {"kind": "sold", **ADA})

    result = desk("rules", "new", "--from", name, "--source", "shop", "-o", "draft.yaml")

    command = result.stderr.partition("next: usher ")[2].splitlines()[0]
    assert command == f"rules explain shop-sold {name} --source shop --rules draft.yaml"
    assert desk(*command.split()).exit_code == 0


def test_a_file_that_is_there_is_left_as_it_is(desk: Desk) -> None:
    before = desk.rules.read_text()
    name = desk.file("shop-1.json", {"kind": "sold", **ADA})

    result = desk("rules", "new", "--from", name, "-o", "rules/shop.yaml")

    assert (result.exit_code, desk.rules.read_text()) == (2, before)
    assert result.stderr == "rules/shop.yaml is there already, and is left as it is.\n"


def test_the_owner_stands_in_the_file(desk: Desk) -> None:
    name = desk.file("shop-1.json", {"kind": "sold", **ADA})

    result = desk("rules", "new", "--from", name, "--owner", "eve@usher.example")

    assert "owner: eve@usher.example\n" in result.stdout


def test_the_id_of_another_rule_is_not_taken_twice(desk: Desk) -> None:
    name = desk.file("shop-1.json", {"kind": "sold", **ADA})
    desk("rules", "new", "--from", name, "-o", "rules/one.yaml")

    assert "  - id: shop-sold-2\n" in desk("rules", "new", "--from", name).stdout


# -- the event as rules see it ---------------------------------------------------------------------


def test_an_event_is_shown_by_the_names_that_rules_write(stored: Desk, store: Store) -> None:
    body = {"id": 7, "items": [{"sku": "a"}], "tags": ["x", "5"], "Your name": "Ada", "none": {}}
    event = NewEvent("order 7", "sold", None, json.dumps(body))
    event_id = store.accept("shop", [event]).ids[0]

    result = stored("events", "show", event_id, "--fields")

    assert result.exit_code == 0
    shown = dict(line.split(None, 1) for line in result.stdout.splitlines() if "Your" not in line)
    assert shown["event.source"] == "shop"
    assert shown["body.id"] == "7"
    assert shown["body.items[0].sku"] == "a"
    assert shown["body.tags"] == '[x, "5"]'
    assert shown["body.none"] == "{}"
    assert 'body["Your name"]  Ada' in result.stdout
    assert "raw" not in result.stdout


def test_the_whole_normal_form_is_given_as_json(stored: Desk, store: Store) -> None:
    event_id = came(store, ADA)

    told = stored.data("events", "show", event_id, "--fields")

    assert (told["event"]["type"], told["body"], told["raw"]) == ("sold", ADA, ADA)


def test_the_fields_of_a_source_are_shown_by_both_doors(desk: Desk) -> None:
    by_rules = desk("rules", "fields", "pipedrive", "deal.updated")
    by_sources = desk("sources", "fields", "pipedrive", "deal.updated")

    assert by_rules.exit_code == 0
    assert "deal.status" in by_rules.stdout
    assert by_rules.stdout == by_sources.stdout
