"""The settings: what is read from where, what is refused, and that nothing secret is shown."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from usher.__main__ import main
from workers.schedule import format_schedule, parse_schedule
from workers.secret_key import secret_key
from workers.settings import (
    MASK,
    VARIABLES,
    Settings,
    SettingsError,
    environment,
    load_settings,
    settings_table,
)

EXAMPLE = Path(__file__).parent.parent / ".env.example"
SECRET = "open-sesame-open-sesame"


@pytest.fixture(autouse=True)
def _nothing_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty working directory and none of our variables in the environment."""
    monkeypatch.chdir(tmp_path)
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)


def _origins(settings: Settings) -> dict[str, str]:
    return {row.name: row.origin for row in settings_table(settings)}


def test_without_anything_set_the_defaults_count() -> None:
    settings = load_settings()

    assert settings.redis_url is None
    assert (settings.host, settings.port, settings.web_concurrency) == ("127.0.0.1", 8000, 2)
    assert settings.max_body_bytes == 1_000_000
    assert settings.retry_schedule == (5, 30, 120, 600, 1800, 3600, 10_800, 21_600, 43_200)
    assert set(_origins(settings).values()) == {"default"}


def test_the_environment_counts_more_than_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("PORT=8001\nHOST=0.0.0.0\nFORGOTTEN=1\n")
    monkeypatch.setenv("PORT", "8002")

    settings = load_settings()

    assert (settings.port, settings.host) == (8002, "0.0.0.0")  # noqa: S104
    origins = _origins(settings)
    assert (origins["PORT"], origins["HOST"], origins["DATA_DIR"]) == (
        "environment",
        ".env",
        "default",
    )


def test_an_empty_variable_is_as_good_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("HOST=\nPORT=8001\n")
    monkeypatch.setenv("PORT", "")

    settings = load_settings()

    assert (settings.host, settings.port) == ("127.0.0.1", 8001)


@pytest.mark.parametrize(
    ("line", "value"),
    [
        pytest.param("COURSEBOX_PASSWORD=pa${HOME}ss", "pa${HOME}ss", id="no expansion"),
        pytest.param("COURSEBOX_PASSWORD='a # b'", "a # b", id="quoted"),
        pytest.param("export COURSEBOX_PASSWORD=exported", "exported", id="export"),
        pytest.param("COURSEBOX_PASSWORD=a=b", "a=b", id="equals sign"),
        pytest.param("\ufeffCOURSEBOX_PASSWORD=windows\r", "windows", id="byte order mark"),
    ],
)
def test_the_file_is_read_as_it_is_written(line: str, value: str) -> None:
    more = "COURSEBOX_EMAIL=usher@academy.example\nCOURSEBOX_URL=https://academy.example\n"
    Path(".env").write_text(f"{line}\n{more}", encoding="utf-8")

    password = load_settings().coursebox_password

    assert password is not None
    assert password.get_secret_value() == value


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param(b"PORT=8000\nthis is = no ' line\n", "line 2", id="no assignment"),
        pytest.param(b"HOST=\xff\xfe\n", "UTF-8", id="not text"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_the_place(content: bytes, told: str) -> None:
    Path(".env").write_bytes(content)

    with pytest.raises(SettingsError, match=told):
        load_settings()


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("REDIS_URL", "localhost:6379"),
        ("REDIS_URL", "http://localhost"),
        ("REDIS_URL", "redis://"),
        ("REDIS_URL", "redis://host:99999/0"),
        ("REDIS_URL", "unix://"),
        ("COURSEBOX_URL", "academy.example"),
        ("COURSEBOX_URL", "ftp://academy.example"),
        ("COURSEBOX_URL", "https://academy.example/?tenant=1"),
        ("PUBLIC_URL", "https://usher:pass@academy.example"),
        ("PUBLIC_URL", "https://aca demy.example"),
        ("PUBLIC_URL", "https://usher.example/hooks"),
        ("PUBLIC_URL", "https://usher.example/hooks/hubspot/"),
        ("COURSEBOX_EMAIL", "usher"),
        ("MAX_BODY_BYTES", "999"),
        ("MAX_BODY_BYTES", "1e6"),
        ("MAX_BODY_BYTES", "a million"),
        ("RETRY_SCHEDULE", "5 parsecs"),
        ("RETRY_SCHEDULE", "5 s,,6 s"),
        ("RETRY_SCHEDULE", "0 s"),
        ("RETRY_SCHEDULE", "-5 s"),
        ("RETRY_SCHEDULE", "nan s"),
        ("RETRY_SCHEDULE", "31 d"),
        ("RETRY_SCHEDULE", ",".join(["1 s"] * 51)),
        ("SECRET_KEY", "too short"),
        ("HOST", "not a host"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "80.5"),
        ("WEB_CONCURRENCY", "0"),
        ("WORKER_PROCESSES", "many"),
        ("LOG_FORMAT", "xml"),
        ("LOG_LEVEL", "loud"),
    ],
)
def test_a_wrong_value_is_refused_by_name_with_what_is_allowed(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)

    with pytest.raises(SettingsError, match=rf"^{variable} = .*: must be ") as caught:
        load_settings()

    assert len(caught.value.problems) == 1


def test_all_wrong_values_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("PORT=eighty\n")
    monkeypatch.setenv("LOG_LEVEL", "loud")

    with pytest.raises(SettingsError) as caught:
        load_settings()

    assert sorted(str(problem).split(" ")[0] for problem in caught.value.problems) == [
        "LOG_LEVEL",
        "PORT",
    ]


def test_a_wrong_value_is_told_with_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("PORT=eighty\n")
    monkeypatch.setenv("LOG_LEVEL", "loud")

    with pytest.raises(SettingsError) as caught:
        load_settings()

    ends = {str(problem).split(" ")[0]: str(problem) for problem in caught.value.problems}
    assert ends["PORT"].endswith(" [.env]")
    assert ends["LOG_LEVEL"].endswith(" [environment]")


@pytest.mark.parametrize(
    ("set_", "missing"),
    [
        pytest.param(["COURSEBOX_EMAIL"], "COURSEBOX_PASSWORD is missing", id="no password"),
        pytest.param(["COURSEBOX_PASSWORD"], "COURSEBOX_EMAIL is missing", id="no e-mail"),
        pytest.param(
            ["COURSEBOX_EMAIL", "COURSEBOX_PASSWORD"], "COURSEBOX_URL: must be set", id="no address"
        ),
    ],
)
def test_half_a_log_in_is_refused_and_the_missing_half_named(
    set_: list[str], missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in set_:
        monkeypatch.setenv(variable, "usher@academy.example")

    with pytest.raises(SettingsError, match=f"^{missing}"):
        load_settings()


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        pytest.param("SECRET_KEY", SECRET, id="key"),
        pytest.param("COURSEBOX_PASSWORD", SECRET, id="password"),
        pytest.param("REDIS_URL", f"redis://usher:{SECRET}@redis.example:6379/0", id="in Redis"),
        pytest.param("REDIS_URL", f"redis://redis.example?password={SECRET}", id="in the query"),
    ],
)
def test_a_secret_shows_nowhere(variable: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSEBOX_EMAIL", "usher@academy.example")
    monkeypatch.setenv("COURSEBOX_URL", "https://academy.example")
    monkeypatch.setenv("COURSEBOX_PASSWORD", "another")
    monkeypatch.setenv(variable, value)

    settings = load_settings()

    shown = f"{settings!r} {settings} {settings_table(settings)}"
    assert SECRET not in shown
    assert MASK in shown


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        pytest.param("SECRET_KEY", "sesame", id="key"),
        pytest.param("REDIS_URL", "redis://usher:sesame@redis.example:port", id="in Redis"),
        pytest.param("PUBLIC_URL", "https://usher:ses/ame@usher.example", id="with a slash"),
    ],
)
def test_a_wrong_secret_is_not_told_either(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)

    with pytest.raises(SettingsError) as caught:
        load_settings()

    told = f"{caught.value} {caught.value!r} {caught.value.__cause__!r}"
    assert MASK in told
    assert "ame" not in told.replace("usher.example", "")
    assert caught.value.__suppress_context__


def test_secrets_of_sources_come_from_the_environment_over_the_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Path(".env").write_text("TYPEFORM_SECRET=file\nSHOP_SECRET=file\nPARTNER_SECRET=file\n")
    monkeypatch.setenv("TYPEFORM_SECRET", "environment")
    monkeypatch.setenv("SHOP_SECRET", "")

    found = environment(load_settings())

    assert found["TYPEFORM_SECRET"] == "environment"
    assert found["SHOP_SECRET"] == "file"
    assert found["PARTNER_SECRET"] == "file"
    assert found["PATH"] == os.environ["PATH"]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("5 s", (5,)),
        ("5s,30 seconds", (5, 30)),
        ("1 hour, 2 h", (3600, 7200)),
        ("1.5 min", (90,)),
        ("2 Minutes", (120,)),
        ("1 day", (86_400,)),
    ],
)
def test_a_schedule_is_read_as_people_write_it(text: str, seconds: tuple[int, ...]) -> None:
    assert parse_schedule(text) == seconds


@given(st.lists(st.integers(1, 30 * 86_400_000).map(lambda ms: ms / 1000), min_size=1, max_size=50))
def test_a_schedule_that_is_shown_reads_the_same(waits: list[float]) -> None:
    assert parse_schedule(format_schedule(waits)) == tuple(waits)


def test_a_key_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    settings = load_settings()

    first, second = secret_key(settings), secret_key(settings)

    assert first == second
    assert len(first) >= 32
    kept = tmp_path / "var" / "secret_key"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in kept.parent.iterdir()] == ["secret_key"]


def test_processes_that_start_at_once_get_the_same_key(tmp_path: Path) -> None:
    source = "from workers.settings import load_settings; from workers.secret_key import *\n"
    source += "print(secret_key(load_settings()))"
    root = str(EXAMPLE.parent)
    started = [
        subprocess.Popen(
            [sys.executable, "-c", source],
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": root},
        )
        for _ in range(4)
    ]

    keys = {process.communicate()[0] for process in started}

    assert len(keys) == 1
    assert keys != {b""}


def test_a_given_key_is_taken_and_nothing_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", SECRET)

    assert secret_key(load_settings()) == SECRET
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_key_is_refused_rather_than_replaced(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "secret_key").write_text("half")

    with pytest.raises(SettingsError, match="restore it from a backup"):
        secret_key(load_settings())


def test_the_example_names_every_setting_with_its_meaning() -> None:
    settings = settings_table(load_settings())
    text = EXAMPLE.read_text()

    entries = dict(re.findall(r"((?:^# .*\n)+)#([A-Z_]+)=", text, re.MULTILINE))

    meanings = {name: " ".join(re.findall("# (.*)", told)) for told, name in entries.items()}
    assert meanings == {row.name: row.meaning for row in settings}


def test_the_example_shows_defaults_where_it_is_not_an_example() -> None:
    shown = dict(re.findall(r"^#([A-Z_]+)=(.*)$", EXAMPLE.read_text(), re.MULTILINE))

    for row in settings_table(load_settings()):
        assert row.default in ("", shown[row.name])


def test_the_example_is_usable_as_it_is() -> None:
    Path(".env").write_text(EXAMPLE.read_text())

    assert _origins(load_settings()) == dict.fromkeys(VARIABLES, "default")


def test_the_command_prints_every_setting_and_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", SECRET)

    text = CliRunner().invoke(main, ["settings"])
    data = CliRunner().invoke(main, ["settings", "--json"])

    assert (text.exit_code, data.exit_code) == (0, 0)
    assert all(variable in text.stdout for variable in VARIABLES)
    assert SECRET not in text.stdout + data.stdout
    rows = {row["name"]: row for row in json.loads(data.stdout)["settings"]}
    assert list(rows) == list(VARIABLES)
    assert rows["SECRET_KEY"]["value"] == MASK
    assert rows["SECRET_KEY"]["origin"] == "environment"


def test_the_command_says_what_is_wrong_and_ends_with_2(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "eighty")

    result = CliRunner().invoke(main, ["settings"])

    assert result.exit_code == 2
    assert "PORT" in result.stderr
    assert result.stdout == ""


def test_the_command_tells_which_secrets_of_sources_are_set_and_not_what_they_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Path("sources.yaml").write_text(
        "shop: {preset: hmac, signature_header: X-Signature, secrets: [SHOP_SECRET, SHOP_OLD]}\n"
    )
    monkeypatch.setenv("SHOP_SECRET", SECRET)

    text = CliRunner().invoke(main, ["settings"]).stdout
    data = CliRunner().invoke(main, ["settings", "--json"]).stdout

    assert json.loads(data)["secrets"] == {"SHOP_SECRET": True, "SHOP_OLD": False}
    assert re.search(r"SHOP_SECRET +secret of a source: set\n", text)
    assert re.search(r"SHOP_OLD +secret of a source: NOT SET\n", text)
    assert SECRET not in text + data


def test_the_command_shows_the_settings_beside_a_broken_file_of_sources() -> None:
    Path("sources.yaml").write_text("shop: [\n")

    result = CliRunner().invoke(main, ["settings"])

    assert result.exit_code == 0
    assert "SOURCES_FILE" in result.stdout
    assert "not readable as YAML" in result.stderr
