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
    (
        *("version", "owner", "account", "notes", "tags", "matching", "defaults", "tables"),
        "rules",
    ),
    MappingProxyType(
        {
            **_all("rules", "rule", "rulebook", "automations"),
            **_all("tables", "lookup_tables", "maps", "table"),
            **_all("notes", "description", "comment", "note"),
            **_all("owner", "contact", "author", "responsible"),
            **_all("account", "portal", "coursebox", "tenant", "coursebox_account", "connection"),
            **_all("tags", "tag", "labels", "label"),
            **_all("matching", "match", "mode", "strategy", "stop_on_first_match", "first_match"),
            **_all("defaults", "default", "settings", "config", "globals"),
        }
    ),
)
DEFAULTS = Keys(
    '"defaults"',
    ("retry", "priority", "limit", "dry_run"),
    MappingProxyType(
        {
            **_all("retry", "retries", "retry_policy"),
            **_all("priority", "queue", "urgency", "importance"),
            **_all("limit", "limits", "rate_limit", "throttle"),
            **_all("dry_run", "dryrun", "dry-run"),
        }
    ),
)
RULE = Keys(
    "a rule",
    (
        *("id", "name", "owner", "account", "notes", "tags", "enabled", "when", "active", "if"),
        *("rollout", "lookup", "require", "for_each", "once_per", "limit", "then", "retry"),
        *("priority", "dry_run", "tests"),
    ),
    MappingProxyType(
        {
            **DEFAULTS.foreign,
            **_all("when", "trigger", "triggers", "on", "event", "source"),
            **_all("active", "schedule", "window", "period", "active_hours", "valid"),
            **_all("active", "business_hours", "timezone"),
            **_all("if", "condition", "conditions", "where", "filter", "filters", "criteria"),
            **_all("rollout", "percentage", "percent", "sample", "split", "gradual"),
            **_all("lookup", "lookups", "look_up", "fetch", "enrich", "find", "search", "query"),
            **_all("require", "requires", "required", "needs", "only_if", "assert", "guard"),
            **_all("for_each", "foreach", "loop", "each", "with_items", "iterate", "matrix"),
            **_all("once_per", "once", "dedupe", "dedup", "dedupe_key", "deduplicate", "unique"),
            **_all("once_per", "idempotency_key", "concurrency", "unique_per"),
            **_all("limit", "max_runs", "cap", "quota"),
            **_all("then", "do", "action", "actions", "steps", "run"),
            **_all("name", "title"),
            **_all("notes", "description", "comment", "note"),
            **_all("owner", "author", "responsible", "maintainer"),
            **_all("account", "portal", "coursebox", "tenant", "coursebox_account", "connection"),
            **_all("tags", "tag", "labels", "label"),
            **_all("enabled", "disabled"),
            **_all("tests", "test", "examples"),
        }
    ),
)
WHEN = Keys(
    '"when"',
    ("source", "event"),
    MappingProxyType({"type": "event", "event_type": "event", "from": "source"}),
)
ACTIVE = Keys(
    '"active"',
    ("from", "until", "timezone", "days", "hours"),
    MappingProxyType(
        {
            **_all("from", "start", "starts", "since", "after", "begin", "valid_from"),
            **_all("until", "end", "ends", "to", "before", "till", "valid_until"),
            **_all("timezone", "tz", "time_zone", "zone"),
            **_all("days", "day", "weekdays", "days_of_week", "on"),
            **_all("hours", "hour", "time", "times", "at", "between"),
        }
    ),
)
ROLLOUT = Keys(
    '"rollout"',
    ("percent", "by"),
    MappingProxyType(
        {
            **_all("percent", "percentage", "rate", "share", "weight", "fraction"),
            **_all("by", "key", "per", "on", "sticky", "stickiness", "bucket_by", "hash"),
        }
    ),
)
LOOKUP = Keys(
    "a look-up",
    ("use", "with"),
    MappingProxyType(
        {
            **_all("use", "uses", "name", "type", "call", "action", "from", "source", "url"),
            **_all("with", "params", "parameters", "args", "inputs", "input", "by", "where"),
        }
    ),
)
ONCE_PER = Keys(
    '"once_per"',
    ("key", "within"),
    MappingProxyType(
        {
            **_all("key", "by", "value", "id", "field"),
            **_all("within", "for", "ttl", "per", "window", "period", "in"),
        }
    ),
)
LIMIT = Keys(
    '"limit"',
    ("runs", "per"),
    MappingProxyType(
        {
            **_all("runs", "max", "count", "times", "rate", "limit", "max_runs"),
            **_all("per", "period", "within", "window", "interval", "every", "in"),
        }
    ),
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
    (
        *("action", "with", "id", "only_if", "lookup", "delay", "on_error", "retry"),
        "notes",
    ),
    MappingProxyType(
        {
            **_all("action", "do", "run", "uses", "call", "type", "ref"),
            **_all("with", "params", "parameters", "args", "inputs", "input", "data"),
            **_all("id", "name"),
            **_all("only_if", "if", "when", "condition", "conditions", "unless", "filter"),
            **_all("only_if", "require"),
            **_all("lookup", "lookups", "look_up", "fetch", "enrich", "find", "search"),
            **_all("delay", "wait", "after", "sleep", "delay_for", "wait_for", "pause", "in"),
            **_all("on_error", "continue-on-error", "continue_on_error", "on_failure"),
            **_all("on_error", "on-error", "on-failure", "ignore_errors", "catch", "rescue"),
            **_all("retry", "retries", "retry_policy"),
            **_all("notes", "description", "comment", "note"),
        }
    ),
)
TEST = Keys(
    "a test",
    ("name", "event", "raw", "change", "lookups", "now", "expect"),
    MappingProxyType(
        {
            **_all("event", "input", "given", "payload", "data"),
            **_all("change", "changes", "with", "set"),
            **_all("expect", "expected", "expects", "then", "result", "should"),
            **_all("now", "time", "at", "date", "clock"),
            **_all("lookups", "lookup", "mock", "mocks", "stubs", "given_lookups"),
            **_all("raw", "webhook", "request"),
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
        "use": "use",
    }
)
ACTIONS: Mapping[str, str] = MappingProxyType(
    {
        **_all("enrol", "enroll", "enrole", "add_to_course", "enrol_learner"),
        **_all("unenrol", "unenroll", "remove", "remove_user", "disenrol", "withdraw"),
        **_all("create_account", "create_user", "register", "sign_up"),
        **_all("update_user", "edit_user", "set_user"),
        **_all("enrol_user", "enroll_user"),
        **_all("callback", "call_back", "call-back", "call_backs", "write_back", "writeback"),
    }
)


# What other tools and later versions do, and this Usher does not.
NOT_BUILT = frozenset(
    {
        *("notify", "alert", "slack", "send_message", "post_message", "email", "send_email"),
        *("mail", "send_mail"),
    }
)
# What other tools do with an address, and a callback does with what an administrator declares.
BY_CALLBACK = frozenset(
    {"webhook", "http", "https", "request", "http_request", "call_url", "post", "patch", "put"}
)


def home_of(name: str, keys: Keys) -> str | None:
    """Where a key belongs that is not known in a block, for one that slipped out of its place."""
    above = {RULE.where: FILE, STEP.where: RULE, TEST.where: RULE}.get(keys.where)
    if above and name in above.names:
        return above.where
    return STEP.where if keys is RULE and name in STEP.names else None
