"""Which Usher this is."""

import tomllib
from importlib import metadata
from pathlib import Path
from typing import Final

PROJECT: Final = Path(__file__).parent.parent / "pyproject.toml"


def version() -> str:
    """The version that is installed, or that of the folder this runs from."""
    try:
        return metadata.version("usher")
    except metadata.PackageNotFoundError:
        project = tomllib.loads(PROJECT.read_text(encoding="utf-8")) if PROJECT.is_file() else {}
        return str(project.get("project", {}).get("version", "unknown"))
