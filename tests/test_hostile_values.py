"""Values that nobody means well with: they stay data, and cost no more than their size.

`make proof` measures what they cost in time.
"""

import json
import re
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any, Final

import pytest

from rulebook import RenderError, Rule
from rulebook.filters import FILTERS
from rulebook.operators import OPERATORS
from rulebook.paths import MAX_ITEMS
from tests.proofs.hostile_values import (
    COMPARISONS,
    FILTERED,
    HOSTILE,
    NOW,
    ended,
    event_with,
    nested,
    rules,
    what_is_not_plain,
)

RULES: Final = rules()
CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def calls(work: Callable[[], object]) -> int:
    """How many functions were called, Python's own included: a measure that no clock disturbs."""
    counted = 0

    def count(frame: FrameType, event: str, arg: Any) -> None:
        nonlocal counted
        counted += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(before)
    return counted


def rendered(name: str, value: object) -> dict[str, Any]:
    return RULES[name].render(0, event_with(value))


def texts_in(value: object) -> list[str]:
    found, waiting = [], [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            found.append(one)
        elif isinstance(one, dict):
            waiting += [*one, *one.values()]
        elif isinstance(one, list):
            waiting += one
    return found


def test_every_comparison_and_every_filter_meets_every_value() -> None:
    assert COMPARISONS.keys() == OPERATORS.keys()
    assert FILTERED.keys() == FILTERS.keys()
    assert len(RULES) > 80


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_is_raised_and_plain_data_comes_out(name: str) -> None:
    event = event_with(HOSTILE[name])

    made = [ended(rule, event) for rule in RULES.values()]

    assert list(what_is_not_plain(made)) == []
    assert json.loads(json.dumps(made)) == made
    assert not any("s3cret" in text or "S3CRET" in text for text in texts_in(made))


@pytest.mark.parametrize("name", HOSTILE)
def test_what_goes_to_coursebox_is_short_and_can_be_written(name: str) -> None:
    event = event_with(HOSTILE[name])

    for rule in RULES.values():
        for parameters in (made for made in _rendered(rule, event) if made):
            for text in texts_in(parameters):
                assert not CONTROL.search(text)
                assert len(text.encode()) <= 40_000


def _rendered(rule: Rule, event: dict[str, object]) -> list[dict[str, object]]:
    found = []
    try:
        for item in rule.items(event)[:50]:
            found.append(rule.render(0, event, item.value))
    except RenderError:
        pass
    return found


@pytest.mark.parametrize("place", ["place-in-text", "filter-to-text", "filter-trim"])
def test_template_text_in_a_form_field_stays_text(place: str) -> None:
    written = HOSTILE["template"]

    message = rendered(place, written)["message"]

    assert isinstance(written, str)
    assert written in message


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("place-email", HOSTILE["two addresses"]),
        ("place-email", HOSTILE["two lines of addresses"]),
        ("place-email", HOSTILE["control characters"]),
        ("place-email", {"email": "ada@meadow.example"}),
        ("place-email", ["ada@meadow.example"]),
        ("place-course", HOSTILE["course path"]),
        ("place-course", HOSTILE["path"]),
        ("place-course", HOSTILE["query"]),
        ("place-course", HOSTILE["true"]),
        ("place-course", HOSTILE["other digits"]),
        ("place-course", HOSTILE["huge number"]),
        ("place-user", HOSTILE["path"]),
        ("place-user", HOSTILE["query"]),
        ("place-flag", "yes, please"),
    ],
)
def test_what_is_no_address_and_no_id_goes_nowhere(place: str, value: object) -> None:
    with pytest.raises(RenderError):
        rendered(place, value)


@pytest.mark.parametrize("value", [HOSTILE["attribute names"], HOSTILE["attribute name"], [], 5])
def test_no_path_reaches_into_python(value: object) -> None:
    verdict = RULES["place-attribute-path"].match(event_with(value), NOW)

    assert verdict.matched is isinstance(value, dict)


@pytest.mark.parametrize(
    "value", ["10,000 texts", "10,000 numbers", "10,000 blocks", "1,000 long texts"]
)
def test_a_list_that_is_too_long_makes_no_runs(value: str) -> None:
    with pytest.raises(RenderError, match=r"at most|more than"):
        RULES["place-items"].items(event_with(HOSTILE[value]))


@pytest.mark.parametrize("name", [f"if-{name.replace('_', '-')}" for name in COMPARISONS])
def test_a_comparison_goes_no_further_than_a_thousand_items(name: str) -> None:
    rule = RULES[name]
    some, many = (event_with(["a"] * count) for count in (MAX_ITEMS, 100 * MAX_ITEMS))

    assert calls(lambda: rule.match(many, NOW)) <= calls(lambda: rule.match(some, NOW)) + 20


@pytest.mark.parametrize("sign", ["a", "a,", "a\n", "a@", "ab?"])
def test_the_steps_of_a_rule_do_not_grow_with_a_text(sign: str) -> None:
    # what splits a text into pieces looks at a thousand of them at most
    long, longer = (event_with(sign * count) for count in (20_000, 200_000))

    grown = {
        name: (before, after)
        for name, rule in RULES.items()
        if (after := calls(lambda rule=rule: ended(rule, longer)))
        > (before := calls(lambda rule=rule: ended(rule, long))) + 50
    }

    assert grown == {}


def test_the_steps_of_a_pattern_are_those_of_its_length_and_the_text_s() -> None:
    value = event_with("ab" * 1_000)

    steps = calls(lambda: RULES["if-like"].match(value, NOW))

    assert steps < 100_000


@pytest.mark.parametrize("wrap", [lambda value: [value], lambda value: {"item": value}])
def test_depth_is_no_way_to_break_a_rule(wrap: Callable[[object], object]) -> None:
    event = event_with(nested(wrap, 50_000))

    for rule in RULES.values():
        assert rule.match(event, NOW).reason
        for made in _rendered(rule, event):
            assert list(what_is_not_plain(made)) == []
