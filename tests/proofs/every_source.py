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
    """A secret for every source, and one for its address, by environment variable."""
    found = {}
    for name, preset in PRESETS.items():
        for source in (name, f"{name}-x"):
            text = f"secret-of-{source}-{chance.randbytes(16).hex()}"
            found[_variable(source)] = _secret(preset, text)
            found[_variable(source) + "_PATH"] = f"path-of-{source}-{chance.randbytes(12).hex()}"
    return found


def sources_text() -> str:
    """A sources.yaml with every preset proved in its own way, and once more by its address, too.

    Where the address is the only proof, there is one source.
    """
    lines = []
    for name, preset in PRESETS.items():
        told = f"preset: {name}{_TOLD.get(name, '')}"
        if preset.auth in (Auth.PATH, Auth.NONE):
            lines.append(f"{name}: {{{told}, path_secrets: [{_variable(name)}_PATH]}}")
            continue
        both = f"{name}-x"
        lines.append(f"{name}: {{{told}, secrets: [{_variable(name)}]}}")
        proofs = f"secrets: [{_variable(both)}], path_secrets: [{_variable(both)}_PATH]"
        lines.append(f"{both}: {{{told}, {proofs}}}")
    return "\n".join(lines) + "\n"


def _secret(preset: Preset, text: str) -> str:
    if preset.auth is Auth.BASIC:
        return f"usher:{text}"
    if preset.key.decode is KeyForm.BASE64:
        return preset.key.strip + base64.b64encode(text.encode()).decode()
    return text.encode().hex() if preset.key.decode is KeyForm.HEX else preset.key.strip + text


def _variable(source: str) -> str:
    return "FUZZ_" + source.upper().replace("-", "_")
