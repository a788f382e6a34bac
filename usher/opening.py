"""The one place where a command opens the settings and Redis."""

import getpass
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeVar

from usher.failing import FOUND_WRONG, Failed
from usher.output import remark
from usher.words import also, clock
from workers.portals import destination
from workers.redis_server import EmbeddedRedis
from workers.settings import Settings, load_settings, settings_table
from workers.store import Archive, Connection, Run, Store, StoreUnavailable
from workers.store.gate import probe_time

T = TypeVar("T")

# the portal of the account `default`, as a destination
COURSEBOX: Final = "coursebox"
# the longest wait for an answer of Redis (seconds): a person is waiting
PATIENCE: Final = 5.0


class NothingReceived(Failed):
    """There is no Redis and no data of one: Usher was never started here."""

    def __init__(self, data_dir: Path) -> None:
        super().__init__(
            "Nothing has been received yet.",
            f"There is no data in {data_dir.resolve() / 'redis'}. Start Usher with `usher up`, or "
            "run this where it runs; REDIS_URL and DATA_DIR say where it keeps its work.",
            FOUND_WRONG,
        )


def now() -> datetime:
    """The time, in the zone of this machine."""
    return datetime.now(UTC).astimezone()


@dataclass(frozen=True, slots=True)
class Usher:
    """What a command works on; `now` is when it began."""

    settings: Settings
    store: Store
    archive: Archive
    now: datetime = field(default_factory=now)

    def due(self, work_id: str) -> datetime | None:
        """When someone looks at that work again; None when it is not unfinished."""
        at = self.archive.due_at(work_id)
        return None if at is None else datetime.fromtimestamp(at, self.now.tzinfo)

    def hold(self, run: Run) -> str:
        """Why what the run waits for is on hold, since when and by whom; "" when it is not."""
        held = self.store.holds()
        # what it was held for, else the whole of its portal
        said = (place for place in held if run.reason.startswith(f"{place} is on hold"))
        place = next(said, destination(run.account))
        return hold_told(place, held[place], self.now) if place in held else ""


def hold_told(destination: str, held: Mapping[str, str], now: datetime) -> str:
    """A hold in words."""
    since = clock(datetime.fromisoformat(held["since"]), now)
    told = f"{destination} is on hold since {since} (by {held['by']}): {held['reason']}"
    probe = probe_time(held)
    if probe is None:
        return told
    return also(told, f"Usher tries by itself whether it works again, next at {clock(probe, now)}")


@contextmanager
def opened(*, start: bool = False) -> Iterator[Usher]:
    """The store that the settings speak of.

    The embedded Redis is used where it runs, else started for the time of the command if it has
    data, or if `start` says so. Raises NothingReceived, or Failed when Redis cannot be used.
    """
    settings = load_settings()
    with ExitStack() as stack:
        url = settings.redis_url
        if url is None:
            if not start and not _has_data(settings.data_dir):
                raise NothingReceived(settings.data_dir)
            url = stack.enter_context(EmbeddedRedis(settings.data_dir)).url
        connection = Connection(url, timeout=PATIENCE)
        stack.callback(connection.close)
        try:
            yield Usher(settings, Store(connection), Archive(connection))
        except StoreUnavailable as error:
            raise Failed(f"{error.reason}.", _where(settings)) from error


def read(get: Callable[[Usher], T], nothing: T) -> T:
    """What `get` finds; `nothing`, and a word about it, where nothing was ever received."""
    try:
        with opened() as usher:
            return get(usher)
    except NothingReceived as error:
        remark(str(error))
        return nothing


def operator() -> str:
    """Who is at the keyboard, as far as this machine knows."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return "somebody"


def _has_data(data_dir: Path) -> bool:
    # named by the embedded server as soon as it starts; a folder that is closed to us is an error
    folder = data_dir / "redis"
    return folder.exists() and any(name.startswith("appendonly") for name in os.listdir(folder))


def _where(settings: Settings) -> str:
    if settings.redis_url is None:
        return (
            f"This is the embedded Redis in {settings.data_dir.resolve() / 'redis'}; "
            "redis.log beside its data may say more. Is `usher up` running?"
        )
    row = next(row for row in settings_table(settings) if row.name == "REDIS_URL")
    return f"REDIS_URL is {row.value} ({row.origin}). Is that right, and is Redis running there?"
