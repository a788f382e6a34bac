"""What changed in a record whose sender does not say: compared with what was known of it."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given

from senders.memory import (
    LARGEST,
    Change,
    Memory,
    Record,
    change_text,
    compare,
    memory_text,
    read_change,
    read_memory,
    record_of,
    remember,
    with_change,
)
from tests.json_values import json_values

DEAL = Record("deal", "deal", "7")


def event(kind: str = "deal.updated", **roots: object) -> dict[str, Any]:
    return {"event": {"type": kind}, **roots}


def deal(**fields: object) -> dict[str, Any]:
    return event(deal={"id": "7", **fields})


def known(*events: Mapping[str, Any], record: Record = DEAL) -> Memory:
    """The memory after these events, as it is read out of what was kept."""
    memory: Memory | None = None
    for number, each in enumerate(events, start=1):
        made = remember(memory, each, record, (number, number), f"evt_{number}")
        memory = read_memory(memory_text(made))
    assert memory is not None
    return memory


def changes(*events: Mapping[str, Any]) -> Change:
    """What the last of these events changed."""
    *before, last = events
    return compare(known(*before) if before else None, last, DEAL, (99, 99))


# -- which record ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("normal", "record"),
    [
        pytest.param(deal(), DEAL, id="a deal"),
        pytest.param(
            event("contact.updated", deal={"id": 7}, contact={"id": 8}),
            Record("contact", "contact", "8"),
            id="the one in the type",
        ),
        pytest.param(
            event("form.submitted", contact={"id": 8}, company={"id": 9}),
            Record("contact", "contact", "8"),
            id="the first",
        ),
        pytest.param(
            event("deal.updated", deal={"name": "x"}, company={"id": 9}),
            Record("company", "company", "9"),
            id="the first with an id",
        ),
        pytest.param(
            event("order.updated", contact={"id": 8}, order={"id": 9}),
            Record("order", "order", "9"),
            id="an order",
        ),
        pytest.param(
            event("lead.updated", contact={"id": 8}),
            Record("lead", "contact", "8"),
            id="a lead is no contact",
        ),
        pytest.param(event("deal.updated", deal={"status": "won"}), None, id="no id"),
        pytest.param({}, None, id="nothing"),
    ],
)
def test_an_event_is_about_one_record(normal: dict[str, Any], record: Record | None) -> None:
    assert record_of(normal) == record


def test_a_long_id_is_cut_down_and_stays_its_own() -> None:
    first, second = (record_of(event(deal={"id": "x" * 5000 + end})) for end in "ab")

    assert first is not None
    assert second is not None
    assert len(first.id) < 100
    assert first.id != second.id


@pytest.mark.parametrize("identifier", ["\ud800", "7\x00", "7\n"], ids=ascii)
def test_an_id_that_cannot_be_written_down_still_names_a_record(identifier: str) -> None:
    record = record_of(event(deal={"id": identifier}))

    assert record is not None
    assert record.id.startswith("sha256-")
    assert record.id.isprintable()


# -- what changed ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("events", "changed", "previous"),
    [
        pytest.param(
            [deal(status="won", custom={"Course": "x"})],
            {"deal.id", "deal.status", "deal.custom.Course"},
            {},
            id="first seen: everything",
        ),
        pytest.param(
            [deal(status="open"), deal(status="won")],
            {"deal.status"},
            {"deal.status": "open"},
            id="another status",
        ),
        pytest.param([deal(status="won"), deal(status="won")], set(), {}, id="the same"),
        pytest.param([deal(), deal(status="won")], {"deal.status"}, {}, id="new"),
        pytest.param(
            [deal(status="open"), deal()], {"deal.status"}, {"deal.status": "open"}, id="gone"
        ),
        pytest.param([deal(status="open"), deal(), deal()], set(), {}, id="gone is said once"),
        pytest.param(
            [deal(status="won"), deal(), deal(status="won")], set(), {}, id="back as it was"
        ),
        pytest.param(
            [deal(status="open"), deal(), deal(status="won")],
            {"deal.status"},
            {"deal.status": "open"},
            id="back as something else",
        ),
        pytest.param(
            [deal(name="a"), deal(name="b")], {"deal.name"}, {}, id="personal: no value before"
        ),
        pytest.param(
            [deal(custom={"a": 1, "b": [1, {"c": 2}]}), deal(custom={"a": 1, "b": [1, {"c": 3}]})],
            {"deal.custom.b"},
            {},
            id="a field of the customer's own",
        ),
        pytest.param(
            [deal(amount="1" * 5000), deal(amount="1" * 5001)],
            {"deal.amount"},
            {},
            id="too long to be kept",
        ),
        pytest.param(
            [deal(product="x"), deal(product=["x"])],
            {"deal.product"},
            {"deal.product": "x"},
            id="another kind of value",
        ),
    ],
)
def test_what_an_event_changed(
    events: list[dict[str, Any]], changed: set[str], previous: dict[str, object]
) -> None:
    found = changes(*events)

    assert (set(found.changed), found.previous) == (changed, previous)
    assert len(found.changed) == len(changed)


def test_an_event_older_than_what_is_known_changes_nothing() -> None:
    memory = known(deal(status="open"), deal(status="won"))

    assert compare(memory, deal(status="open"), DEAL, (1, 9)) == Change((), {})
    assert remember(memory, deal(status="open"), DEAL, (1, 9), "evt_9") == memory


def test_of_one_moment_the_one_accepted_later_counts() -> None:
    memory = known(deal(status="open"))

    assert compare(memory, deal(status="won"), DEAL, (1, 2)).changed == ("deal.status",)
    assert compare(memory, deal(status="won"), DEAL, (1, 0)).changed == ()


def test_the_event_is_told_what_changed_under_the_names_of_rules() -> None:
    normal = deal(status="won")

    told = with_change(normal, Change(("deal.status",), {"deal.status": "open"}))

    assert told == {
        **normal,
        "changed": ["deal.status"],
        "previous": {"deal": {"status": "open"}},
    }
    assert "changed" not in normal


@pytest.mark.parametrize("said", [{"changed": ["deal.name"]}, {"previous": {}}], ids=str)
def test_what_the_sender_says_of_change_is_not_overwritten(said: dict[str, Any]) -> None:
    normal = {**deal(status="won"), **said}

    assert with_change(normal, Change(("deal.status",), {})) == normal


# -- what is kept ------------------------------------------------------------------------------


def test_nothing_personal_is_kept_in_clear() -> None:
    person = {
        "id": "8",
        "name": "Ada Lovelace",
        "email": "ada@customer.example",
        "custom": {"Street": "Analytical Row"},
    }

    kept = memory_text(known(event(contact=person), record=Record("contact", "contact", "8")))
    names = memory_text(known(deal(name="Ada Lovelace", status="won", stage="Signed")))

    for secret in ("Ada", "Lovelace", "ada@", "Analytical"):
        assert secret not in kept + names
    assert '"won"' in names
    assert '"Signed"' in names


def test_equal_values_of_two_records_do_not_look_equal() -> None:
    first, second = (
        known(event(deal={"name": "Ada"}), record=Record("deal", "deal", id_)) for id_ in "78"
    )

    assert first.fields["deal.name"] != second.fields["deal.name"]


def test_a_record_with_too_many_fields_keeps_only_what_is_in_clear() -> None:
    many = {f"field {number}": number for number in range(1000)}
    before = deal(status="open", custom=many)

    memory = known(before)

    assert len(memory_text(memory)) < LARGEST
    assert (memory.partial, memory.fields) == (True, {"deal.status": ["open"]})
    after = deal(status="won", custom=many | {"field 1": "another"})
    assert compare(memory, after, DEAL, (2, 2)) == Change(("deal.status",), {"deal.status": "open"})


def test_the_longest_values_in_clear_fit() -> None:
    longest = dict.fromkeys(("status", "stage", "pipeline", "amount", "currency"), "ä" * 32)
    custom = {f"field {number}": number for number in range(1000)}

    assert len(memory_text(known(deal(**longest, product="p" * 198, custom=custom)))) <= LARGEST


def test_what_was_found_is_read_as_it_was_written() -> None:
    change = Change(("deal.status", "deal.custom.\u00e4"), {"deal.status": None})

    assert read_change(change_text(change)) == change
    assert read_memory("") is None


@given(value=json_values, other=json_values)
def test_the_same_value_of_any_shape_has_not_changed(value: object, other: object) -> None:
    def of(each: object) -> dict[str, Any]:
        return event(deal={"id": 7, "custom": each, "status": each, "name": each})

    assert changes(of(value), of(value)).changed == ()
    assert changes(of(other), of(value), of(value)).changed == ()
    assert "deal.name" in changes(of(value), of([value])).changed
