"""A vocabulary in which every preset is a source of its own name, beside those of sources.yaml."""

from pathlib import Path
from typing import Final

from senders.presets import PRESETS
from senders.sources import read_presets
from workers.lookups import lookup_shapes, read_definitions
from workers.sources_file import vocabulary

ROOT: Final = Path(__file__).parent.parent
CONFIGURED: Final = read_presets((ROOT / "sources.yaml").read_text(encoding="utf-8"))
LOOKUPS: Final = lookup_shapes(
    read_definitions((ROOT / "lookups.yaml").read_text(encoding="utf-8")), {}
)
# what the live rules may speak of, and what the examples may
SHIPPED: Final = vocabulary(CONFIGURED, LOOKUPS)
VOCABULARY: Final = vocabulary({**{name: name for name in PRESETS}, **CONFIGURED}, LOOKUPS)
