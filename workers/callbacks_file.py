"""The door to the callbacks of LOOKUPS_FILE, with the keys from the environment."""

from collections.abc import Mapping

from rulebook.vocabulary import CallbackShape
from workers.callbacks import Callback, Callbacks, callback_problems, callback_shapes
from workers.lookups import Door
from workers.lookups_file import load_both
from workers.settings import Settings, environment


def load_callbacks(settings: Settings) -> Mapping[str, Callback]:
    """The callbacks of LOOKUPS_FILE by name, without any key; none where there is no such file.

    Raises LookUpsError, which names the file, where it cannot be used.
    """
    return load_both(settings)[1]


def load_callback_shapes(settings: Settings) -> Mapping[str, CallbackShape]:
    """What the rule checker has to know of every callback. Raises LookUpsError."""
    callbacks = load_callbacks(settings)
    return callback_shapes(callbacks, callback_problems(callbacks, environment(settings)))


def load_callback_destinations(settings: Settings) -> frozenset[str]:
    """The names under which callbacks can be put on hold. Raises LookUpsError."""
    with open_callbacks(settings) as callbacks:
        return callbacks.destinations()


def open_callbacks(settings: Settings) -> Callbacks:
    """All that can be told to other systems, over connections of its own. Raises LookUpsError."""
    return Callbacks(load_callbacks(settings), environment(settings), Door())
