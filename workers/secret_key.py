"""The key under which secrets lie in Redis: given, or made once and kept on this machine."""

import os
import secrets
import tempfile
from pathlib import Path

from workers.settings import KEY_LENGTH, Settings, SettingsError, reason


def secret_key(settings: Settings) -> str:
    """SECRET_KEY, or the key kept in DATA_DIR/secret_key, made on first need (mode 0600)."""
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value()
    path = settings.data_dir / "secret_key"
    try:
        if not path.exists():
            _keep_new_key(path)
        key = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError([f"{path}: cannot be read or made: {reason(error)}"]) from None
    if len(key) < KEY_LENGTH:
        raise SettingsError(
            [f"{path}: is shorter than {KEY_LENGTH} characters; restore it from a backup"]
        )
    return key


def _keep_new_key(path: Path) -> None:
    # A link of a finished file: of two processes that start at once, both read the same key.
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".secret_key-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(secrets.token_urlsafe(32))
            stream.flush()
            os.fsync(stream.fileno())
        if not path.exists():
            _link(Path(name), path)
    finally:
        Path(name).unlink()


def _link(made: Path, path: Path) -> None:
    try:
        path.hardlink_to(made)
    except FileExistsError:
        return
