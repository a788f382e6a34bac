"""Every recorded sample with its preset, and deliveries of any preset signed with made-up secrets.

The preset is the longest name, or other name, of a preset that the file's name begins with; what
begins with none is posted by the shop of sources.yaml, a preset of the generic kind.
"""

import base64
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from senders.delivery import Delivery
from senders.keys import read_key
from senders.knobs import KNOBS
from senders.preset import Auth, KeyForm, Preset
from senders.presets import PRESETS
from senders.recorded import Recorded, parse_recorded
from senders.samples import preset_of_file
from senders.shaping import shape
from senders.signing import sign
from senders.sources import Source
from tests.deliveries import ROOT, all_sources

FOLDER: Final = ROOT / "tests" / "samples"
PATHS: Final = tuple(
    sorted(path for path in FOLDER.iterdir() if path.suffix in {".json", ".http", ".xml"})
)
PUBLIC_URL: Final = "https://usher.example"
PATH_SECRET: Final = "a-long-part-of-the-path"
TEXT_SECRET: Final = "made-up secret, 32 characters ..."
# what a generic preset cannot do without; every other preset is complete
KNOBS_OF: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "hmac": {"signature_header": "X-Signature-256", "signature_prefix": "sha256="},
        "body": {"secret_field": "proof.secret"},
    }
)


@dataclass(frozen=True, slots=True)
class Sample:
    """A recorded delivery and the preset that it is of."""

    path: Path
    preset: Preset

    @property
    def name(self) -> str:
        return self.path.name

    def recorded(self) -> Recorded:
        return parse_recorded(self.name, self.path.read_bytes())


def preset_of(file: str) -> Preset:
    """The preset that a sample of that name belongs to."""
    return preset_of_file(file) or all_sources()["shop"].preset


SAMPLES: Final = tuple(Sample(path, preset_of(path.name)) for path in PATHS)


def samples_of(preset: str) -> tuple[Sample, ...]:
    """The samples of that preset."""
    return tuple(sample for sample in SAMPLES if sample.preset.name == preset)


def secret_text(preset: Preset) -> str:
    """A secret as an administrator of this sender would have it."""
    if preset.auth is Auth.BASIC:
        return "usher:" + TEXT_SECRET
    raw = TEXT_SECRET.encode()
    if preset.key.decode is KeyForm.BASE64:
        return preset.key.strip + base64.b64encode(raw).decode()
    return raw.hex() if preset.key.decode is KeyForm.HEX else preset.key.strip + TEXT_SECRET


def source_of(preset: Preset, name: str = "") -> Source:
    """A started source of that preset, with a secret of its own kind."""
    knobs = KNOBS_OF.get(preset.name, {}) if preset == PRESETS[preset.name] else {}
    for knob, value in knobs.items():
        preset = KNOBS[knob].turn(preset, (value,))
    known_by = name or preset.name
    if preset.auth is Auth.NONE:
        return Source(known_by, preset)
    if preset.auth is Auth.PATH:
        return Source(known_by, preset, path_secrets=(PATH_SECRET.encode(),))
    secret = read_key(preset.auth, preset.key, secret_text(preset))
    return Source(known_by, preset, secrets=(secret,))


def delivered(
    sample: Sample, source: Source | None = None, *, now: float | None = None
) -> Delivery:
    """The sample as its sender posts it to that source (one of the preset, if none), signed."""
    sender = source or source_of(sample.preset)
    shaped = shape(sender.preset, sample.recorded())
    return sign(
        sender,
        shaped.body,
        target=f"/hooks/{sender.name}",
        now=time.time() if now is None else now,
        public_url=PUBLIC_URL,
        event_id="msg_1",
        content_type=shaped.content_type,
        headers=shaped.headers,
    )
