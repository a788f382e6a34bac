"""When a value of an event equals what a rule says.

What the rule writes decides: a number is compared as a number (``"1500.00"`` counts), a text as
text (a number as it is written), true and false as yes and no. Missing, null, lists and blocks
equal nothing.
"""

from collections.abc import Callable, Iterable

from rulebook.values import number_of, text_of

ValueTest = Callable[[object], bool]
Key = tuple[str, str | int | float | bool]


def equals(literal: object) -> ValueTest:
    """A test for being equal to the text, number or true/false of a rule."""
    match literal:
        case bool():
            return _is_yes_or_no(literal)
        case int() | float():
            return lambda value: number_of(value) == literal
        case str() if only_texts_read(literal):
            return lambda value: value == literal
    return lambda value: text_of(value) == literal


def equals_any(literals: Iterable[object]) -> ValueTest:
    """A test for being equal to at least one of them."""
    literals = tuple(literals)
    if all(isinstance(literal, str) and only_texts_read(literal) for literal in literals):
        texts = frozenset(literals)
        return lambda value: isinstance(value, str) and value in texts
    keys = frozenset(map(rule_key, literals))
    return lambda value: not keys.isdisjoint(event_keys(value))


def rule_key(literal: object) -> Key:
    """What a rule's text, number or true/false is filed under in an index."""
    if isinstance(literal, bool):
        return ("b", literal)
    if isinstance(literal, (int, float)):
        return ("n", literal)
    return ("s", str(literal))


def event_keys(value: object) -> tuple[Key, ...]:
    """Every key of a rule that this value of an event is equal to."""
    text = text_of(value)
    if text is None:
        return ()
    number = number_of(value)
    if number is not None:
        return (("s", text), ("n", number))
    lower = text.lower() if len(text) <= len("false") else ""
    if lower in {"true", "false"}:
        return (("s", text), ("b", lower == "true"))
    return (("s", text),)


def _is_yes_or_no(wanted: bool) -> ValueTest:
    word = "true" if wanted else "false"

    def test(value: object) -> bool:
        if isinstance(value, str):
            return len(value) == len(word) and value.lower() == word
        return value is wanted

    return test


def only_texts_read(literal: str) -> bool:
    """Whether no number and no true/false is ever written like this text."""
    return bool(literal) and literal[0] not in "-0123456789tfin"
