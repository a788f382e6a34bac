"""What a rule does beyond its conditions: bodies, look-ups, requirements, keys, steps."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from rulebook import Limit, OncePer, RenderError, RetryPolicy, Rule
from rulebook.rule import hash_of
from tests.ruleset import ENROL, event, file_of, rule, rule_file, rule_text

NOW = datetime(2026, 4, 15, 10, tzinfo=UTC)

# A rule as the first version read it, with the hash that runs and the history know it by.
OLD = """\
version: 1
owner: ops@usher.example
tables:
  courses: {Safety Basics: 101, First Aid: 102}
rules:
  - id: hubspot-closed-won
    name: Deal won
    enabled: false
    when:
      - {source: hubspot, event: deal.workflow}
      - {source: crm, event: deal.updated}
    if:
      deal.stage: [closedwon, won]
      deal.product: {in_table: courses}
      none:
        - deal.custom.skip: true
    for_each: {items: deal.products, max: 20}
    then:
      - action: enrol
        with:
          email: ${ contact.email | trim }
          course_id: ${ item | lookup(courses) }
      - action: unenrol
        id: take-away
        with: {email: "${ contact.email }", course_id: 7}
    retry: {attempts: 8, first_wait: 30 seconds}
    dry_run: true
"""
OLD_HASH = "129aabf8386a356287d62d1699c20b52c96f0155c3d93673a415fb5bb57fbd1b"


def test_a_rule_of_the_first_version_keeps_its_hash() -> None:
    [old] = rule_file(OLD).rules

    assert old.hash == OLD_HASH


def test_an_old_body_means_what_it_meant() -> None:
    body = rule_file(OLD).rules[0].body
    won = event(
        "crm",
        "deal.updated",
        deal={"stage": "won", "product": "first aid", "products": ["Safety Basics", "First Aid"]},
        contact={"email": " Sam@Learner.example "},
    )

    stored = Rule.from_body(body)

    assert stored.match(won, NOW).matched
    assert (stored.lookups, stored.limit, stored.priority) == ((), None, "normal")
    assert [item.value for item in stored.items(won)] == ["Safety Basics", "First Aid"]
    assert stored.render(0, won, "First Aid")["course_id"] == 102
    assert stored.render(1, won)["email"] == "sam@learner.example"
    assert stored.retry == RetryPolicy(attempts=8, first_wait=30)
    assert [(step.delay, step.on_error, step.retry) for step in stored.steps] == [
        (0, "stop", None),
        (0, "stop", None),
    ]
    assert stored.only_if(0, won, NOW).matched
    assert stored.required(won, NOW).matched
    assert stored.once_key(won) is None


def test_a_body_of_another_engine_is_refused() -> None:
    body = rule_file(OLD).rules[0].body

    with pytest.raises(ValueError, match="made for engine 2, not 1"):
        Rule.from_body({**body, "engine": 2})


def test_a_body_with_a_key_of_a_later_version_is_refused() -> None:
    body = rule_file(OLD).rules[0].body
    first, *others = body["rule"]["then"]
    newer = {**body["rule"], "then": [{**first, "approve": "anna"}, *others], "quorum": 2}

    with pytest.raises(ValueError, match='uses "quorum" and "approve", which this Usher does not'):
        Rule.from_body({**body, "rule": newer})


def test_who_a_rule_is_for_is_no_part_of_its_hash() -> None:
    plain = rule()
    owned = rule("owner: anna@usher.example\nnotes: as agreed\ntags: [sales]\nname: Paid orders")

    assert owned.hash == plain.hash
    assert (owned.owner, owned.tags, owned.name) == (
        "anna@usher.example",
        ("sales",),
        "Paid orders",
    )
    assert (plain.owner, plain.tags, plain.name) == ("ops@usher.example", (), "a-rule")


@pytest.mark.parametrize(
    "keys",
    [
        "active: {days: [mon]}",
        "rollout: {percent: 50, by: '${ body.email }'}",
        "lookup: {found: {use: crm.person, with: {id: '${ body.id }'}}}",
        "require: {body.total: 5}",
        "once_per: ${ body.email }",
        "once_per: {key: '${ body.email }', within: 30 days}",
        "limit: {runs: 5, per: 1 hour}",
        "priority: high",
        "dry_run: true",
    ],
)
def test_what_changes_what_a_rule_does_changes_its_hash(keys: str) -> None:
    changed = rule(keys)

    assert changed.hash != rule().hash
    assert Rule.from_body(changed.body).hash == changed.hash == hash_of(changed.body)


LOOKING = """\
lookup:
  deal_found: {use: crm.deal, with: {id: '${ body.deal }', kind: won}}
  people: {use: crm.people, with: {company: '${ deal_found.company.id }'}}
require:
  deal_found.stage: won
  people: {count: {at_least: 1}}
for_each: people
once_per: {key: '${ item.email }-${ deal_found.id }', within: 30 days}
"""
SEAT = """\
- action: enrol
  with: {email: '${ item.email }', course_id: '${ deal_found.course }'}
- action: enrol
  id: second
  delay: 3 days
  lookup: {now: {use: crm.deal, with: {id: '${ body.deal }', mail: '${ item.email }'}}}
  only_if: {now.stage: won, item.email: {is_present: true}}
  on_error: continue
  retry: {attempts: 2}
  with: {email: '${ item.email }', course_id: '${ now.course }'}
"""


def test_look_ups_are_asked_with_what_the_event_has_and_what_was_found_before() -> None:
    looking = rule(LOOKING, SEAT)
    deal, people = looking.lookups
    scope = event(body={"deal": 77})

    assert [(call.name, call.use) for call in looking.lookups] == [
        ("deal_found", "crm.deal"),
        ("people", "crm.people"),
    ]
    assert looking.lookup_params(deal, scope) == {"id": 77, "kind": "won"}
    found = {**scope, "deal_found": {"company": {"id": "c-1"}}}
    assert looking.lookup_params(people, found) == {"company": "c-1"}
    with pytest.raises(RenderError, match=r'look-up "people": deal_found\.company\.id is missing'):
        looking.lookup_params(people, {**scope, "deal_found": None})


def found(**changes: Any) -> dict[str, Any]:
    deal = {"id": 77, "stage": "won", "course": 101, **changes}
    return {**event(body={"deal": 77}), "deal_found": deal, "people": [{"email": "a@b.example"}]}


def test_what_is_required_of_what_was_found_is_said_in_words() -> None:
    looking = rule(LOOKING, SEAT)

    yes, no = looking.required(found(), NOW), looking.required(found(stage="lost"), NOW)

    assert (yes.matched, yes.reason) == (True, "yes: all conditions hold")
    assert (no.matched, no.skipped) == (False, False)
    assert no.reason == 'no: deal_found.stage equals "won" (event has "lost")'
    assert looking.judge(event(body={}), NOW).matched


def test_items_keys_and_parameters_see_what_was_found() -> None:
    looking = rule(LOOKING, SEAT)
    [item] = looking.items(found())

    assert looking.once_key(found(), item.value) == OncePer("a@b.example-77", 30 * 86_400)
    assert looking.render(0, found(), item.value)["course_id"] == 101


def test_a_step_has_look_ups_conditions_and_ways_of_its_own() -> None:
    looking = rule(LOOKING, SEAT)
    first, second = looking.steps
    scope = {**found(), "item": {"email": "a@b.example"}}
    [call] = second.lookups

    assert (first.delay, first.on_error, first.retry, first.lookups) == (0, "stop", None, ())
    assert (second.delay, second.on_error) == (3 * 86_400, "continue")
    assert second.retry == RetryPolicy(attempts=2)
    assert looking.lookup_params(call, scope) == {"id": 77, "mail": "a@b.example"}
    assert looking.only_if(0, scope, NOW).reason == "yes: the step has no conditions"
    assert looking.only_if(1, {**scope, "now": {"stage": "won"}}, NOW).matched
    no = looking.only_if(1, {**scope, "now": {"stage": "lost"}}, NOW)
    assert no.reason == 'no: now.stage equals "won" (event has "lost")'
    now = {**scope, "now": {"course": 7}}
    assert looking.render(1, now, {"email": "a@b.example"})["course_id"] == 7


def test_limit_and_priority_are_told() -> None:
    limited = rule("limit: {runs: 200, per: 1 hour}\npriority: low")

    assert (limited.limit, limited.priority) == (Limit(200, 3_600), "low")


@pytest.mark.parametrize(
    ("body", "key"),
    [({"email": "a@b.example"}, "a@b.example"), ({"email": 5}, "5"), ({"email": True}, "true")],
)
def test_a_key_is_text(body: dict[str, Any], key: str) -> None:
    assert rule("once_per: ${ body.email }").once_key(event(body=body)) == OncePer(key, None)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "once_per: body.email is missing in the event"),
        ({"email": ""}, r"once_per: \$\{ body.email \} must not be empty"),
        ({"email": "  "}, "must not be empty"),
        ({"email": ["a"]}, "must be text or a number, but found a list"),
    ],
)
def test_a_key_that_is_not_there_would_be_one_for_all(body: dict[str, Any], message: str) -> None:
    with pytest.raises(RenderError, match=message):
        rule("once_per: ${ body.email }").once_key(event(body=body))


def test_tables_are_there_for_every_key_that_names_one() -> None:
    keys = """\
if: {body.product: {in_table: courses}}
rollout: {percent: 100, by: '${ body.product | lookup(regions) }'}
lookup: {found: {use: crm.x, with: {id: '${ body.product | lookup(ids) }'}}}
require: {found.product: {in_table: wanted}}
once_per: ${ body.product | lookup(keys) }
"""
    step = ENROL.replace("- {action: enrol,", "- {action: enrol, only_if: {body.p: {in_table: q}},")
    names = ["courses", "regions", "ids", "wanted", "keys", "q", "unused"]
    tables = "{" + ", ".join(f"{name}: {{a: b}}" for name in names) + "}"

    full = rule(keys, step, tables=tables)
    scope = event(body={"product": "A", "p": "A"}, found={"product": "a"})

    assert set(full.body["tables"]) == set(names) - {"unused"}
    assert full.judge(scope, NOW).matched
    assert full.lookup_params(full.lookups[0], scope) == {"id": "b"}
    assert full.required(scope, NOW).matched
    assert full.once_key(scope) == OncePer("b", None)
    assert full.only_if(0, scope, NOW).matched


def test_defaults_of_the_file_are_those_of_each_rule() -> None:
    keys = "defaults: {priority: low, limit: {runs: 3, per: 1 day}, retry: {attempts: 4}}\n"
    own = rule_text("priority: high", id="own-rule")

    one, other = rule_file(file_of(rule_text(), own, keys=keys)).rules

    assert (one.priority, one.limit, one.retry) == (
        "low", Limit(3, 86_400), RetryPolicy(attempts=4)
    )  # fmt: skip
    assert (other.priority, other.limit) == ("high", Limit(3, 86_400))
