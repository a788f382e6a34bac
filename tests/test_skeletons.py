"""A rule file made from an event: it is read without a mistake, and its own tests hold."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulebook import FIELDS, Reading, Vocabulary, read_folder, run_tests
from rulebook.skeletons import Skeleton, skeleton

NOW = datetime(2026, 4, 15, 10, tzinfo=UTC)
ABOUT = {"id": "1", "source": "crm", "type": "deal.updated"}
ANY_TEXT = st.text(max_size=30)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=20,
)


def made(event: dict[str, Any], **more: Any) -> Skeleton:
    return skeleton({"event": ABOUT, **event}, NOW, name="event evt_1", **more)


def read(one: Skeleton) -> Reading:
    return read_folder({"new.yaml": one.text}, Vocabulary())


def body(one: Skeleton) -> dict[str, Any]:
    [rule] = read(one).files["new.yaml"].rules
    found: dict[str, Any] = rule.body["rule"]
    return found


def test_a_deal_that_was_just_won_is_asked_whether_it_becomes_so() -> None:
    one = made(
        {
            "deal": {"id": 7, "status": "won", "custom": {"learner": "Ada@X.example"}},
            "changed": ["deal.status"],
            "previous": {"deal": {"status": "open"}},
        }
    )

    found = body(one)
    assert found["id"] == "crm-deal-updated"
    assert found["if"] == {"deal.status": {"becomes": "won"}}
    assert found["then"][0]["with"] == {"email": "${ deal.custom.learner }", "course_id": 101}
    assert found["dry_run"] is True
    assert [problem.headline for problem in read(one).problems] == []


@pytest.mark.parametrize(
    ("event", "condition"),
    [
        pytest.param({"deal": {"status": "won"}}, {"deal.status": "won"}, id="state alone"),
        pytest.param(
            {"change": {"field": "dealstage", "value": "closedwon"}},
            {"change.field": "dealstage", "change.value": "closedwon"},
            id="one change",
        ),
        pytest.param({"form": {"id": "abc"}}, {"form.id": "abc"}, id="a form"),
        pytest.param(
            {"body": {"id": "x", "kind": "booked"}}, {"body.kind": "booked"}, id="a body of its own"
        ),
        pytest.param(
            {"body": {"e-mail": "a@x.example", "room 1": 4}}, {'body["room 1"]': 4}, id="any name"
        ),
        pytest.param({"raw": {"type": "t"}}, {"raw.type": "t"}, id="nothing but the body"),
        pytest.param({"body": []}, None, id="nothing to ask"),
    ],
)
def test_the_condition_is_what_tells_such_events_apart(
    event: dict[str, Any], condition: dict[str, Any] | None
) -> None:
    assert body(made(event)).get("if") == condition


@pytest.mark.parametrize(
    ("event", "email"),
    [
        pytest.param({"contact": {"email": "a@x.example"}}, "${ contact.email }", id="contact"),
        pytest.param(
            {"answers": {"Your e-mail: ": "a@x.example", "email": "a@x.example"}},
            "${ answers.email }",
            id="the simplest name of an answer",
        ),
        pytest.param(
            {"answers": {'Say "hi" # now': "a@x.example"}},
            '${ answers["Say \\"hi\\" # now"] }',
            id="a question as it stands",
        ),
        pytest.param(
            {"deal": {"owner_email": "boss@x.example"}}, "learner@company.example", id="not ours"
        ),
    ],
)
def test_the_learner_is_where_an_address_stands(event: dict[str, Any], email: str) -> None:
    assert body(made(event))["then"][0]["with"]["email"] == email


def test_an_event_without_an_address_is_told() -> None:
    one = made({"deal": {"status": "won"}})

    assert one.notes == ("The event has no e-mail address: say where the learner's is.",)
    assert "email: learner@company.example  # <- the field that has" in one.text


def test_what_stands_twice_in_an_event_stands_once_in_the_test() -> None:
    one = made({"body": {"kind": "booked"}, "raw": {"kind": "booked"}})

    assert "raw:" not in one.text


def test_what_is_too_long_or_too_deep_is_left_out_and_told() -> None:
    deep: Any = "end"
    for _ in range(20):
        deep = {"in": deep}

    one = made({"body": {"deep": deep, "long": "x" * 5_000, "many": list(range(100))}})

    assert [problem.headline for problem in read(one).problems if problem.is_error] == []
    assert len(one.notes) == 4
    assert "x" * 2_001 not in one.text


def test_an_id_that_is_taken_gets_a_number() -> None:
    taken = {"crm-deal-updated", "crm-deal-updated-2"}

    assert made({}, taken=taken).rule_id == "crm-deal-updated-3"


def test_a_name_of_several_lines_stays_a_comment() -> None:
    one = skeleton({"event": ABOUT}, NOW, name="a\nrules: []")

    assert one.text.startswith("# Made from a rules: []. ")


@given(
    st.dictionaries(st.sampled_from(sorted(set(FIELDS) - {"event"})), JSON, max_size=4),
    ANY_TEXT.filter(lambda text: text.strip() and text.isprintable()),
)
def test_any_event_makes_a_rule_whose_tests_hold(roots: dict[str, Any], kind: str) -> None:
    fields = {
        root: {name: value.get(name) for name in FIELDS[root] if name in value}
        if FIELDS[root] and isinstance(value, dict)
        else value
        for root, value in roots.items()
    }
    event = {"event": {**ABOUT, "type": kind}, **fields}

    reading = read(skeleton(event, NOW, name="x"))

    assert [problem.headline for problem in reading.problems if problem.is_error] == []
    results = run_tests(reading.files["new.yaml"])
    assert [result.message for result in results if not result.passed] == []
    assert results
