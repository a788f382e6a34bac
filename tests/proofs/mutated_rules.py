"""Rule files with one to four slips in them: of the hand, of the editor, of a half-written save."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

from workers.rulefiles import read_one, read_tree

ROOT: Final = Path(__file__).parent.parent.parent
RULES: Final = ROOT / "rules"
EXAMPLES: Final = RULES / "_examples"
BAD_RULES: Final = ROOT / "tests" / "bad_rules"

_TOKEN = re.compile(r"[\w@.-]+|\S")
_VALUE = re.compile(r"(?<=: )\S.*$|(?<=- )\S.*$", re.MULTILINE)
_KEY = re.compile(r"^\s*(?:- )?([\w.\[\]\"]+)(?=:)", re.MULTILINE)
# of a hundred files, so many have that number of slips
_SLIPS: Final = (1,) * 70 + (2,) * 15 + (3,) * 10 + (4,) * 5

# signs that look like others, are not seen, or that no file should hold
_ODD_SIGNS: Final = (
    *("\t", "\r", "\x00", "\x0b", "\x1b", "\x7f", "\x85", "\xa0", "\xad", "\u200b", "\u200f"),
    *("\u2028", "\u2029", "\u202e", "\u3000", "\ufeff", "\ufffd", "\uffff", "\ud800", "\udcff"),
    *("\u201c", "\u2019", "\u2013", "\uff1a", "\u0430", "e\u0301", "\u0130", "\u0660", "\u00b2"),
    *("\U0001f600", "\U000e0041", "\U0010ffff"),
    *(": ", "- ", "#", " #", '"', "'", "{", "}", "[", "]", "${", "}", "|", "&a", "*a", "!t", "%"),
    *("\n", "\n\n", "---\n", "...\n", "? ", ">", "|\n", "\\", "~", "`", "@", ",", "<<: "),
)
# values of every kind, to stand where something else did
_ODD_VALUES: Final = (
    *("", "null", "~", "true", "no", "0", "-1", "1.5", "1e400", "9" * 400, "010", ".nan", "-.inf"),
    *("12:30", "2026-02-30", "0000-00-00", "9999-12-31", "0001-01-01", "2026-04-15T25:00:00Z"),
    *("9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00", "3d", "3 days", "0 seconds"),
    *("999999999999 weeks", "-1 hour", "[]", "{}", "[[]]", "[{}]", "{a: {b: {c: []}}}", "[1, a]"),
    *("[null]", '""', "''", '" "', "''''", '"\\ud800"', '"\\x00"', '"\\U0010ffff"', "*", "&a b"),
    *("!!python/object:os.system x", "!x y", "|", ">-", "${", "${ }", "${ deal }", "${ item.x }"),
    *("2999-12-31T23:59:59Z", "1970-01-01T00:00:00Z", "2026-04-15T10:00:00+99:99", "Asia/Tokyo"),
    *("9999-12-31T23:59:59Z", "{from: 0001-01-01, until: 9999-12-31}", "{runs: 1, per: 0 days}"),
    *("{percent: 1e-9, by: x}", "{use: coursebox.user}", "{key: '${ item }', within: 1 week}"),
    *("{items: raw, max: 500}", "{x: {use: coursebox.courses}}", "coursebox.learners", "continue"),
    *("${ deal.amount | }", "${ deal.amount | nothing }", "${ deal.amount | truncate(-1) }"),
    *('${ raw["a" }', "${ answers[99999] }", "${ a.b | lookup(nothing) }", "$${ deal.id }"),
    *('"${ deal.name | default("', "(removed)", "no match", "Europe/Berlin", "../../etc/passwd"),
    *("/etc/passwd", "tables/courses.csv", "fixtures/none.json", "C:\\x.csv", "first", "skip"),
    *("22:00-06:00", "24:00-24:00", "08:00-08:00", "mon-fri", "[mon, mon]", "{percent: 50}"),
    *("{is_present: 1}", "{between: [2, 1]}", "{between: 1}", "{count: {at_least: -1}}"),
    *("{any_item: {any_item: {item: 1}}}", "{matches_regex: '(((((a*)*)*)*)*'}", "{like: '***'}"),
    *("{matches_regex: '['}", "{one_of: []}", "{becomes: [a]}", "{changed: maybe}", "x" * 3000),
    *("{in_table: nothing}", "{before: soon}", "{within_last: 0 days}", "a: b: c", "- - - a"),
)


@dataclass(frozen=True, slots=True)
class Original:
    """A rule file that is there, with the tables and fixtures beside it, by their paths."""

    path: str
    text: str
    beside: Mapping[str, str]


def originals() -> tuple[tuple[Original, ...], tuple[Original, ...]]:
    """Every rule file of the project: those that work, and the bad ones."""
    beside = {path: text for path, text in read_tree(RULES).files.items() if not _is_rule(path)}
    live = [_original(file, RULES, beside) for file in sorted(RULES.glob("*.yaml"))]
    examples = [_original(file, EXAMPLES, beside) for file in sorted(EXAMPLES.glob("*.yaml"))]
    bad = (_original(file, BAD_RULES, {}) for file in sorted(BAD_RULES.glob("*.yaml")))
    return (*live, *examples), tuple(bad)


def _is_rule(path: str) -> bool:
    return path.endswith(".yaml")


def _original(file: Path, root: Path, beside: Mapping[str, str]) -> Original:
    files = {**beside, **read_one(file, root).files}
    return Original(file.name, files.pop(file.name), files)


class Mutations:
    """Makes new texts out of those that are there; the same seed makes the same ones."""

    def __init__(self, texts: Sequence[str], chance: Random) -> None:
        self._texts = texts
        self._chance = chance
        self._values = [value for text in texts for value in _VALUE.findall(text)]
        self._keys = [key for text in texts for key in _KEY.findall(text)]
        self._tokens = [token for text in texts for token in _TOKEN.findall(text)]
        self._slips: tuple[Callable[[str], str], ...] = (
            *(self._delete_line, self._double_line, self._swap_lines, self._move_line),
            *(self._indent, self._delete_sign, self._double_sign, self._swap_signs),
            *(self._odd_sign, self._other_token, self._delete_token, self._other_key),
            *(self._other_value, self._odd_value, self._odd_value, self._cut, self._splice),
            *(self._repeat, self._capitals, self._line_ends),
        )

    def mutate(self, text: str) -> str:
        """The text with one slip in it, or a few."""
        for _ in range(self._chance.choice(_SLIPS)):
            text = self._chance.choice(self._slips)(text)
        return text

    def _at(self, sized: Sequence[object] | str) -> int:
        return self._chance.randrange(len(sized)) if sized else 0

    def _lines(self, text: str) -> tuple[list[str], int]:
        lines = text.splitlines(keepends=True) or [""]
        return lines, self._at(lines)

    def _delete_line(self, text: str) -> str:
        lines, at = self._lines(text)
        return "".join(lines[:at] + lines[at + 1 :])

    def _double_line(self, text: str) -> str:
        lines, at = self._lines(text)
        return "".join(lines[: at + 1] + lines[at:])

    def _swap_lines(self, text: str) -> str:
        lines, at = self._lines(text)
        other = self._at(lines)
        lines[at], lines[other] = lines[other], lines[at]
        return "".join(lines)

    def _move_line(self, text: str) -> str:
        lines, at = self._lines(text)
        lines.insert(self._at(lines), lines.pop(at))
        return "".join(lines)

    def _indent(self, text: str) -> str:
        lines, at = self._lines(text)
        for number in range(at, min(len(lines), at + self._chance.choice((1, 1, 3)))):
            bare = lines[number].lstrip(" ")
            depth = len(lines[number]) - len(bare) + self._chance.choice((-4, -2, -1, 1, 2, 4))
            lines[number] = " " * max(0, depth) + bare
        return "".join(lines)

    def _delete_sign(self, text: str) -> str:
        at = self._at(text)
        return text[:at] + text[at + 1 :]

    def _double_sign(self, text: str) -> str:
        at = self._at(text)
        return text[: at + 1] + text[at:]

    def _swap_signs(self, text: str) -> str:
        at = self._at(text)
        return text[:at] + text[at : at + 2][::-1] + text[at + 2 :]

    def _odd_sign(self, text: str) -> str:
        at = self._at(text)
        return (
            text[:at] + self._chance.choice(_ODD_SIGNS) + text[at + self._chance.choice((0, 1)) :]
        )

    def _instead(self, pattern: re.Pattern[str], text: str, new: str) -> str:
        found = list(pattern.finditer(text))
        if not found:
            return text
        match = self._chance.choice(found)
        start, end = match.span(match.re.groups)
        return text[:start] + new + text[end:]

    def _other_token(self, text: str) -> str:
        return self._instead(_TOKEN, text, self._chance.choice(self._tokens))

    def _delete_token(self, text: str) -> str:
        return self._instead(_TOKEN, text, "")

    def _other_key(self, text: str) -> str:
        return self._instead(_KEY, text, self._chance.choice(self._keys))

    def _other_value(self, text: str) -> str:
        return self._instead(_VALUE, text, self._chance.choice(self._values))

    def _odd_value(self, text: str) -> str:
        return self._instead(_VALUE, text, self._chance.choice(_ODD_VALUES))

    def _cut(self, text: str) -> str:
        return text[: self._at(text)] if self._chance.random() < 0.5 else text[self._at(text) :]

    def _splice(self, text: str) -> str:
        other = self._chance.choice(self._texts)
        return text[: self._at(text)] + other[self._at(other) :]

    def _repeat(self, text: str) -> str:
        lines, at = self._lines(text)
        return "".join(lines[:at] + lines[at : at + 3] * self._chance.choice((2, 20)) + lines[at:])

    def _capitals(self, text: str) -> str:
        lines, at = self._lines(text)
        lines[at] = lines[at].upper() if self._chance.random() < 0.5 else lines[at].title()
        return "".join(lines)

    def _line_ends(self, text: str) -> str:
        return text.replace("\n", self._chance.choice(("\r\n", "\r", "\n\r", "\u2028", "\n \n")))
