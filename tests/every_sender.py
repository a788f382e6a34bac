"""A vocabulary in which every preset is a source of its own name, beside those of sources.yaml."""

from pathlib import Path
from typing import Final

from senders.presets import PRESETS
from senders.sources import read_presets
from workers.callbacks import callback_shapes, read_both
from workers.lookups import lookup_shapes
from workers.sources_file import vocabulary

ROOT: Final = Path(__file__).parent.parent
CONFIGURED: Final = read_presets((ROOT / "sources.yaml").read_text(encoding="utf-8"))
_LOOKUPS, _CALLBACKS = read_both((ROOT / "lookups.yaml").read_text(encoding="utf-8"))
LOOKUPS: Final = lookup_shapes(_LOOKUPS, {})
CALLBACKS: Final = callback_shapes(_CALLBACKS, {})
# what the live rules may speak of, and what the examples may
SHIPPED: Final = vocabulary(CONFIGURED, LOOKUPS, callbacks=CALLBACKS)
VOCABULARY: Final = vocabulary(
    {**{name: name for name in PRESETS}, **CONFIGURED}, LOOKUPS, callbacks=CALLBACKS
)
