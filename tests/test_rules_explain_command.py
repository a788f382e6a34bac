"""`usher rules explain`: a stored event, or one in a file, held against the rules on disk."""

import json
from pathlib import Path

import pytest

from tests.rules_desk import ADA, BOB, Desk, came, dispatched, make_desk, on_terminal, run_of
from workers.store import Store

SAMPLES = Path(__file__).parent / "samples"


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


def test_a_recorded_delivery_is_explained_in_the_words_of_the_rule(desk: Desk) -> None:
    desk.file("shop-1.json", {"kind": "sold", **ADA, "course": "safety"})

    result = desk("rules", "explain", "course-sold", "shop-1.json")

    assert result.exit_code == 0
    version = desk.book().rule("course-sold").short_hash
    assert result.stdout == (
        f"rule course-sold (version {version})\n"
        '  NO  body.course one_of ["Safety", "Fire"]   (event has: "safety")'
        "   <- differs only in capital letters or spaces\n"
        'no: body.course one_of ["Safety", "Fire"] (event has "safety");'
        " differs only in capital letters or spaces\n"
        "if it matched, it would do:\n"
        "  enrol\n"
        "     email             ada@x.example\n"
        "     course_id         101\n"
        "     on_unknown_user   invite\n"
        "     marketing_emails  false\n"
    )


def test_a_value_that_cannot_be_filled_in_is_named(desk: Desk) -> None:
    desk.file("shop-1.json", {"kind": "sold", "course": "Fire"})

    lines = desk("rules", "explain", "course-sold", "shop-1.json").stdout.splitlines()

    assert lines[-2:] == ["it does:", "  enrol: fails, email: body.email is missing in the event"]


@pytest.mark.parametrize(
    ("name", "document"),
    [
        pytest.param(
            "e.json",
            {"event": {"source": "shop", "type": "sold"}, "body": ADA},
            id="an event in the normal form",
        ),
        pytest.param("e.json", {"body": ADA}, id="the same without its event"),
        pytest.param(
            "e.yaml",
            "event: {source: shop, type: sold}\nbody: {course: Safety, email: ada@x.example}\n",
            id="the same as YAML",
        ),
        pytest.param(
            "e.json", {"source": "shop", "type": "sold", "raw": ADA}, id="a body with its type"
        ),
        pytest.param(
            "e.json",
            {"event": {"source": "shop", "type": "sold"}, "raw": ADA},
            id="a body and an event",
        ),
        pytest.param(
            "shop-1.http",
            "Content-Type: application/json\n\n" + json.dumps({"kind": "sold", **ADA}),
            id="a recorded request",
        ),
    ],
)
def test_an_event_can_be_written_in_many_ways(desk: Desk, name: str, document: object) -> None:
    told = desk.data("rules", "explain", "course-sold", desk.file(name, document))

    assert told["matched"], told
    [item] = told["items"]
    assert item["steps"][0]["parameters"]["email"] == "ada@x.example"


def test_the_source_of_a_file_can_be_said(desk: Desk) -> None:
    name = desk.file("some.json", {"kind": "sold", **ADA})

    refused = desk("rules", "explain", "course-sold", name)
    told = desk.data("rules", "explain", "course-sold", name, "--source", "shop")

    assert refused.exit_code == 2
    assert "does not say whose delivery it holds" in refused.stderr
    assert told["event"]["source"] == "shop"


def test_a_batch_is_looked_through_for_the_event_that_the_rule_is_about(desk: Desk) -> None:
    batch = str(SAMPLES / "hubspot-batch.json")
    desk.write(
        "version: 1\nrules:\n  - id: deal-made\n    when: {source: hubspot, event: deal.created}\n"
        "    then: [{action: enrol, with: {email: a@x.example, course_id: 1}}]\n"
    )

    fitting = desk("rules", "explain", "deal-made", batch)
    named = desk("rules", "explain", "deal-made", batch, "--number", "99")

    assert "holds 3 events; this is number" in fitting.stderr
    assert (named.exit_code, "there is no number 99" in named.stderr) == (2, True)


def test_a_sender_that_never_says_what_changed_is_told_of(desk: Desk) -> None:
    desk.write(
        "version: 1\nrules:\n  - id: deal-won\n    when: {source: copper, event: deal.updated}\n"
        "    if: {deal.status: {becomes: won}}\n"
        "    then: [{action: enrol, with: {email: a@x.example, course_id: 1}}]\n"
    )
    sample = str(SAMPLES / "salesforce-outbound-deal-won.http")

    result = desk("rules", "explain", sample)

    assert "never says what changed" in result.stderr


def test_without_a_rule_every_rule_about_that_source_and_type_speaks(desk: Desk) -> None:
    second = desk.rules.read_text().partition("rules:\n")[2].replace("course-sold", "second")
    desk.write(desk.rules.read_text() + second)
    name = desk.file("shop-1.json", {"kind": "sold", **ADA})

    result = desk("rules", "explain", name)

    assert result.stdout.startswith("shop-1.json: sold of shop, 2 rules about it\n\n")
    assert [one["rule"] for one in desk.data("rules", "explain", name)] == ["course-sold", "second"]


def test_an_event_that_no_rule_is_about_is_said(desk: Desk) -> None:
    result = desk("rules", "explain", desk.file("shop-1.json", {"kind": "returned"}))

    assert (result.exit_code, result.stderr) == (0, "No rule is about that source and type.\n")


def test_a_misspelt_rule_leads_to_the_right_one(desk: Desk) -> None:
    result = desk("rules", "explain", "course-sould", "last")

    assert result.exit_code == 1
    assert result.stderr == "There is no rule 'course-sould'.\nDid you mean course-sold?\n"


def test_files_with_mistakes_are_named_where_a_rule_is_missing(desk: Desk) -> None:
    desk.edit("enrol\n", "enroll\n")

    result = desk("rules", "explain", "course-sold", "last")

    assert "These files have mistakes (`usher rules check` tells them): shop.yaml" in result.stderr


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("answers.json", '{"people": [{"email": "eve@x.example"}]}'),
        ("answers.yaml", "people:\n  - email: eve@x.example\n"),
    ],
)
def test_answers_of_look_ups_come_from_a_file(desk: Desk, name: str, text: str) -> None:
    desk.edit(
        "    then:\n",
        "    lookup: {people: {use: coursebox.learners, with: {course_id: 7}}}\n    then:\n",
    )
    desk.edit('"${ body.email }"', '"${ people[0].email }"')
    event = desk.file("shop-1.json", {"kind": "sold", **ADA})

    without = desk.data("rules", "explain", "course-sold", event)
    answered = desk.data(
        "rules", "explain", "course-sold", event, "--lookups", desk.file(name, text)
    )

    assert without["items"][0]["steps"][0]["error"] == "not done: needs lookup people"
    assert answered["items"][0]["steps"][0]["parameters"]["email"] == "eve@x.example"


def test_a_stored_event_is_explained_with_what_its_run_was_told(stored: Desk, store: Store) -> None:
    lookup = "    lookup: {people: {use: coursebox.learners, with: {course_id: 7}}}\n    then:\n"
    stored.edit("    then:\n", lookup)
    stored.edit('"${ body.email }"', '"${ people[0].email }"')
    stored.write(stored.rules.read_text().partition("    tests:\n")[0])
    event_id, claim = run_of(store, stored, ADA)
    assert claim is not None
    store.keep_lookup(claim, "people", json.dumps([{"email": "eve@x.example"}]))

    told = stored.data("rules", "explain", "course-sold", event_id)

    assert told["items"][0]["steps"][0]["parameters"]["email"] == "eve@x.example"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["a", "b", "c"], "give a rule and an event, or an event alone"),
        (["course-sold", "nothing.json"], "nothing.json: No such file or directory"),
        (["course-sold", "broken.yaml"], "broken.yaml:2: "),
        (["course-sold", "shop-broken.http"], "shop-broken.http is no recorded delivery"),
        (["course-sold", "shop-broken.json"], "shop-broken.json is no delivery of hmac"),
        (["e.json"], "e.json does not say of which source and type the event is"),
        (["course-sold", "some.json", "--source", "nobody"], "no source and no preset 'nobody'"),
        (["course-sold", "e.json", "--at", "soon"], "'soon' is no time"),
        (["course-sold", "e.json", "--lookups", "shop-broken.json"], "is not JSON"),
        (["course-sold", "e.json", "--lookups", "list.json"], "answers are written like"),
        (["course-sold", "e.json", "--lookups", "broken.yaml"], "broken.yaml:2: "),
    ],
)
def test_what_cannot_be_explained_says_why(desk: Desk, words: list[str], why: str) -> None:
    desk.write("version: 1\nrules: []\n" if len(words) == 1 else desk.rules.read_text())
    desk.file("e.json", {"body": ADA})
    desk.file("some.json", {"kind": "sold"})
    desk.file("list.json", [])
    desk.file("broken.yaml", "a: 1\na: 2\n")
    desk.file("shop-broken.http", "no header\n\n{}")
    desk.file("shop-broken.json", "{")

    result = desk("rules", "explain", *words)

    assert result.exit_code == 2
    assert why in result.stderr


def test_the_time_of_an_event_in_a_file_can_be_said(desk: Desk) -> None:
    name = desk.file("e.json", {"body": ADA})

    told = desk.data("rules", "explain", "course-sold", name, "--at", "2026-04-15T12:00:00+02:00")

    assert told["event"]["received_at"] == "2026-04-15T10:00:00.000Z"


def test_a_stored_event_is_found_by_its_id_its_end_or_as_the_last(
    stored: Desk, store: Store
) -> None:
    first = came(store, ADA)
    came(store, BOB)
    came(store, {"id": 3}, "returned")

    by_id = stored.data("rules", "explain", "course-sold", first)
    by_end = stored.data("rules", "explain", "course-sold", first[-8:])
    last = stored.data("rules", "explain", "course-sold", "last")

    assert by_id == by_end
    assert (by_id["event"]["name"], by_id["matched"]) == (first, True)
    assert (last["event"]["type"], last["matched"]) == ("sold", False)


def test_what_the_rule_said_when_the_event_came_is_told_if_it_says_something_else_now(
    stored: Desk, store: Store
) -> None:
    event_id = dispatched(store, stored, ADA)
    same = stored("rules", "explain", "course-sold", event_id)
    stored.edit("[Safety, Fire]", "Juggling")

    other = stored("rules", "explain", "course-sold", event_id)

    assert "when it came" not in same.stdout
    assert "\nwhen it came, the rule said yes: all conditions hold\n" in other.stdout


@pytest.mark.parametrize(
    ("key", "why"),
    [
        ('once_per: "${ body.email }"', "skipped: once_per: {first} came first with the same key"),
        ("limit: {runs: 1, per: 1 hour}", "parked: the rule is limited to 1 run in 1 hour"),
    ],
    ids=["skipped", "parked"],
)
def test_a_run_that_was_not_let_begin_is_told_of(
    stored: Desk, store: Store, key: str, why: str
) -> None:
    stored.edit("    then:\n", f"    {key}\n    then:\n")
    first_id, second_id = (
        dispatched(store, stored, ADA),
        dispatched(store, stored, {**ADA, "id": 2}),
    )
    [first], [second] = (store.event(each).runs for each in (first_id, second_id))
    why = why.format(first=first)

    let, stopped = (stored("rules", "explain", each).stdout for each in (first_id, second_id))

    assert ("its run" in let, "\nit does:\n" in let) == (False, True)
    assert f"\nits run {second}: {why}\nbut for that, it would do:\n" in stopped
    [told] = stored.data("rules", "explain", second_id)
    assert told["stopped_runs"] == [{"run": second, "why": why}]


def test_on_a_narrow_terminal_the_note_stands_below_its_line(desk: Desk) -> None:
    name = desk.file("shop-1.json", {"kind": "sold", **ADA, "course": "safety"})

    lines = on_terminal("rules", "explain", "course-sold", name, columns=80)

    assert lines[1:3] == [
        '  NO  body.course one_of ["Safety", "Fire"]   (event has: "safety")',
        "        <- differs only in capital letters or spaces",
    ]
    assert max(map(len, lines)) <= 80


def test_the_last_of_all_events_is_taken_where_none_is_about_the_rule(
    stored: Desk, store: Store
) -> None:
    came(store, {"id": 3}, "returned")

    told = stored.data("rules", "explain", "course-sold", "last")

    assert told["reason"] == "no: the rule is about sold of shop (this event is: returned of shop)"


def test_json_has_every_fact_of_the_text(desk: Desk) -> None:
    name = desk.file("shop-1.json", {"kind": "sold", **BOB})

    told = desk.data("rules", "explain", "course-sold", name, "--rules", "rules")

    assert told["conditions"] == [
        {
            "ok": False,
            "text": 'body.course one_of ["Safety", "Fire"]   (event has: "Juggling")',
            "note": None,
            "depth": 0,
            "field": "body.course",
            "comparison": "one_of",
            "wanted": ["Safety", "Fire"],
            "found": "Juggling",
        }
    ]
    assert (told["rule"], told["file"], told["line"]) == ("course-sold", "shop.yaml", 4)
