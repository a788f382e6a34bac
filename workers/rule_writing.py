"""Writing into RULES_DIR, for the commands that mend or make rule files."""

from pathlib import Path
from stat import S_IMODE


def write_one(root: Path, path: str, text: str) -> None:
    """Puts a text in place of that of a file of the folder: whole, or not at all.

    Lone surrogates become the bytes again that they were read from. Raises OSError.
    """
    file = (root / path).resolve(strict=True)
    # a name that no reader of rules takes
    beside = file.with_name(f".{file.name}.new")
    try:
        beside.write_bytes(text.encode(errors="surrogateescape"))
        beside.chmod(S_IMODE(file.stat().st_mode))
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)
