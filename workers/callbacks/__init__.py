"""What runs tell other systems: the part `callbacks:` of lookups.yaml as data, through one door."""

from workers.callbacks.actions import CallbackActions
from workers.callbacks.callbacks import Callbacks, callback_problems, callback_shapes
from workers.callbacks.definition import CALLBACK, USE, BuiltIn, Callback
from workers.callbacks.failures import CallbackFailed
from workers.callbacks.file import read_both
from workers.callbacks.telling import Came, Telling

__all__ = [
    "CALLBACK",
    "USE",
    "BuiltIn",
    "Callback",
    "CallbackActions",
    "CallbackFailed",
    "Callbacks",
    "Came",
    "Telling",
    "callback_problems",
    "callback_shapes",
    "read_both",
]
