"""The command line as a whole: how it fails, how it finds Redis, what it prints where."""

import fcntl
import json
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from senders.sources import SourcesError
from tests.scene import CommandLine, Scene
from usher.__main__ import main
from usher.failing import Commands, Failed
from workers.redis_server import EmbeddedRedis, RedisServerError, embedded_url
from workers.settings import VARIABLES, SettingsError
from workers.store import Connection, Store, StoreUnavailable

ROOT = Path(__file__).parent.parent
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
DATA = ("events", "runs", "dead")


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory, and nothing in the environment."""
    monkeypatch.chdir(tmp_path)
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    return tmp_path


def in_another_process(redis_url: str, *arguments: str, **more: str) -> list[str]:
    environment = {**os.environ, "REDIS_URL": redis_url, **more}
    done = subprocess.run(
        [sys.executable, "-m", "usher", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return [str(done.returncode), done.stdout, done.stderr]


# -- in another process ------------------------------------------------------------------------


def test_the_program_answers_in_another_process(redis_url: str, store: Store) -> None:
    event_id = Scene(store).event()

    code, out, err = in_another_process(redis_url, "events", "list", "--json")

    assert (code, err) == ("0", "")
    assert [event["id"] for event in json.loads(out)] == [event_id]


def test_no_colour_goes_into_a_pipe_whatever_the_environment_says(
    redis_url: str, store: Store
) -> None:
    run = Scene(store).dead()

    for arguments in (["events", "list"], ["dead", "show", run.id]):
        _, out, err = in_another_process(
            redis_url, *arguments, FORCE_COLOR="1", TTY_COMPATIBLE="1", TERM="xterm-256color"
        )
        assert run.id in out or run.event in out
        assert "\x1b" not in out + err


def test_a_reader_that_has_seen_enough_ends_it_quietly(redis_url: str, store: Store) -> None:
    Scene(store).event()
    program = subprocess.Popen(
        [sys.executable, "-m", "usher", "events", "list"],
        cwd=ROOT,
        env={**os.environ, "REDIS_URL": redis_url},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert program.stdout is not None

    program.stdout.close()

    assert program.stderr is not None
    with program.stderr as stderr:
        assert "Traceback" not in (said := stderr.read())
        assert "Broken pipe" not in said
    program.wait()


def test_letters_that_the_other_side_cannot_read_are_written_out(
    redis_url: str, store: Store
) -> None:
    event_id = Scene(store).event("done ✓")

    code, out, _ = in_another_process(
        redis_url, "events", "show", event_id, PYTHONIOENCODING="latin-1"
    )

    assert code == "0"
    assert "done \\u2713" in out


# -- on a terminal -----------------------------------------------------------------------------


def on_a_terminal(redis_url: str, columns: int, *arguments: str) -> str:
    """What a person sees, escape sequences and all."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    environment = {**os.environ, "REDIS_URL": redis_url, "TERM": "xterm-256color"}
    for variable in ("NO_COLOR", "COLUMNS", "LINES"):
        environment.pop(variable, None)
    program = subprocess.Popen(
        [sys.executable, "-m", "usher", *arguments],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=subprocess.DEVNULL,
    )
    os.close(theirs)
    seen = b"".join(_read(ours))
    os.close(ours)
    assert program.wait() == 0
    return seen.decode()


def _read(terminal: int) -> Iterator[bytes]:
    while select.select([terminal], [], [], 30)[0]:
        try:
            part = os.read(terminal, 65_536)
        except OSError:  # Linux says so when the other side has closed
            return
        if not part:
            return
        yield part


@pytest.mark.parametrize("columns", [80, 120])
def test_a_terminal_gets_colour_and_no_line_that_is_too_wide(
    redis_url: str, store: Store, columns: int
) -> None:
    scene = Scene(store)
    run = scene.dead("deal " + "x" * 150, reason="Coursebox has no such course. " * 8)
    scene.finished("二" * 60)
    scene.event("\x1b[2J\x1b]0;title\x07", "a-source-with-a-rather-long-name")

    for arguments in (
        ["events", "list"],
        ["events", "show", run.event],
        ["runs", "list"],
        ["dead", "show", run.id[-8:]],
    ):
        seen = on_a_terminal(redis_url, columns, *arguments)

        assert ESCAPE.search(seen)
        lines = ESCAPE.sub("", seen).split("\r\n")
        assert "\x1b" not in "".join(lines)
        assert max(len(line) + line.count("二") for line in lines) <= columns


def test_a_list_on_a_terminal_shows_ids_that_can_be_asked_for(redis_url: str, store: Store) -> None:
    event_id = Scene(store).event()

    seen = ESCAPE.sub("", on_a_terminal(redis_url, 80, "events", "list"))

    shown = seen.split("\r\n")[1].split()[0]
    assert event_id.endswith(shown)
    assert event_id in CommandLine(redis_url)("events", "show", shown).stdout


# -- how Redis is found ------------------------------------------------------------------------


@pytest.mark.parametrize("group", DATA)
def test_where_nothing_was_received_the_list_is_empty_and_nothing_is_made(
    elsewhere: Path, group: str
) -> None:
    text = CliRunner().invoke(main, [group, "list"])
    as_json = CliRunner().invoke(main, [group, "list", "--json"])

    assert (text.exit_code, text.stdout) == (0, "")
    assert "Nothing has been received yet." in text.stderr
    assert (as_json.exit_code, json.loads(as_json.stdout)) == (0, [])
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize("group", DATA)
def test_where_nothing_was_received_there_is_nothing_to_show(elsewhere: Path, group: str) -> None:
    result = CliRunner().invoke(main, [group, "show", "01J"])

    assert result.exit_code == 1
    assert "Nothing has been received yet." in result.stderr


def test_replaying_all_where_nothing_was_received_is_fine(elsewhere: Path) -> None:
    result = CliRunner().invoke(main, ["dead", "replay", "--all", "--json"])

    assert (result.exit_code, json.loads(result.stdout)) == (0, [])


def test_the_embedded_redis_is_started_for_the_time_of_the_command(elsewhere: Path) -> None:
    data_dir = elsewhere / "var"
    with EmbeddedRedis(data_dir):
        event_id = _event_in(data_dir)

    result = CliRunner().invoke(main, ["events", "list", "--json"])

    assert [event["id"] for event in json.loads(result.stdout)] == [event_id]
    with pytest.raises(StoreUnavailable):
        _event_in(data_dir)


def test_the_embedded_redis_is_used_and_left_alone_where_it_runs(elsewhere: Path) -> None:
    with EmbeddedRedis(elsewhere / "var") as redis:
        event_id = _event_in(elsewhere / "var")

        result = CliRunner().invoke(main, ["events", "list", "--json"])

        assert [event["id"] for event in json.loads(result.stdout)] == [event_id]
        assert redis.owner


def _event_in(data_dir: Path) -> str:
    connection = Connection(embedded_url(data_dir), timeout=1.0)
    try:
        return Scene(Store(connection)).event()
    finally:
        connection.close()


def test_a_hold_can_be_put_before_anything_was_received(elsewhere: Path) -> None:
    held = CliRunner().invoke(main, ["hold", "coursebox", "--why", "not yet"])
    released = CliRunner().invoke(main, ["release", "coursebox", "--json"])

    assert held.exit_code == 0
    assert json.loads(released.stdout)["changed"] is True


@pytest.mark.parametrize(
    "command",
    [
        ["events", "list"],
        ["runs", "show", "01J"],
        ["dead", "replay", "--all"],
        ["hold", "coursebox", "--why", "x"],
        ["release", "coursebox"],
    ],
    ids=" ".join,
)
def test_a_redis_that_is_away_is_named_without_its_password(
    elsewhere: Path, command: list[str]
) -> None:
    address = "redis://:open-sesame@127.0.0.1:1/0"

    result = CliRunner().invoke(main, command, env={"REDIS_URL": address})

    assert (result.exit_code, result.stdout) == (2, "")
    assert "Redis cannot be reached" in result.stderr
    assert "REDIS_URL is redis://********@127.0.0.1:1/0 (environment)" in result.stderr
    assert "open-sesame" not in result.stderr


def test_a_wrong_setting_is_named(elsewhere: Path) -> None:
    result = CliRunner().invoke(main, ["events", "list"], env={"PORT": "door"})

    assert result.exit_code == 2
    assert "PORT = 'door'" in result.stderr


# -- how a command fails -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        pytest.param(Failed("It is so.", "Do this."), 2, "It is so.\nDo this.\n", id="failed"),
        pytest.param(Failed("Wrong.", code=1), 1, "Wrong.\n", id="found wrong"),
        pytest.param(SettingsError(["PORT: too high"]), 2, "PORT: too high", id="settings"),
        pytest.param(SourcesError(["line 1: no"]), 2, "line 1: no", id="sources"),
        pytest.param(StoreUnavailable("Redis is full"), 2, "Redis is full", id="store"),
        pytest.param(RedisServerError("No Redis found."), 2, "No Redis found.", id="no server"),
        pytest.param(
            PermissionError(13, "Permission denied", "var/redis"),
            2,
            "var/redis: Permission denied",
            id="file",
        ),
    ],
)
def test_a_known_error_ends_with_its_text_and_exit_code(
    error: Exception, code: int, said: str
) -> None:
    @click.group(cls=Commands)
    def program() -> None:
        """A program."""

    @program.command()
    def fail() -> None:
        """Fails."""
        raise error

    result = CliRunner().invoke(program, ["fail"])

    assert (result.exit_code, result.stdout) == (code, "")
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_the_version_is_told() -> None:
    result = CliRunner().invoke(main, ["--version"])

    assert re.fullmatch(r"usher, version \d+\.\d+\.\d+\n", result.stdout)


def _commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        yield (*path, name)
        if isinstance(command, click.Group):
            yield from _commands(command, (*path, name))


def _texts() -> Iterator[Path]:
    yield from ROOT.glob("*.md")
    for folder in ("docs", "rules", "usher", "webhooks", "workers", "coursebox"):
        yield from (path for path in ROOT.glob(f"{folder}/**/*") if path.suffix in (".md", ".py"))


def _leads_nowhere(words: str) -> bool:
    command: click.Command = main
    for word in words.split():
        if not isinstance(command, click.Group):
            return False
        if word not in command.commands:
            return True
        command = command.commands[word]
    return False


def test_every_command_that_is_spoken_of_is_there() -> None:
    command = re.compile(r"(?:`|^)usher ((?:[a-z]+(?:-[a-z]+)* ?)+)", re.MULTILINE)
    spoken = [
        (str(path.relative_to(ROOT)), found[1])
        for path in _texts()
        for found in command.finditer(path.read_text())
    ]

    assert len(spoken) > 50
    assert [where for where in spoken if _leads_nowhere(where[1])] == []


@pytest.mark.parametrize("path", list(_commands(main)), ids=" ".join)
def test_every_command_says_what_it_is_for(path: tuple[str, ...]) -> None:
    result = CliRunner().invoke(main, [*path, "-h"])

    assert result.exit_code == 0
    assert result.stdout.splitlines()[2].strip()
    assert max(map(len, result.stdout.splitlines())) <= 80
