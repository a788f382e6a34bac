"""A sources.yaml with every preset, and made-up secrets for all of its sources."""

import base64
from collections.abc import Mapping
from random import Random
from typing import Final

from senders.preset import Auth, KeyForm, Preset
from senders.presets import PRESETS

# what a generic preset has to be told
_TOLD: Final[Mapping[str, str]] = {
    "hmac": ", signature_header: X-Signature-256",
    "body": ", secret_field: proof.secret",
}


def secrets_of_all(chance: Random) -> dict[str, str]:
    """A made-up secret for every preset, and one for its address, by environment variable."""
    found = {}
    for name, preset in PRESETS.items():
        text = f"secret-of-{name}-{chance.randbytes(16).hex()}"
        found[_variable(name)] = _secret(preset, text)
        found[_variable(name) + "_PATH"] = f"path-of-{name}-{chance.randbytes(12).hex()}"
    return found


def _secret(preset: Preset, text: str) -> str:
    if preset.auth is Auth.BASIC:
        return f"usher:{text}"
    if preset.key.decode is KeyForm.BASE64:
        return preset.key.strip + base64.b64encode(text.encode()).decode()
    return text.encode().hex() if preset.key.decode is KeyForm.HEX else preset.key.strip + text


def _variable(name: str) -> str:
    return "FUZZ_" + name.upper().replace("-", "_")


def sources_text() -> str:
    """A sources.yaml with two sources of every preset: by its own proof, and by the address too."""
    lines = []
    for name, preset in PRESETS.items():
        own = "" if preset.auth in (Auth.PATH, Auth.NONE) else f", secrets: [{_variable(name)}]"
        path = f", path_secrets: [{_variable(name)}_PATH]"
        told = _TOLD.get(name, "")
        lines.append(f"{name}: {{preset: {name}{own or path}{told}}}")
        if own:
            lines.append(f"{name}-x: {{preset: {name}{own}{path}{told}}}")
    return "\n".join(lines) + "\n"
