"""What sources post, as the inline tests of rules read it: the senders' adapters, lent to them."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final

from rulebook.vocabulary import Adapt
from senders.posted import event_of
from senders.presets import PRESETS, preset_named

# how a body is read where nobody says who posts it: it stays as it came
ANY_SENDER: Final = "hmac"


def adapt_of(names: Mapping[str, str]) -> Adapt:
    """How a body of a source is read: by its preset or, if it has none, by its own name."""

    def adapt(
        body: str, source: str, pairs: Collection[tuple[str, str]], received_at: datetime
    ) -> Mapping[str, object]:
        preset = preset_named(names.get(source, source)) or PRESETS[ANY_SENDER]
        types = {kind for name, kind in pairs if name == source}
        return event_of(body, preset, source, types, received_at)

    return adapt
