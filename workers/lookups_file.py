"""The door to LOOKUPS_FILE: what rules can look up, with the keys from the environment."""

from collections.abc import Mapping
from pathlib import Path

from coursebox.client import Coursebox
from rulebook.vocabulary import LookupShape
from workers.callbacks import Callback, read_both
from workers.lookups import (
    LOOKUP,
    Definition,
    Door,
    LookUps,
    LookUpsError,
    lookup_problems,
    lookup_shapes,
    make_ready,
)
from workers.settings import Settings, environment, reason


def load_definitions(settings: Settings) -> Mapping[str, Definition]:
    """The look-ups of LOOKUPS_FILE by name, without any key; none where there is no such file.

    Raises LookUpsError, which names the file, where it cannot be used.
    """
    return load_both(settings)[0]


def load_both(settings: Settings) -> tuple[Mapping[str, Definition], Mapping[str, Callback]]:
    """The look-ups and the callbacks of LOOKUPS_FILE: what is wrong in either is said at once."""
    path = settings.lookups_file
    if not path.exists():
        return {}, {}
    try:
        return read_both(_text(path))
    except LookUpsError as error:
        raise LookUpsError([f"{path}: {problem}" for problem in error.problems]) from None


def load_shapes(settings: Settings) -> Mapping[str, LookupShape]:
    """What the rule checker has to know of every look-up. Raises LookUpsError."""
    definitions = load_definitions(settings)
    return lookup_shapes(definitions, lookup_problems(definitions, environment(settings)))


def load_destinations(settings: Settings) -> frozenset[str]:
    """The names under which look-ups can be put on hold. Raises LookUpsError."""
    made = load_definitions(settings).items()
    variables = environment(settings)
    ready = {name: make_ready(one, variables) for name, one in made}
    return frozenset(
        LOOKUP + name if isinstance(one, str) else one.destination for name, one in ready.items()
    )


def open_lookups(settings: Settings, portals: Mapping[str, Coursebox]) -> LookUps:
    """Everything rules can look up, over connections of its own but for those to the portals, whose
    clients are given by account. Raises LookUpsError."""
    return LookUps(load_definitions(settings), environment(settings), portals, Door())


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise LookUpsError([f"{path}: cannot be read: {reason(error)}"]) from None
