"""The inside of ``${ ... }``: a field, then filters with their arguments."""

import re
from dataclasses import dataclass
from typing import Final

from rulebook.arguments import TableName, arguments_problem, signature
from rulebook.filters import FILTERS
from rulebook.paths import Path, PathError, scan_path
from rulebook.spelling import did_you_mean, nearest

_NAME = re.compile(r"[^\W\d]\w*(?:-\w+)*")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,17})(?:\.\d{1,17})?(?![\w.])", re.ASCII)
_TEXT = re.compile(r'"((?:[^"\\]|\\["\\nt])*)"')
_STRANGE_SIGN = re.compile(r'"(?:[^"\\]|\\["\\nt])*(\\[^"\\nt])')
_SIGNS = {"n": "\n", "t": "\t"}
_WORDS: Final = {"true": True, "false": False}
_MAX_FILTERS: Final = 20
# How many filters stand beside a suggestion.
SOME_FILTERS: Final = 3


class TemplateError(ValueError):
    """A text that is no template: what is wrong, where, how long it is, and what helps."""

    def __init__(
        self, message: str, offset: int, length: int, help: str | None = None, code: str = "T01"
    ) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset
        self.length = length
        self.help = help
        self.code = code


@dataclass(frozen=True, slots=True)
class FilterCall:
    """One filter as a rule writes it, its arguments checked."""

    name: str
    arguments: tuple[object, ...] = ()

    @property
    def values(self) -> tuple[object, ...]:
        """The arguments as the filter's ``build`` takes them."""
        return tuple(one.name if isinstance(one, TableName) else one for one in self.arguments)


@dataclass(frozen=True, slots=True)
class Reference:
    """What stands in one ``${ ... }``."""

    path: Path
    filters: tuple[FilterCall, ...] = ()

    @property
    def tables(self) -> frozenset[str]:
        """The tables that its filters name."""
        named = (one for call in self.filters for one in call.arguments)
        return frozenset(one.name for one in named if isinstance(one, TableName))


def scan_reference(text: str, start: int) -> tuple[Reference, int]:
    """The reference whose ``${`` stands at ``start``, and the offset after its ``}``."""
    at = _after_spaces(text, start + 2, start)
    path, at = _scan_field(text, at)
    calls: list[FilterCall] = []
    while True:
        at = _after_spaces(text, at, start)
        if text[at] == "}":
            return Reference(path, tuple(calls)), at + 1
        if text[at] != "|":
            raise _unexpected(text, at, path, calls)
        if len(calls) == _MAX_FILTERS:
            raise TemplateError(f"more than {_MAX_FILTERS} filters in a row", at, 1)
        call, at = _scan_filter(text, _after_spaces(text, at + 1, start), start)
        calls.append(call)


def mustache_problem(text: str) -> TemplateError | None:
    """What to say of ``{{ ... }}`` in a value of a rule."""
    start = text.find("{{")
    end = text.find("}}", start + 2) if start >= 0 else -1
    if end < 0:
        return None
    inner = text[start + 2 : end].strip()
    help = f"write ${{ {inner if 0 < len(inner) <= 60 else '...'} }} instead"
    message = '"{{ ... }}" is not the template form here'
    return TemplateError(message, start, end + 2 - start, help, "Y12")


def _after_spaces(text: str, at: int, start: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    if at == len(text):
        raise _not_closed(start)
    return at


def _not_closed(start: int) -> TemplateError:
    help = (
        'a "}" is missing; if the text goes on after " #" or holds ": ", '
        "put the whole value in quotes"
    )
    return TemplateError('"${" is not closed', start, 2, help)


def _scan_field(text: str, at: int) -> tuple[Path, int]:
    if text[at] in "}|":
        help = "for example: ${ contact.email }"
        raise TemplateError(f'a field name is missing before "{text[at]}"', at, 1, help)
    try:
        return scan_path(text, at)
    except PathError as error:
        raise TemplateError(error.message, error.offset, 1, error.help) from None


def _unexpected(text: str, at: int, path: Path, calls: list[FilterCall]) -> TemplateError:
    sign, help = text[at], None
    if sign == "(" and not calls and path.text in FILTERS:
        help = f"filters come after the field: ${{ contact.email | {path.text} }}"
    elif text.startswith("${", at):
        return TemplateError('"${" inside "${ ... }" is not expected here', at, 2)
    elif text[at - 1].isspace() and (sign.isalnum() or sign == "_"):
        sign = text[at:].split()[0].partition("}")[0].partition("|")[0]
        if not calls and text[at - 1] == " ":
            help = 'a field name with spaces goes in brackets: answers["Your e-mail"]'
    after = "the filter" if calls else "the field name"
    message = f'"{sign}" is not expected here; after {after} only "|" and a filter may follow'
    return TemplateError(message, at, len(sign), help)


def _scan_filter(text: str, at: int, start: int) -> tuple[FilterCall, int]:
    found = _NAME.match(text, at)
    if found is None:
        raise TemplateError('a filter is expected after "|"', at, 1, _filter_names())
    name = found[0]
    if name not in FILTERS:
        raise _unknown_filter(name, at)
    arguments, end = _scan_arguments(text, found.end(), start)
    filter = FILTERS[name]
    problem = arguments_problem(filter.arguments, arguments)
    if problem is not None:
        help = f"write {signature(name, filter.arguments)}"
        raise TemplateError(f'"{name}" {problem}', at, end - at, help)
    return FilterCall(name, tuple(arguments)), end


def _unknown_filter(name: str, at: int) -> TemplateError:
    guess = did_you_mean(nearest(name, FILTERS))
    help = f"{guess} {_filter_names(SOME_FILTERS)}" if guess else _filter_names()
    return TemplateError(f'unknown filter "{name}"', at, len(name), help)


def _filter_names(most: int = len(FILTERS)) -> str:
    names = sorted(FILTERS)
    return f"filters: {', '.join([*names[:most], '...'] if most < len(names) else names)}"


def _scan_arguments(text: str, at: int, start: int) -> tuple[list[object], int]:
    """What stands in brackets after a filter's name, if anything does."""
    if not text.startswith("(", at):
        return [], at
    at = _after_spaces(text, at + 1, start)
    arguments: list[object] = []
    if text[at] == ")":
        return arguments, at + 1
    while True:
        argument, at = _scan_argument(text, at, start)
        arguments.append(argument)
        at = _after_spaces(text, at, start)
        if text[at] == ")":
            return arguments, at + 1
        if text[at] != ",":
            message = f'"{text[at]}" is not expected here; put "," or ")" after a filter\'s value'
            raise TemplateError(message, at, 1)
        at = _after_spaces(text, at + 1, start)


def _scan_argument(text: str, at: int, start: int) -> tuple[object, int]:
    if found := _TEXT.match(text, at):
        return re.sub(r"\\(.)", lambda sign: _SIGNS.get(sign[1], sign[1]), found[1]), found.end()
    if strange := _STRANGE_SIGN.match(text, at):
        help = 'inside quotes, \\n is a new line, \\t a tab, \\" a quote and \\\\ one \\'
        raise TemplateError(f'"{strange[1]}" means nothing here', strange.start(1), 2, help)
    if text[at] == '"':
        raise TemplateError("this quote is not closed", at, 1, 'inside quotes write \\" for "')
    if text[at] == "'":
        help = "in YAML, single quotes may stand round the whole value"
        raise TemplateError('use double quotes here: "..."', at, 1, help)
    if found := _NUMBER.match(text, at):
        number = found[0]
        return float(number) if "." in number else int(number), found.end()
    if found := _NAME.match(text, at):
        return _WORDS.get(found[0], TableName(found[0])), found.end()
    message = f'"{text[at]}" is not expected here; a filter takes texts in quotes, numbers'
    raise TemplateError(f"{message}, true, false or the name of a table", at, 1)
