"""The keys of each kind of block, and what other products call them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


def _all(meant: str, *words: str) -> dict[str, str]:
    return dict.fromkeys(words, meant)


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys that a kind of block takes; `foreign` leads from other products' words to ours."""

    where: str
    names: tuple[str, ...]
    foreign: Mapping[str, str] = field(default_factory=dict)


FILE = Keys(
    "a rule file",
    ("version", "owner", "notes", "tables", "rules"),
    MappingProxyType(
        {
            **_all("rules", "rule", "rulebook", "automations"),
            **_all("tables", "lookup_tables", "maps", "table"),
            **_all("notes", "description", "comment", "note"),
            **_all("owner", "contact", "author", "responsible"),
        }
    ),
)
RULE = Keys(
    "a rule",
    (
        *("id", "name", "enabled", "when", "if", "for_each", "then"),
        *("retry", "dry_run", "tests"),
    ),
    MappingProxyType(
        {
            **_all("when", "trigger", "triggers", "on", "event", "source"),
            **_all("if", "condition", "conditions", "where", "filter", "filters"),
            **_all("then", "do", "action", "actions", "steps", "run"),
            **_all("for_each", "foreach", "loop", "each", "with_items"),
            **_all("retry", "retries", "retry_policy"),
            **_all("name", "title", "description"),
            **_all("enabled", "disabled"),
            **_all("tests", "test", "examples"),
            **_all("dry_run", "dryrun"),
        }
    ),
)
WHEN = Keys(
    '"when"',
    ("source", "event"),
    MappingProxyType({"type": "event", "event_type": "event", "from": "source"}),
)
FOR_EACH = Keys(
    '"for_each"',
    ("items", "max"),
    MappingProxyType({"list": "items", "in": "items", "limit": "max"}),
)
RETRY = Keys(
    '"retry"',
    ("attempts", "first_wait", "max_wait", "give_up_after"),
    MappingProxyType(
        {
            **_all("attempts", "times", "count", "max"),
            **_all("first_wait", "delay", "wait"),
            **_all("give_up_after", "timeout"),
        }
    ),
)
STEP = Keys(
    "a step",
    ("action", "with", "id"),
    MappingProxyType(
        {
            **_all("action", "do", "run", "uses", "call", "type"),
            **_all("with", "params", "parameters", "args", "inputs", "input", "data"),
            **_all("id", "name"),
        }
    ),
)
TEST = Keys(
    "a test",
    ("name", "event", "change", "expect", "now"),
    MappingProxyType(
        {
            **_all("event", "input", "given", "payload", "data"),
            **_all("change", "changes", "with", "set"),
            **_all("expect", "expected", "expects", "then", "result", "should"),
            **_all("now", "time", "at", "date", "clock"),
            **_all("name", "id", "title", "description"),
        }
    ),
)
# Parameters of actions by what they are elsewhere; the actions themselves are in actions.py.
PARAMETERS: Mapping[str, str] = MappingProxyType(
    {
        **_all("course_id", "course", "courseid", "course_link", "course_url"),
        **_all("email", "mail", "e-mail", "e_mail", "email_address", "learner"),
        **_all("user_id", "user", "userid", "id"),
        **_all("first_name", "firstname", "given_name"),
        **_all("last_name", "lastname", "surname", "family_name"),
        **_all("subject", "title"),
        **_all("message", "body", "text"),
        **_all("attributes", "fields", "properties"),
    }
)
ACTIONS: Mapping[str, str] = MappingProxyType(
    {
        **_all("enrol", "enroll", "enrole", "add_to_course", "enrol_learner"),
        **_all("unenrol", "unenroll", "remove", "remove_user", "disenrol", "withdraw"),
        **_all("create_account", "create_user", "register", "sign_up"),
        **_all("update_user", "edit_user", "set_user"),
        **_all("enrol_user", "enroll_user"),
    }
)


def home_of(name: str, keys: Keys) -> str | None:
    """Where a key belongs that is not known in a block, for one that slipped out of its place."""
    above = {RULE.where: FILE, STEP.where: RULE, TEST.where: RULE}.get(keys.where)
    return above.where if above and name in above.names else None
