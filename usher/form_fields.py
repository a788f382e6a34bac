"""An event as rules see it: every field by the name that a rule writes, with its value."""

from collections.abc import Iterator, Mapping
from typing import Any

from rulebook.paths import Path
from rulebook.written import written
from usher.shapes import without_secrets

# printed as the body, and in the names of rules below it: as long as everything else together
_RAW = "raw"


def form_rows(form: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Field and value per line, the body as it came left out where there is anything else."""
    told = dict(form)
    if told.keys() - {"event", _RAW}:
        told.pop(_RAW, None)
    return [(path.text, written(value)) for path, value in _fields(without_secrets(told), Path(()))]


def _fields(value: object, path: Path) -> Iterator[tuple[Path, object]]:
    """The single values; a list of single values stays together."""
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _fields(inner, Path((*path.steps, str(key))))
    elif isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
        for number, inner in enumerate(value):
            yield from _fields(inner, Path((*path.steps, number)))
    else:
        yield path, value
