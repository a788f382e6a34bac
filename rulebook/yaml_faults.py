"""Why a text cannot be read as YAML, in words for people who have never heard of YAML.

The parser's own messages name its inner state and often the wrong place (an unclosed quote at the
end of the file, a tab on another token), so each is judged together with the text around it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import yaml

from rulebook.nodes import Scalar, Span, shortened
from rulebook.yaml_mistakes import (
    ODD_SPACE,
    QUOTE_IT,
    Fault,
    glued_key,
    misaligned,
    odd_space,
    second_document,
    starts_with,
)

_ODD_INDENT = re.compile(rf"[ \t]*(?:- *)*([{ODD_SPACE}])")
_ODD_AFTER_COLON = re.compile(rf"[^\"'#]*?:([{ODD_SPACE}])")
_TAB_INDENT = re.compile(r" *(\t)")
_LONE_WORD = re.compile(r"\s*(?:- +)*([\w.-]+)\s*(?:#.*)?")
_EQUATION = re.compile(r"\s*(?:- +)*([\w.-]+) *={1,3} *[^\s=].*")
_KEY_AND_TEXT = re.compile(r"\s*(?:- +)*([^\s:]+): +(.*)")

# libyaml gives up on a key after 1,024 characters.
_MAX_KEY = 1_000


@dataclass(frozen=True, slots=True)
class _Scene:
    """The parser's complaint and the text it stumbled over; places count from 1."""

    problem: str
    context: str
    line: int
    column: int
    start: Span | None
    lines: Sequence[str]
    last: Scalar | None

    def text(self, line: int) -> str:
        return self.lines[line - 1] if 1 <= line <= len(self.lines) else ""

    @property
    def here(self) -> Span:
        return Span.of(self.line, self.column)

    @property
    def sign(self) -> str:
        return self.text(self.line)[self.column - 1 : self.column]

    @property
    def before(self) -> str:
        return self.text(self.line)[: self.column - 1]

    def line_above(self) -> int:
        """The last line above with something on it; 0 for none."""
        above = range(self.line - 1, 0, -1)
        return next((n for n in above if self.text(n).split("#")[0].strip()), 0)


def explain(error: yaml.MarkedYAMLError, lines: Sequence[str], last: Scalar | None) -> Fault:
    """The mistake behind a parser error; `last` is the last text read before it."""
    mark, start = error.problem_mark or error.context_mark, error.context_mark
    scene = _Scene(
        problem=str(error.problem or ""),
        context=str(error.context or ""),
        line=mark.line + 1 if mark else 1,
        column=mark.column + 1 if mark else 1,
        start=Span.of(start.line + 1, start.column + 1) if start else None,
        lines=lines,
        last=last,
    )
    fault = next(filter(None, (judge(scene) for judge in _JUDGES)), None)
    return fault or Fault(
        scene.here,
        "Y19",
        "this cannot be read; something is wrong here or just above",
        "compare the indentation, quotes and brackets with a rule file that works",
    )


def _odd_spaces(scene: _Scene) -> Fault | None:
    for number in (scene.line, scene.line_above(), scene.start.line if scene.start else 0):
        text = scene.text(number)
        found = _ODD_INDENT.match(text) or _ODD_AFTER_COLON.match(text)
        if found:
            return odd_space(Span.of(number, found.start(1) + 1), found[1])
    return None


def _tab(scene: _Scene) -> Fault | None:
    for number in (scene.line, scene.line - 1):
        found = _TAB_INDENT.match(scene.text(number))
        if found and "found unexpected end" not in scene.problem:
            return Fault(
                Span.of(number, found.start(1) + 1),
                "Y02",
                "this line is indented with a tab; YAML only allows spaces",
                'replace each tab by two spaces (most editors: "Convert indentation to spaces")',
            )
    return None


def _unclosed_quote(scene: _Scene) -> Fault | None:
    if "quoted scalar" in scene.context and "end of stream" in scene.problem and scene.start:
        return _open_quote(scene.start, scene.text(scene.start.line))
    last = scene.last
    if last is None or last.style not in {'"', "'"} or last.span.end_line != scene.line:
        return None
    if last.span.line < scene.line:
        return _open_quote(Span.of(last.span.line, last.span.column), scene.text(last.span.line))
    between = scene.text(scene.line)[last.span.end_column - 1 : scene.column - 1]
    if between.strip() or "expected" not in scene.problem:
        return None
    inside = "two single quotes: 'it''s'" if last.style == "'" else r'a backslash before it: "a\"b"'
    return Fault(
        scene.here,
        "Y23",
        "the text in quotes ended before this",
        f"a quote sign inside the text needs {inside}",
    )


def _open_quote(span: Span, line: str) -> Fault:
    sign = line[span.column - 1 : span.column]
    return Fault(
        span,
        "Y07",
        "the text in quotes that begins here does not end on this line",
        f"add the closing {sign} where the text ends",
    )


def _forbidden_start(scene: _Scene) -> Fault | None:
    begins_text = any(
        phrase in f"{scene.context} {scene.problem}"
        for phrase in ("any token", "block scalar", "mapping keys", "node content", "directive")
    )
    if not begins_text:
        return None
    span = scene.start if "block scalar" in scene.context and scene.start else scene.here
    if "directive" in scene.context and scene.start:
        span = scene.start
    sign = scene.text(span.line)[span.column - 1 : span.column]
    return starts_with(sign, span, scene.text(span.line)) if sign.strip() else None


def _reference(scene: _Scene) -> Fault | None:
    if scene.start is None or not {"alias", "anchor", "tag"} & set(scene.context.split()):
        return None
    line = scene.text(scene.start.line)
    sign = line[scene.start.column - 1 : scene.start.column]
    return starts_with(sign, scene.start, line)


def _template_in_brackets(scene: _Scene) -> Fault | None:
    if scene.sign != "{" or not scene.before.endswith("$"):
        return None
    found = re.match(r"\$\{.*?\}", scene.text(scene.line)[scene.column - 2 :])
    written = found[0].replace('"', '\\"') if found else "${ ... }"
    return Fault(
        Span.of(scene.line, scene.column - 1, 2),
        "Y20",
        '"${ ... }" needs quotes inside { } or [ ]',
        f'write "{written}", or put each key on a line of its own',
    )


def _bracket(scene: _Scene) -> Fault | None:
    if "flow" not in scene.context:
        return None
    start = scene.start if "node" not in scene.context else _last_open(scene.lines)
    if start is None:
        return None
    opening = scene.text(start.line)[start.column - 1 : start.column]
    closing = "}" if opening == "{" else "]"
    if scene.line == start.line and scene.sign:
        return Fault(
            scene.here,
            "Y18",
            f'"," or "{closing}" is missing before this',
            f"text with , : or brackets inside {opening} {closing} needs quotes",
        )
    return Fault(
        start,
        "Y18",
        f'"{opening}" is not closed',
        f'add the missing "{closing}", or the missing "," before line {scene.line}',
    )


def _last_open(lines: Sequence[str]) -> Span | None:
    """The last bracket that is open where the text breaks off, or cannot be read any further."""
    brackets: list[Span] = []
    with suppress(yaml.YAMLError):
        for token in yaml.scan("\n".join(lines), Loader=yaml.CSafeLoader):
            if isinstance(token, yaml.FlowMappingStartToken | yaml.FlowSequenceStartToken):
                brackets.append(Span.of(token.start_mark.line + 1, token.start_mark.column + 1))
            elif isinstance(token, yaml.FlowMappingEndToken | yaml.FlowSequenceEndToken):
                brackets = brackets[:-1]
    return brackets[-1] if brackets else None


def _glued(scene: _Scene) -> Fault | None:
    if "mapping values" not in scene.problem and "expected ':'" not in scene.problem:
        return None
    numbers = [scene.line, scene.line_above(), scene.start.line if scene.start else 0]
    if "expected ':'" in scene.problem:
        numbers.reverse()
    faults = (glued_key(scene.text(number), number) for number in numbers)
    return next(filter(None, faults), None)


def _colon(scene: _Scene) -> Fault | None:
    if "mapping values" not in scene.problem:
        return None
    if scene.column > _MAX_KEY:
        return Fault(Span.of(scene.line, 1), "Y17", "this key is longer than 1,000 characters")
    found = _KEY_AND_TEXT.match(scene.text(scene.line))
    if found and found.end(1) < scene.column - 1:
        text = found[2].rstrip()
        quote = "'" if '"' in text else '"'
        quotable = text[:1] not in {"{", "["} and quote not in text
        example = f": {found[1]}: {quote}{shortened(text)}{quote}" if quotable else ""
        return Fault(
            scene.here,
            "Y05",
            'text with ":" and a space in it needs quotes',
            QUOTE_IT + example,
        )
    above = scene.line_above()
    text = scene.text(above)
    lone = _LONE_WORD.fullmatch(text) or _EQUATION.fullmatch(text)
    if lone:
        return _missing_colon(Span.of(above, lone.start(1) + 1, len(lone[1])), lone[1])
    return misaligned(scene.lines, scene.line)


def _no_colon(scene: _Scene) -> Fault | None:
    if "could not find expected ':'" not in scene.problem or scene.start is None:
        return None
    text = scene.text(scene.start.line)[scene.start.column - 1 :].split(" #")[0].rstrip()
    return _missing_colon(
        Span.of(scene.start.line, scene.start.column, max(1, len(text))), text.split(" ")[0]
    )


def _missing_colon(span: Span, word: str) -> Fault:
    return Fault(span, "Y16", f'":" is missing after "{shortened(word)}"', f'write "{word}: ..."')


def _misaligned(scene: _Scene) -> Fault | None:
    if "block" not in scene.context or scene.before.strip() or not scene.sign:
        return None
    if scene.sign == ":":
        return Fault(scene.here, "Y17", 'a key is missing before ":"')
    start = scene.start
    if start and start.column == scene.column:
        item = scene.text(scene.line).lstrip().startswith("- ")
        what = ('a "- " item', "key: value lines") if item else ("a key", 'a list of "- " items')
        return Fault(scene.here, "Y08", f"{what[0]} cannot stand in the same column as {what[1]}")
    return misaligned(scene.lines, scene.line)


def _after_bracket(scene: _Scene) -> Fault | None:
    if "block mapping" not in scene.context or not re.search(r"[}\]]\s*$", scene.before):
        return None
    return Fault(
        scene.here,
        "Y18",
        "the brackets were closed before this",
        "delete what follows them, or put the whole text in quotes",
    )


def _item_beside_key(scene: _Scene) -> Fault | None:
    if "block sequence entries" not in scene.problem:
        return None
    return Fault(
        scene.here,
        "Y24",
        "a list item cannot begin on this line",
        'put "- " on a line of its own below the key, or the text in quotes',
    )


def _second_document(scene: _Scene) -> Fault | None:
    return second_document(scene.here) if "document start" in scene.problem else None


def _escape(scene: _Scene) -> Fault | None:
    if "escape" not in scene.problem:
        return None
    written = scene.text(scene.line)[scene.column - 1 : scene.column + 1]
    return Fault(
        Span.of(scene.line, scene.column, 2),
        "Y21",
        f'{written} has no meaning inside "..."',
        "use single quotes, which keep a backslash as it is, or write two backslashes",
    )


_JUDGES: tuple[Callable[[_Scene], Fault | None], ...] = (
    _odd_spaces,
    _tab,
    _escape,
    _template_in_brackets,
    _unclosed_quote,
    _reference,
    _forbidden_start,
    _glued,
    _colon,
    _no_colon,
    _bracket,
    _second_document,
    _item_beside_key,
    _after_bracket,
    _misaligned,
)
