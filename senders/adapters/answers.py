"""A form's answers under every name that a rule may call them by.

Each answer stands, where it is not blank, under

1. its references: the keys that the form's author or the tool gave the question,
2. the question's exact text, with no space around it: `answers["E-mail address"]`,
3. a simple key made of that text, small letters and digits joined by "_":
   `answers.e_mail_address`,
4. each part of a value that the tool gives in parts, as `<reference>_<part>`, without a reference
   `<simple key>_<part>`: `answers.name_first`.

A name of an earlier kind is never hidden by one of a later kind, not even where the question that
it belongs to was left blank: whoever asks for it would get the answer to another question. Of two
answers with the same name of one kind, the first that is not blank counts.

`answers.email` is also the answer to the form's first question that the tool itself knows to ask
for an e-mail address, where no question is called `email`. The first one alone, answered or not:
the second may well ask for somebody else's.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

_EMAIL = "email"
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Answer:
    """One question, and what was answered: a JSON value, None where nothing was.

    references: all its keys, none where the tool has no such. question: its text, None where the
    tool does not send it. email: the tool itself knows that it asks for an e-mail address.
    parts: the value's parts by name, as {"first": "Ada", "last": "Lindt"}.
    """

    references: tuple[str, ...]
    question: str | None
    value: object
    email: bool = False
    parts: Mapping[str, object] = field(default_factory=dict)


def answers(questions: Iterable[Answer]) -> dict[str, object]:
    """Name -> value, for the questions in the form's order, those left blank included.

    Blank are None, text of nothing but spaces, and a list or an object with nothing in it.
    """
    asked = tuple(questions)
    found: dict[str, object] = {}
    taken: set[str] = set()
    for kind in (_by_reference, _by_question, _by_simple_key, _by_part, _by_email):
        named = [pair for answer in asked for pair in kind(answer)]
        for name, value in named[:1] if kind is _by_email else named:
            if name not in taken and not is_blank(value):
                found.setdefault(name, value)
        taken.update(name for name, _ in named)
    return found


def is_blank(value: object) -> bool:
    """Whether a question with this answer was left unanswered."""
    if isinstance(value, str):
        return not value.strip()
    return value is None or (isinstance(value, list | dict) and not value)


def simple_key(question: str) -> str:
    """`E-mail address` -> `e_mail_address`; "" for a text without a letter or digit."""
    return "_".join(_WORD.findall(question.lower()))


_Names = Iterator[tuple[str, object]]


def _by_reference(answer: Answer) -> _Names:
    return ((name, answer.value) for name in answer.references if name)


def _by_question(answer: Answer) -> _Names:
    text = (answer.question or "").strip()
    if text:
        yield text, answer.value


def _by_simple_key(answer: Answer) -> _Names:
    key = simple_key(answer.question or "")
    if key:
        yield key, answer.value


def _by_part(answer: Answer) -> _Names:
    key = simple_key(answer.question or "")
    for name in answer.references or ((key,) if key else ()):
        yield from ((f"{name}_{part}", value) for part, value in answer.parts.items())


def _by_email(answer: Answer) -> _Names:
    if answer.email:
        yield _EMAIL, answer.value
