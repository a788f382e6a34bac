"""What rules can look up elsewhere: lookups.yaml as data, one door out, one interface."""

from workers.lookups.complaints import LookUpsError
from workers.lookups.definition import Definition
from workers.lookups.door import Door
from workers.lookups.failures import LOOKUP, LookUpFailed
from workers.lookups.file import read_definitions
from workers.lookups.lookups import LookUps, lookup_problems, lookup_shapes
from workers.lookups.ready import make_ready

__all__ = [
    "LOOKUP",
    "Definition",
    "Door",
    "LookUpFailed",
    "LookUps",
    "LookUpsError",
    "lookup_problems",
    "lookup_shapes",
    "make_ready",
    "read_definitions",
]
