"""How a command fails: the one place that makes a text and an exit code of every known error.

Exit codes: 0 fine, 1 found something wrong, 2 could not run.
"""

from typing import Any, Final

import click

from senders.sources import SourcesError
from usher.output import accept_any_text, remark
from workers.lookups import LookUpsError
from workers.redis_server import RedisServerError
from workers.settings import SettingsError
from workers.store import StoreUnavailable

FOUND_WRONG: Final = 1
COULD_NOT_RUN: Final = 2


class Failed(Exception):
    """What a command says when it cannot do as asked: a sentence, and what to do about it."""

    def __init__(self, message: str, hint: str = "", code: int = COULD_NOT_RUN) -> None:
        super().__init__(f"{message}\n{hint}" if hint else message)
        self.code = code


KNOWN: Final = (
    Failed,
    SettingsError,
    SourcesError,
    LookUpsError,
    RedisServerError,
    StoreUnavailable,
    OSError,
)


def told(error: Exception) -> tuple[str, int]:
    """What is said of a known error, and the exit code."""
    match error:
        case Failed():
            return str(error), error.code
        case SettingsError():
            return f"These settings cannot be used:\n{error}", COULD_NOT_RUN
        case SourcesError():
            return f"This file of sources cannot be used:\n{error}", COULD_NOT_RUN
        case LookUpsError():
            return f"This file of look-ups cannot be used:\n{error}", COULD_NOT_RUN
        case StoreUnavailable():
            hint = "Is `usher up` running, and is REDIS_URL right?"
            return f"{error.reason}.\n{hint}", COULD_NOT_RUN
        case OSError():
            where = f"{error.filename}: " if error.filename else ""
            return f"{where}{error.strerror or error}", COULD_NOT_RUN
        case _:
            return str(error), COULD_NOT_RUN


class Commands(click.Group):
    """A group whose commands end with a text and an exit code instead of a stack trace."""

    def invoke(self, ctx: click.Context) -> Any:
        accept_any_text()
        try:
            return super().invoke(ctx)
        except KNOWN as error:
            if isinstance(error, BrokenPipeError):  # `usher events list | head`: click ends quietly
                raise
            text, code = told(error)
        remark(text)
        ctx.exit(code)
