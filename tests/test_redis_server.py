"""The embedded Redis: kept data, one server a folder, an end with its owner."""

import fcntl
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from redis import Redis

from workers.redis_server import (
    EmbeddedRedis,
    RedisServerError,
    embedded_url,
    find_program,
    redis_url,
    socket_path,
)
from workers.settings import Settings

OWNER = """
import sys
from pathlib import Path
from workers.redis_server import EmbeddedRedis
with EmbeddedRedis(Path(sys.argv[1])) as server:
    print("owner" if server.owner else "guest", server.process_id, flush=True)
    sys.stdin.read()
"""


def _other_process(data: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", OWNER, str(data)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _line(process: subprocess.Popen[str]) -> list[str]:
    assert process.stdout is not None
    return process.stdout.readline().split()


def _eventually(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline, "it never came true"
        threading.Event().wait(0.01)


def _ended(process_id: int) -> bool:
    try:
        return Path(f"/proc/{process_id}/stat").read_text().split(") ")[1].startswith("Z")
    except (FileNotFoundError, ProcessLookupError):
        return True


@pytest.fixture
def other(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that starts, or uses, the Redis of this test's folder."""
    process = _other_process(tmp_path)
    yield process
    process.communicate(timeout=20)


def test_what_was_written_is_there_after_a_restart(tmp_path: Path) -> None:
    with EmbeddedRedis(tmp_path) as server, Redis.from_url(server.url) as client:
        client.set("seat", "12A")

    with EmbeddedRedis(tmp_path) as server, Redis.from_url(server.url) as client:
        assert client.get("seat") == b"12A"


def test_what_was_written_is_there_after_the_server_was_killed(tmp_path: Path) -> None:
    with EmbeddedRedis(tmp_path) as server, Redis.from_url(server.url) as client:
        client.set("seat", "12A")
        assert server.process_id is not None
        os.kill(server.process_id, signal.SIGKILL)

    with EmbeddedRedis(tmp_path) as server, Redis.from_url(server.url) as client:
        assert client.get("seat") == b"12A"


def test_it_keeps_every_write_and_throws_nothing_away(redis_server: EmbeddedRedis) -> None:
    with Redis.from_url(redis_server.url) as client:
        told = {**client.config_get("append*"), **client.config_get("maxmemory-policy")}
        told |= {**client.config_get("save"), **client.config_get("port")}

    assert told["appendonly"] == "yes"
    assert told["appendfsync"] == "always"
    assert told["maxmemory-policy"] == "noeviction"
    assert told["save"] == ""
    assert told["port"] == "0"


def test_only_its_owner_can_reach_it(tmp_path: Path) -> None:
    with EmbeddedRedis(tmp_path):
        modes = [socket_path(tmp_path).stat().st_mode, (tmp_path / "redis").stat().st_mode]

    assert [stat.S_IMODE(mode) & 0o077 for mode in modes] == [0, 0]


def test_a_running_server_is_used_and_left_running(tmp_path: Path) -> None:
    with EmbeddedRedis(tmp_path) as first:
        with EmbeddedRedis(tmp_path) as second:
            owners = (first.owner, second.owner)

        still = first.owner

    assert owners == (True, False)
    assert still


def test_of_starters_at_the_same_moment_exactly_one_owns_the_server(tmp_path: Path) -> None:
    starters = [_other_process(tmp_path) for _ in range(4)]
    told = [_line(starter)[0] for starter in starters]
    for starter in starters:
        starter.communicate(timeout=20)

    assert sorted(told) == ["guest", "guest", "guest", "owner"]


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal is Linux's")
def test_it_ends_with_an_owner_that_is_killed(tmp_path: Path, other: subprocess.Popen[str]) -> None:
    server_id = int(_line(other)[1])

    other.kill()

    _eventually(lambda: _ended(server_id))


def test_a_start_right_after_the_owner_was_killed_gives_a_server_that_stays(
    tmp_path: Path, other: subprocess.Popen[str]
) -> None:
    old_id = int(_line(other)[1])
    other.kill()

    with EmbeddedRedis(tmp_path) as server, Redis.from_url(server.url) as client:
        _eventually(lambda: _ended(old_id))
        assert client.ping()
        assert server.owner


def test_it_is_started_again_when_it_dies(tmp_path: Path) -> None:
    with EmbeddedRedis(tmp_path) as server, Redis.from_url(server.url) as client:
        client.set("seat", "12A")
        server.keep()
        first = server.process_id
        assert first is not None

        os.kill(first, signal.SIGKILL)

        _eventually(lambda: server.owner and server.process_id != first)
        assert client.get("seat") == b"12A"


def test_a_guest_that_keeps_takes_over_when_the_owner_is_gone(
    tmp_path: Path, other: subprocess.Popen[str]
) -> None:
    assert _line(other)[0] == "owner"
    with EmbeddedRedis(tmp_path) as guest:
        guest.keep()

        other.kill()

        _eventually(lambda: guest.owner)


def test_a_socket_and_a_lock_file_left_behind_do_not_matter(tmp_path: Path) -> None:
    with EmbeddedRedis(tmp_path) as server:
        assert server.process_id is not None
        os.kill(server.process_id, signal.SIGKILL)
    assert socket_path(tmp_path).exists()

    with EmbeddedRedis(tmp_path) as server:
        assert server.owner


def test_a_path_too_long_for_a_socket_gets_a_private_one_that_is_always_the_same(
    tmp_path: Path,
) -> None:
    data = tmp_path / ("long-" * 30)
    data.mkdir()

    with EmbeddedRedis(data) as server, Redis.from_url(embedded_url(data)) as client:
        assert client.ping()
        assert server.url == embedded_url(data)
        assert stat.S_IMODE(socket_path(data).parent.stat().st_mode) == 0o700

    socket_path(data).parent.rmdir()


def test_data_that_another_process_holds_in_silence_is_refused(tmp_path: Path) -> None:
    (tmp_path / "redis").mkdir()
    with (tmp_path / "redis" / "owner.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)

        with pytest.raises(RedisServerError, match="does not answer"):
            EmbeddedRedis(tmp_path, patience=0.1).start()


def test_a_start_that_fails_shows_the_end_of_the_log(tmp_path: Path) -> None:
    (tmp_path / "redis").mkdir()
    (tmp_path / "redis" / "appendonly.aof").write_text("this is no append-only file\n" * 9)

    with pytest.raises(RedisServerError) as caught:
        EmbeddedRedis(tmp_path).start()

    assert str(tmp_path / "redis" / "redis.log") in str(caught.value)
    assert len(str(caught.value).splitlines()) > 1


def test_data_of_a_newer_redis_is_not_passed_over_in_silence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "redis-server"
    program.write_text("#!/bin/sh\necho Redis server v=6.2.14 bits=64\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    (tmp_path / "data" / "redis" / "appendonlydir").mkdir(parents=True)

    with pytest.raises(RedisServerError, match="written by Redis 7 or later"):
        EmbeddedRedis(tmp_path / "data").start()


def test_valkey_serves_where_there_is_no_redis(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "valkey-server").symlink_to("/bin/true")
    monkeypatch.setenv("PATH", str(tmp_path))

    assert find_program() == tmp_path / "valkey-server"


def test_a_data_folder_that_cannot_be_made_names_the_setting(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file, not a folder")

    with pytest.raises(RedisServerError, match="DATA_DIR"):
        EmbeddedRedis(tmp_path / "var").start()


def test_the_address_is_the_setting_or_the_embedded_socket(tmp_path: Path) -> None:
    given = Settings.model_validate({"REDIS_URL": "redis://redis.example:6379/0"})
    unset = Settings.model_validate({"DATA_DIR": str(tmp_path)})

    assert redis_url(given) == "redis://redis.example:6379/0"
    assert redis_url(unset) == embedded_url(tmp_path)
