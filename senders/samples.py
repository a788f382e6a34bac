"""Whose delivery a recorded file is: its name begins with the name of a preset."""

from collections.abc import Iterable

from senders.preset import Preset
from senders.presets import PRESETS


def preset_of_file(name: str) -> Preset | None:
    """The preset with the longest name, or other name, that the file's begins with; None for none.

    `hubspot-deal.json` and `hubspot.http` are of hubspot, `hubspots.json` is not.
    """
    stem = name.rpartition(".")[0]
    named = {known: row for row in PRESETS.values() for known in (row.name, *row.also)}
    fitting = [known for known in named if stem == known or stem.startswith(f"{known}-")]
    return named[max(fitting, key=len)] if fitting else None


def files_of(preset: Preset, names: Iterable[str]) -> tuple[str, ...]:
    """Those of the files that are recorded deliveries of the preset, sorted."""
    return tuple(sorted(name for name in names if preset_of_file(name) == PRESETS[preset.name]))
