"""Programs that bring an embedded Redis of their own: it comes back, and it ends with them."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import RedisError

from coursebox.simulator import SAMPLE_EMAIL, SAMPLE_PASSWORD
from tests.deliveries import ROOT, SECRETS
from tests.engine_room import PATIENCE, RULES, eventually
from workers.redis_server import embedded_url


@dataclass(frozen=True, slots=True)
class Lone:
    """A running program, and the folder that it works in."""

    popen: subprocess.Popen[bytes]
    folder: Path
    port: int

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    def redis_pid(self) -> int:
        """The process id of its Redis; 0 while there is none that answers."""
        with suppress(RedisError), Redis.from_url(embedded_url(self.folder / "data")) as client:
            return int(client.info("server")["process_id"])
        return 0

    def stop(self) -> int:
        """The exit status after SIGTERM."""
        self.popen.send_signal(signal.SIGTERM)
        return self.popen.wait(PATIENCE)


def _environment(folder: Path, port: int) -> dict[str, str]:
    inherited = ("PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV")
    return {
        **{name: os.environ[name] for name in inherited if name in os.environ},
        **SECRETS,
        "PYTHONPATH": str(ROOT),
        # nothing is sent there: no event comes
        "COURSEBOX_URL": "http://127.0.0.1:9",
        "COURSEBOX_EMAIL": SAMPLE_EMAIL,
        "COURSEBOX_PASSWORD": SAMPLE_PASSWORD,
        "SOURCES_FILE": str(ROOT / "sources.yaml"),
        "RULES_DIR": str(folder / "rules"),
        "DATA_DIR": str(folder / "data"),
        "PORT": str(port),
        "WEB_CONCURRENCY": "1",
        "LOG_FORMAT": "json",
    }


def _port(listening: socket.socket) -> int:
    return int(listening.getsockname()[1])


@contextmanager
def running(folder: Path, *arguments: str) -> Iterator[Lone]:
    """`usher ...` without REDIS_URL; what is left of it is killed at the end."""
    (folder / "rules").mkdir()
    (folder / "rules" / "rules.yaml").write_text(RULES)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = _port(probe)
    with (folder / "log").open("wb") as log:
        popen = subprocess.Popen(
            [sys.executable, "-m", "usher", *arguments],
            cwd=folder,
            env=_environment(folder, port),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        yield Lone(popen, folder, port)
    finally:
        popen.kill()
        popen.wait(PATIENCE)


def _lose_redis(lone: Lone) -> None:
    """Kills its Redis and waits for another one."""
    first = lone.redis_pid()
    os.kill(first, signal.SIGKILL)
    eventually(lambda: lone.redis_pid() not in (0, first), "Redis does not come back")


def _answers(lone: Lone) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", lone.port), 1.0):
        return True
    return False


@pytest.mark.parametrize("processes", [1, 2])
def test_the_redis_of_lone_workers_is_started_again_and_ends_with_them(
    processes: int, tmp_path: Path
) -> None:
    with running(tmp_path, "worker", "--processes", str(processes)) as lone:
        eventually(lambda: lone.log.count("worker ready") == processes, "no worker comes up")
        _lose_redis(lone)
        assert lone.stop() == 0

        assert lone.redis_pid() == 0


def test_the_redis_of_a_lone_web_server_is_started_again_and_ends_with_it(tmp_path: Path) -> None:
    with running(tmp_path, "web") as lone:
        eventually(lambda: _answers(lone), "the web server does not come up")
        _lose_redis(lone)
        assert lone.stop() == 0

        assert lone.redis_pid() == 0
        assert not _answers(lone)


def test_what_a_lone_web_server_logs_stays_json(tmp_path: Path) -> None:
    with running(tmp_path, "web") as lone:
        eventually(lambda: _answers(lone), "the web server does not come up")
        lone.stop()

        told = [json.loads(line)["event"] for line in lone.log.splitlines()]
    assert any(event.startswith("Listening at") for event in told)


def test_a_port_that_is_taken_ends_a_lone_web_server(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = _port(listening)
        ended = subprocess.run(
            [sys.executable, "-m", "usher", "web"],
            cwd=tmp_path,
            env=_environment(tmp_path, port),
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )

    assert ended.returncode != 0
    assert f"127.0.0.1:{port} cannot be used" in ended.stderr
