"""Writes the pages of docs/ that are made from the code: `make docs`."""

from pathlib import Path
from typing import Final

from senders.page import senders_page

ROOT: Final = Path(__file__).parent.parent
SENDERS: Final = ROOT / "docs" / "senders.md"
SAMPLES: Final = ROOT / "tests" / "samples"


def senders() -> str:
    """docs/senders.md as the rows and the recorded samples would have it."""
    return senders_page(path.name for path in SAMPLES.iterdir() if path.is_file())


if __name__ == "__main__":
    SENDERS.write_text(senders(), encoding="utf-8")
