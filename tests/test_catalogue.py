"""The catalogue of fields: what it names is given, and what is given it names."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from rulebook.fields import field_problem
from rulebook.paths import parse_path
from senders.adapters.adapter import Presence
from senders.catalogue import (
    fields_of,
    is_catalogued,
    is_given,
    paths_by_type,
    types_of,
)
from senders.normal import Facts, normalise
from senders.preset import Preset
from senders.presets import PRESETS
from senders.reading import read_events
from tests.samples import SAMPLES, Sample, delivered, source_of

NOW = datetime(2026, 4, 15, 10, tzinfo=UTC)
ROWS = list(PRESETS.values())


def forms_of(sample: Sample) -> Iterator[tuple[str, dict[str, object]]]:
    """Type and normal form of each event in the sample."""
    source = source_of(sample.preset)
    for event in read_events(source, delivered(sample, source, now=NOW.timestamp())):
        facts = Facts(event.identity, source.name, event.type, NOW, event.occurred_at)
        yield event.type, normalise(sample.preset.name, json.loads(event.body), facts)


def leaves(value: object, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The paths of a normal form down to its values; lists are values."""
    if isinstance(value, dict) and len(path) < 2:
        for name, inner in value.items():
            yield from leaves(inner, (*path, name))
    else:
        yield path


def named(path: tuple[str, ...], paths: frozenset[str]) -> bool:
    """Whether the catalogue has the path, or something below it."""
    parts = [each.replace("[]", "").split(".") for each in paths]
    return any(
        all(one in ("*", other) for one, other in zip(each, path, strict=False)) for each in parts
    )


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_every_field_that_a_sample_gives_is_in_the_catalogue(sample: Sample) -> None:
    missing = [
        (kind, ".".join(path))
        for kind, form in forms_of(sample)
        if is_catalogued(sample.preset, kind)
        for path in leaves(form)
        if not named(path, frozenset(field.path for field in fields_of(sample.preset, kind)))
    ]

    assert missing == []


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_a_field_that_is_always_there_is_in_every_sample(sample: Sample) -> None:
    absent = [
        (kind, field.path)
        for kind, form in forms_of(sample)
        if is_catalogued(sample.preset, kind)
        for field in fields_of(sample.preset, kind)
        if field.present is Presence.ALWAYS and not is_given(form, field.path)
    ]

    assert absent == []


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_the_type_of_a_sample_is_one_that_its_sender_has(sample: Sample) -> None:
    types = types_of(sample.preset)

    assert [kind for kind, _ in forms_of(sample) if types and kind not in types] == []


def sayable(path: str) -> str:
    """The path as a rule could have it; what was there before has the fields of its block."""
    return path.removesuffix(".*") if path.startswith("previous.") else path.replace(".*", ".x")


@pytest.mark.parametrize("preset", ROWS, ids=lambda row: row.name)
def test_a_catalogue_names_only_what_rules_can_say(preset: Preset) -> None:
    types = types_of(preset)

    for kind in paths_by_type(preset):
        paths = [sayable(field.path) for field in fields_of(preset, kind)]
        assert [path for path in paths if field_problem(parse_path(path))] == []
        assert len(paths) == len(set(paths)), kind
        assert kind == "*" or not types or kind in types


@pytest.mark.parametrize(
    ("path", "there"),
    [
        ("deal.status", True),
        ("deal.stage", False),
        ("deal", True),
        ("answers.*", True),
        ("hidden.*", False),
        ("order.items[].sku", True),
        ("order.items.name", False),
        ("order.products", False),
        ("deal.status.x", False),
        ("changed", True),
    ],
)
def test_a_field_is_looked_for_by_its_path(path: str, there: bool) -> None:
    form = {
        "deal": {"status": "won"},
        "answers": {"course": "a"},
        "hidden": {},
        "order": {"items": [{"id": 1}, {"sku": "x"}], "products": []},
        "changed": ["deal.status"],
    }

    assert is_given(form, path) is there


def test_the_first_of_two_fields_of_the_same_name_counts() -> None:
    fields = [field.path for field in fields_of(PRESETS["pipedrive"])]

    assert fields[:2] == ["event.id", "event.source"]
    assert fields[-1] == "raw"
    assert len(fields) == len(set(fields))


def test_what_only_some_types_have_is_not_always_there() -> None:
    of_all = {field.path: field.present for field in fields_of(PRESETS["hubspot"])}
    of_deals = {
        field.path: field.present for field in fields_of(PRESETS["hubspot"], "deal.created")
    }

    assert (of_all["deal.id"], of_all["event.id"]) == (Presence.SOMETIMES, Presence.ALWAYS)
    assert of_deals["deal.id"] is Presence.ALWAYS


def test_what_usher_remembers_is_a_field_of_senders_that_do_not_tell_it() -> None:
    row = PRESETS["activecampaign"]

    paths = {field.path for field in fields_of(row, "deal.updated")}

    assert row.remembers
    assert {"changed", "previous.deal.status", "previous.deal.stage"} <= paths
    # of which only a digest is kept
    assert "deal.name" in paths
    assert "previous.deal.name" not in paths
