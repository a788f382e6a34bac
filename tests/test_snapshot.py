"""What goes live together: the same rules have one version, whatever acts otherwise another."""

import json

import pytest

from rulebook import Rule, Snapshot, SnapshotError, document_of, read_snapshot, version_of
from tests.engine_room import a_book
from tests.rule_files import rule

BOTH = rule("orders") + rule("refunds").split("rules:\n")[1]


def rules_of(text: str = BOTH) -> tuple[Rule, ...]:
    return tuple(a_book(text))


@pytest.mark.parametrize(
    ("text", "same"),
    [
        pytest.param(BOTH + "\n# a comment\n", True, id="layout"),
        pytest.param(BOTH.replace("A rule", "Paid orders"), True, id="a name"),
        pytest.param(BOTH.replace("owner: ops", "owner: kim"), True, id="an owner"),
        pytest.param(BOTH.replace("course_id: 101", "course_id: 102", 1), False, id="a value"),
        pytest.param(BOTH.replace("id: orders", "id: orders-2"), False, id="an id"),
        pytest.param("matching: first\n" + BOTH, False, id="the way of matching"),
        pytest.param(rule("refunds") + rule("orders").split("rules:\n")[1], False, id="the order"),
    ],
)
def test_the_version_is_that_of_what_the_rules_do(text: str, same: bool) -> None:
    assert (version_of(rules_of(text)) == version_of(rules_of())) is same


def test_a_snapshot_is_read_as_it_was_written() -> None:
    snapshot = Snapshot(rules_of("matching: first\ntags: [seats]\n" + BOTH), "c" * 40)

    read = read_snapshot(snapshot.text, snapshot.bodies)

    assert read.text == snapshot.text
    assert (read.version, read.commit) == (snapshot.version, "c" * 40)
    assert [(r.id, r.name, r.file, r.line, r.matching, r.owner, r.tags) for r in read.rules] == [
        (r.id, r.name, r.file, r.line, r.matching, r.owner, r.tags) for r in snapshot.rules
    ]


def test_the_text_is_the_same_however_often_it_is_written() -> None:
    texts = {Snapshot(rules_of()).text for _ in range(3)}

    assert len({document_of(text) for text in texts}) == 1


def test_no_body_stands_in_the_text() -> None:
    told = json.loads(Snapshot(rules_of()).text)

    assert set(told["rules"][0]) == {
        "id", "hash", "name", "file", "line", "matching", "owner", "tags",
    }  # fmt: skip


def test_a_newer_format_is_refused() -> None:
    snapshot = Snapshot(rules_of())

    with pytest.raises(SnapshotError, match="format 2, and this Usher reads 1"):
        read_snapshot(snapshot.text.replace('"format":1', '"format":2'), snapshot.bodies)


def test_a_snapshot_without_one_of_its_bodies_is_refused() -> None:
    snapshot = Snapshot(rules_of())

    with pytest.raises(SnapshotError, match="the body of rule orders is not kept any more"):
        read_snapshot(snapshot.text, {})
