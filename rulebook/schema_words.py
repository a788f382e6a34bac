"""What an editor shows beside a key or a comparison of a rule file."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

# (what the block is called in keys.py, its key) -> one or two sentences
KEY_WORDS: Final[Mapping[tuple[str, str], str]] = MappingProxyType(
    {
        ("a rule file", "version"): "The version of the rule language: 1.",
        ("a rule file", "owner"): "Who is told when a rule of this file fails: an e-mail address.",
        ("a rule file", "account"): "The Coursebox account its rules act in; without it, default.",
        ("a rule file", "notes"): "For people; changes nothing.",
        ("a rule file", "tags"): "For people; changes nothing.",
        (
            "a rule file",
            "matching",
        ): "all: every rule that matches runs. first: top to bottom, "
        "only the first rule of this file that matches runs.",
        (
            "a rule file",
            "defaults",
        ): "What holds for all rules of the file that say nothing else.",
        ("a rule file", "tables"): "Which value stands for which, for lookup(name) and in_table: "
        "written out, or the name of a .csv file.",
        ("a rule file", "rules"): "The rules, at most 500.",
        ("a rule", "id"): "Its name for good: 3 to 64 of a-z, 0-9 and -. History hangs on it.",
        ("a rule", "name"): "What people call it.",
        ("a rule", "owner"): "Who is told when it fails, instead of the owner of the file.",
        ("a rule", "account"): "The Coursebox account it acts in, instead of that of the file.",
        ("a rule", "notes"): "For people; changes nothing.",
        ("a rule", "tags"): "For people; changes nothing.",
        ("a rule", "enabled"): "false switches it off, with everything of it that still waits.",
        (
            "a rule",
            "when",
        ): "Which events of which source it is about: one pair, or a list.",
        ("a rule", "active"): "When it is in force, judged when the event was received.",
        ("a rule", "if"): "Conditions on the event; all lines must hold.",
        ("a rule", "rollout"): "Only for a part of all people, always the same ones.",
        ("a rule", "lookup"): "What to ask of other systems before going on, each with a name.",
        ("a rule", "require"): "Conditions that may also use what was looked up.",
        ("a rule", "for_each"): "A list: one run for each of its entries, called item.",
        ("a rule", "once_per"): "A text: the rule runs once for each.",
        ("a rule", "limit"): "How many runs in how long; what is more waits.",
        ("a rule", "then"): "The steps, one after the other.",
        ("a rule", "retry"): "What follows when a step fails.",
        ("a rule", "priority"): "high runs before normal, low after it.",
        ("a rule", "dry_run"): "true: everything but the actions themselves.",
        ("a rule", "tests"): "Events with what is to come of them; run by usher rules test.",
        ('"when"', "source"): "The name of a sender in sources.yaml.",
        ('"when"', "event"): "The type of event, such as deal.updated.",
        ('"active"', "from"): "The first day or moment.",
        ('"active"', "until"): "The moment at which it ends.",
        ('"active"', "timezone"): "Whose clock, such as Europe/Berlin.",
        ('"active"', "days"): "On which days of the week.",
        ('"active"', "hours"): "At what time of day, such as 08:00-20:00.",
        ('"rollout"', "percent"): "How many of 100.",
        ('"rollout"', "by"): "What stays the same for one person, such as ${ contact.email }.",
        ("a look-up", "use"): "The name of a look-up in lookups.yaml, or one of Coursebox.",
        ("a look-up", "with"): "What it is asked with.",
        ('"once_per"', "key"): "The text for which the rule runs once.",
        ('"once_per"', "within"): "After how long it may run again.",
        ('"limit"', "runs"): "How many runs.",
        ('"limit"', "per"): "In how long, such as 1 hour.",
        ('"for_each"', "items"): "The list, such as order.items.",
        ('"for_each"', "max"): "The longest list that is taken; 100 if nothing is said.",
        ('"retry"', "attempts"): "How often a step is tried.",
        ('"retry"', "first_wait"): "How long to wait before the second attempt.",
        ('"retry"', "max_wait"): "The longest wait between two attempts.",
        ('"retry"', "give_up_after"): "How long after the first attempt it ends.",
        ("a step", "action"): "What is done.",
        ("a step", "with"): "The parameters of the action; ${ ... } takes a field of the event.",
        ("a step", "id"): "What the step is called in the history.",
        ("a step", "only_if"): "Conditions for this step alone.",
        ("a step", "lookup"): "What to ask of other systems right before this step.",
        ("a step", "delay"): "How long to wait before this step, such as 3 days.",
        ("a step", "on_error"): "continue: the next steps are done even if this one fails.",
        ("a step", "retry"): "What follows when this step fails.",
        ("a step", "notes"): "For people; changes nothing.",
        ("a test", "name"): "What it shows, such as: the deal is lost.",
        ("a test", "event"): "The event: written out as rules see it, or the name of a .json file. "
        "Left out: the event of the first test.",
        ("a test", "raw"): "A .json file with what the sender posts, read as if it had come in.",
        ("a test", "change"): 'Fields of the event with other values; "(removed)" takes one away.',
        ("a test", "lookups"): "What the look-ups answer, by name.",
        ("a test", "now"): "The time of the test, such as 2026-04-15T10:00:00Z.",
        (
            "a test",
            "expect",
        ): "A list of actions, no match, {skipped: text} or {error: text}.",
        ('"defaults"', "retry"): "What follows when a step fails.",
        ('"defaults"', "priority"): "high runs before normal, low after it.",
        ('"defaults"', "limit"): "How many runs of a rule in how long; what is more waits.",
        ('"defaults"', "dry_run"): "true: everything but the actions themselves.",
    }
)

OPERATOR_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "equals": "Is this value.",
        "not_equals": "Is there, and is another value.",
        "one_of": "Is one of these values.",
        "not_one_of": "Is there, and is none of these values.",
        "in_table": "Is a key of this table, whatever its capitals.",
        "contains": "The text has this in it, or the list has this item.",
        "not_contains": "Is there, and does not have this in it.",
        "contains_any": "Has one of these in it.",
        "contains_all": "Has all of these in it.",
        "starts_with": "The text begins with this.",
        "ends_with": "The text ends with this.",
        "like": "The whole text is like this; * stands for any text, ? for one sign.",
        "matches_regex": "The pattern (RE2) is found anywhere in the text.",
        "more_than": "Is a larger number.",
        "at_least": "Is this number or a larger one.",
        "less_than": "Is a smaller number.",
        "at_most": "Is this number or a smaller one.",
        "between": "Is a number from the first to the second, both included.",
        "before": "Is a moment before this one.",
        "after": "Is a moment after this one.",
        "within_last": "Is a moment no longer ago than this.",
        "older_than": "Is a moment longer ago than this.",
        "is_present": "true: is there and not empty. false: is missing or empty.",
        "becomes": "Is this value now, and was not before.",
        "changed": "true: this event changed it.",
        "count": "How many items the list has.",
        "any_item": "One item of the list fits all of these conditions.",
        "all_items": "Every item of the list fits these conditions, and there is one.",
        "ignore_case": "true: capitals and outer spaces do not count.",
    }
)
GROUP_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "any": "At least one of these blocks holds.",
        "all": "All of these blocks hold.",
        "none": "None of these blocks holds.",
    }
)
