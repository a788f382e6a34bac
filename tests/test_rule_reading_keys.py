"""What each key of a rule, a step and a file comes to, and who may speak of what."""

from __future__ import annotations

from typing import Any

import pytest

from rulebook import LookupShape, Reading, Rule, Vocabulary, read_folder
from tests.rule_texts import FILE

# Of what this file came to before there were more keys than these.
HASH = "dbb6a68489c140fc246ec02327e3a2ee1c7b53686f7e15e2b9cf4c896039978f"
BARE = FILE[: FILE.index("    tests:")]
CONTACTS = 'lookup: {contacts: {use: hubspot.contacts, with: {deal_id: "${ deal.id }"}}}'
USER = 'lookup: {user: {use: coursebox.user, with: {email: "${ contact.email }"}}}'
VOCABULARY = Vocabulary(
    lookups={
        "hubspot.contacts": LookupShape(
            ("deal_id",), frozenset({"deal_id"}), ("id", "email"), is_list=True
        ),
        "coursebox.user": LookupShape(("email",), frozenset({"email"}), ("id",)),
        "acme.thing": LookupShape(),
    },
)


def read(text: str, vocabulary: Vocabulary = VOCABULARY) -> Reading:
    return read_folder({"r.yaml": text}, vocabulary)


def errors(text: str) -> list[str]:
    return [problem.headline for problem in read(text).problems if problem.is_error]


def codes(text: str, vocabulary: Vocabulary = VOCABULARY) -> list[str]:
    return [problem.code for problem in read(text, vocabulary).problems]


def rule_of(text: str) -> Rule:
    assert errors(text) == []
    return read(text).files["r.yaml"].rules[0]


def in_rule(*lines: str) -> str:
    return BARE.replace("    if:\n", "".join(f"    {line}\n" for line in lines) + "    if:\n", 1)


def in_step(*lines: str) -> str:
    return BARE.replace(
        "        with:\n", "".join(f"        {line}\n" for line in lines) + "        with:\n", 1
    )


def in_file(*lines: str) -> str:
    return BARE.replace("rules:\n", "".join(f"{line}\n" for line in lines) + "rules:\n", 1)


@pytest.mark.parametrize(
    ("lines", "key", "canonical"),
    [
        pytest.param(
            ["active: {from: 2026-04-01, until: 2026-04-30}"],
            "active",
            {"from": "2026-04-01", "until": "2026-04-30"},
            id="days from and until",
        ),
        pytest.param(
            ["active: {from: 2026-04-01t08:00:00z}"],
            "active",
            {"from": "2026-04-01T08:00:00Z"},
            id="a moment in capitals",
        ),
        pytest.param(
            ["active: {timezone: Europe/Berlin, days: [fri, mon, fri], hours: 22:00-06:00}"],
            "active",
            {"timezone": "Europe/Berlin", "days": ["mon", "fri"], "hours": ["22:00", "06:00"]},
            id="days in their order and hours past midnight",
        ),
        pytest.param(
            ["active: {timezone: UTC, hours: 18:00 - 24:00}"],
            "active",
            {"timezone": "UTC", "hours": ["18:00", "24:00"]},
            id="hours until the end of the day",
        ),
        pytest.param(
            ['rollout: {percent: 50, by: "${ contact.email }"}'],
            "rollout",
            {"percent": 50, "by": "${ contact.email }"},
            id="rollout",
        ),
        pytest.param(
            ['rollout: {percent: 0.25, by: "${ contact.email }"}'],
            "rollout",
            {"percent": 0.25, "by": "${ contact.email }"},
            id="a quarter of one percent",
        ),
        pytest.param(
            [CONTACTS],
            "lookup",
            {"contacts": {"use": "hubspot.contacts", "with": {"deal_id": "${ deal.id }"}}},
            id="a look-up",
        ),
        pytest.param(
            ["lookup: {thing: {use: acme.thing}}"],
            "lookup",
            {"thing": {"use": "acme.thing", "with": {}}},
            id="a look-up that is asked with nothing",
        ),
        pytest.param(
            [USER, "require: {user.id: {is_present: true}}"],
            "require",
            {"user.id": {"is_present": True}},
            id="require",
        ),
        pytest.param(
            [CONTACTS, "for_each: contacts"],
            "for_each",
            {"items": "${ contacts }", "max": 100},
            id="a list that was looked up",
        ),
        pytest.param(
            ["for_each: {items: body.rows, max: 1000}"],
            "for_each",
            {"items": "${ body.rows }", "max": 1_000},
            id="a longer list",
        ),
        pytest.param(
            ["once_per: ${ contact.email }"],
            "once_per",
            {"key": "${ contact.email }"},
            id="once for ever",
        ),
        pytest.param(
            ['once_per: {key: "${ contact.email }/101", within: 30 days}'],
            "once_per",
            {"key": "${ contact.email }/101", "within": 2_592_000},
            id="once in a month",
        ),
        pytest.param(
            ["limit: {runs: 200, per: 1 hour}"], "limit", {"runs": 200, "per": 3_600}, id="limit"
        ),
        pytest.param(["priority: high"], "priority", "high", id="priority"),
        pytest.param(["priority: normal"], "priority", None, id="the usual priority"),
        pytest.param(["dry_run: true"], "dry_run", True, id="dry run"),
        pytest.param(["enabled: false"], "enabled", False, id="switched off"),
    ],
)
def test_a_key_of_a_rule_comes_to_its_canonical_form(
    lines: list[str], key: str, canonical: object
) -> None:
    assert rule_of(in_rule(*lines)).body["rule"].get(key) == canonical


@pytest.mark.parametrize(
    ("lines", "canonical"),
    [
        pytest.param(["delay: 3 days"], {"delay": 259_200}, id="delay"),
        pytest.param(["delay: 0 seconds"], {}, id="no delay"),
        pytest.param(["on_error: continue"], {"on_error": "continue"}, id="goes on after errors"),
        pytest.param(["on_error: stop"], {}, id="stops at errors"),
        pytest.param(
            ["retry: {attempts: 2, first_wait: 1 minute}"],
            {"retry": {"attempts": 2, "first_wait": 60}},
            id="retry",
        ),
        pytest.param(
            ["only_if: {deal.amount: {at_least: 5}}"],
            {"only_if": {"deal.amount": {"at_least": 5}}},
            id="only if",
        ),
        pytest.param(
            [USER, "only_if: {user.id: {is_present: false}}"],
            {
                "lookup": {
                    "user": {"use": "coursebox.user", "with": {"email": "${ contact.email }"}}
                },
                "only_if": {"user.id": {"is_present": False}},
            },
            id="look-up",
        ),
        pytest.param(["notes: for the newcomers"], {}, id="notes"),
    ],
)
def test_a_key_of_a_step_comes_to_its_canonical_form(
    lines: list[str], canonical: dict[str, Any]
) -> None:
    [step] = rule_of(in_step(*lines)).body["rule"]["then"]

    assert {key: step[key] for key in step.keys() - {"id", "action", "with"}} == canonical


def test_a_body_without_the_later_keys_is_the_one_it_always_was() -> None:
    assert rule_of(FILE).hash == HASH


@pytest.mark.parametrize(
    "text",
    [
        in_rule("owner: sam@usher.example", "tags: [sales]", "notes: x", "priority: normal"),
        in_file("tags: [sales]", "matching: first", "defaults: {priority: normal}"),
        in_step("notes: x", "on_error: stop", "delay: 0 minutes"),
    ],
    ids=["rule", "file", "step"],
)
def test_what_is_for_people_or_says_nothing_new_is_no_part_of_the_version(text: str) -> None:
    assert rule_of(text).hash == HASH


def test_a_rule_is_owned_by_its_owner_or_that_of_its_file() -> None:
    of_file = rule_of(in_file("tags: [sales, eu]", "matching: first"))
    own = rule_of(in_rule("owner: Sam@usher.example", "tags: [won]"))

    assert (of_file.owner, of_file.tags, of_file.matching) == (
        *("ops@usher.example", ("sales", "eu"), "first"),
    )
    assert (own.owner, own.tags, own.matching) == ("sam@usher.example", ("won",), "all")


def test_a_file_whose_rules_all_have_owners_needs_none() -> None:
    text = in_rule("owner: sam@usher.example").replace("owner: ops@usher.example\n", "", 1)

    assert "W04" not in codes(text)


DEFAULTS = "defaults: {retry: {attempts: 5, first_wait: 1 minute}, priority: low, dry_run: true}"


@pytest.mark.parametrize(
    ("lines", "body"),
    [
        pytest.param(
            [],
            {"retry": {"attempts": 5, "first_wait": 60}, "priority": "low", "dry_run": True},
            id="all of the file",
        ),
        pytest.param(
            ["retry: {attempts: 2}", "priority: normal", "dry_run: false"],
            {"retry": {"attempts": 2, "first_wait": 60}},
            id="the rule's own",
        ),
    ],
)
def test_defaults_count_where_the_rule_says_nothing(lines: list[str], body: dict[str, Any]) -> None:
    text = in_rule(*lines).replace("rules:\n", f"{DEFAULTS}\nrules:\n", 1)

    found = rule_of(text).body["rule"]

    assert {key: found[key] for key in ("retry", "priority", "dry_run") if key in found} == body


@pytest.mark.parametrize(
    ("lines", "limit"),
    [
        pytest.param([], {"runs": 9, "per": 60}, id="of the file"),
        pytest.param(["limit: {runs: 1, per: 1 day}"], {"runs": 1, "per": 86_400}, id="own"),
    ],
)
def test_the_limit_of_a_file_counts_for_each_rule_without_one(
    lines: list[str], limit: dict[str, int]
) -> None:
    text = in_rule(*lines).replace(
        "rules:\n", "defaults: {limit: {runs: 9, per: 1 minute}}\nrules:\n", 1
    )

    assert rule_of(text).body["rule"]["limit"] == limit


def test_a_step_takes_from_the_rule_what_it_leaves_out_of_its_retries() -> None:
    text = in_step("retry: {attempts: 1}").replace(
        "    if:\n", "    retry: {max_wait: 1 hour}\n    if:\n", 1
    )

    [step] = rule_of(text).body["rule"]["then"]

    assert step["retry"] == {"attempts": 1, "max_wait": 3_600}


def test_every_table_that_a_rule_names_anywhere_is_part_of_it() -> None:
    tables = "tables: {a: {x: 1}, b: {x: 1}, c: {x: 1}, d: {x: 1}, e: {x: 1}, f: {x: 1}}"
    text = in_rule(
        'rollout: {percent: 5, by: "${ deal.id | lookup(a) }"}',
        'lookup: {user: {use: coursebox.user, with: {email: "${ deal.id | lookup(b) }"}}}',
        "require: {user.id: {in_table: c}}",
        'once_per: "${ deal.id | lookup(d) }"',
    ).replace(
        "        with:\n",
        "        lookup: {thing: {use: coursebox.user, with: {email: '${ raw | lookup(e) }'}}}\n"
        "        only_if: {thing.id: {in_table: f}}\n        with:\n",
        1,
    )

    found = rule_of(text.replace("rules:\n", f"{tables}\nrules:\n", 1)).body["tables"]

    assert sorted(found) == ["a", "b", "c", "d", "e", "f"]


def test_a_look_up_can_be_asked_with_what_those_above_it_gave() -> None:
    lookups = (
        "lookup:",
        '  contacts: {use: hubspot.contacts, with: {deal_id: "${ deal.id }"}}',
        '  user: {use: coursebox.user, with: {email: "${ contacts[0].email }"}}',
    )

    assert errors(in_rule(*lookups)) == []


def test_what_is_looked_up_can_be_spoken_of_from_require_on() -> None:
    text = in_rule(
        CONTACTS,
        "require: {contacts: {count: {at_least: 1}}}",
        "for_each: contacts",
        "once_per: ${ item.email }",
    )
    text = text.replace(
        "        with:\n",
        "        only_if: {item.email: {ends_with: '@acme.example'}, 'contacts[0].id': 5}\n"
        "        with:\n          first_name: ${ contacts[0].id }\n",
    )

    assert errors(text) == []


def test_what_a_look_up_gives_is_not_checked_where_nobody_knows_its_fields() -> None:
    text = in_rule("lookup: {thing: {use: acme.thing}}", "require: {thing.any.where: x}")

    assert errors(text) == []


def test_look_ups_are_not_checked_where_nobody_knows_which_there_are() -> None:
    text = in_rule("lookup: {thing: {use: some.thing, with: {any: 5}}}", "require: {thing.x: 5}")

    assert [code for code in codes(text, Vocabulary()) if code[0] in "RSF"] == []


def test_a_step_may_look_up_again_what_the_rule_looked_up() -> None:
    text = in_rule(USER).replace("        with:\n", f"        {USER}\n        with:\n", 1)

    assert errors(text) == []


@pytest.mark.parametrize(
    ("place", "word", "meant"),
    [
        ("rule", "trigger", "when"),
        ("rule", "conditions", "if"),
        ("rule", "criteria", "if"),
        ("rule", "percentage", "rollout"),
        ("rule", "schedule", "active"),
        ("rule", "enrich", "lookup"),
        ("rule", "guard", "require"),
        ("rule", "matrix", "for_each"),
        ("rule", "concurrency", "once_per"),
        ("rule", "throttle", "limit"),
        ("rule", "actions", "then"),
        ("rule", "queue", "priority"),
        ("rule", "labels", "tags"),
        ("rule", "description", "notes"),
        ("step", "if", "only_if"),
        ("step", "when", "only_if"),
        ("step", "wait", "delay"),
        ("step", "continue-on-error", "on_error"),
        ("step", "fetch", "lookup"),
        ("step", "retries", "retry"),
        ("file", "mode", "matching"),
        ("file", "settings", "defaults"),
        ("file", "lookup_tables", "tables"),
    ],
)
def test_words_of_other_tools_lead_to_ours(place: str, word: str, meant: str) -> None:
    put = {"rule": in_rule, "step": in_step, "file": in_file}[place]

    [problem] = [one for one in read(put(f"{word}: x")).problems if one.is_error]

    assert (problem.code, problem.label) == ("S01", f'did you mean "{meant}"?')


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        pytest.param("none: [{contact.country: DE}]", ["W11"], id="often missing"),
        pytest.param("none: [{any: [{contact.country: DE}]}]", ["W11"], id="further inside"),
        pytest.param("none: [{contact.email: x}]", [], id="usually there"),
        pytest.param("any: [{contact.country: DE}]", [], id="not under none"),
        pytest.param(
            "{contact.country: {is_present: true}, none: [{contact.country: DE}]}",
            [],
            id="its presence is asked for",
        ),
    ],
)
def test_what_none_lets_through_is_noted(condition: str, found: list[str]) -> None:
    missing = {"crm": {"deal.updated": frozenset({"contact.country"})}}
    text = BARE.replace("    if:\n      deal.status: won\n", f"    if: {condition}\n")
    if not condition.startswith("{"):
        text = text.replace(f"if: {condition}", f"if:\n      {condition}")
    text = text.replace("pipedrive", "crm")

    reported = codes(text, Vocabulary(often_missing=missing))

    assert [code for code in reported if code not in {"W01", "W02"}] == found


@pytest.mark.parametrize(
    ("condition", "warned"),
    [
        pytest.param("", True, id="always"),
        pytest.param("only_if: {deal.amount: 5}", False, id="the step has a condition"),
    ],
)
def test_unenrolling_without_a_condition_is_noted(condition: str, warned: bool) -> None:
    text = in_step(*([condition] if condition else [])).replace("action: enrol", "action: unenrol")
    text = text.replace("    if:\n      deal.status: won\n", "")

    assert ("W05" in codes(text)) is warned
