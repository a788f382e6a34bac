"""`usher simulator`: every switch is an option, and what cannot be is told before it listens."""

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from coursebox.simulator import SWITCHES
from usher.__main__ import main

USHER = [sys.executable, "-u", "-m", "usher", "simulator", "--port", "0"]
ROOT = Path(__file__).parent.parent


@contextmanager
def started(*options: str) -> Iterator[httpx.Client]:
    with subprocess.Popen([*USHER, *options], stdout=subprocess.PIPE, text=True, cwd=ROOT) as usher:
        try:
            assert usher.stdout is not None
            url = usher.stdout.readline().strip()
            with httpx.Client(base_url=url, verify=False) as client:  # noqa: S501 (plain http)
                yield client
        finally:
            usher.send_signal(signal.SIGTERM)


def test_a_port_that_somebody_has_is_named_with_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])

        result = CliRunner().invoke(main, ["simulator", "--port", port])

    assert result.exit_code == 2
    assert f"127.0.0.1:{port} cannot be used" in result.output
    assert "set --port to another port" in result.output


def refused(*options: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["simulator", "--port", "0", *options])
    return result.exit_code, result.output


def test_courses_switches_and_faults_are_there_from_the_start(tmp_path: Path) -> None:
    file = tmp_path / "courses.json"
    file.write_text(json.dumps({"201": "Ladders", "202": "Lifting"}))
    fault = json.dumps({"call": "login", "fault": "status", "status": 503})
    faults = json.dumps([{"call": "*", "fault": "drop_before", "chance": 0.5}])

    with started(
        *("--courses", str(file), "--course", "203 = Lamps = light", "--course", "201=Steps"),
        *("--duplicate-account", "hidden", "--administered", "201, 202", "--rate-limit", "50"),
        *("--seed", "null", "--token-ttl", "60.5", "--fault", fault, "--fault", faults),
    ) as client:
        state: Any = client.get("/__sim/state").json()
        in_line: Any = client.get("/__sim/faults").json()

    assert [(each["id"], each["title"]) for each in state["courses"]] == [
        (201, "Steps"),
        (202, "Lifting"),
        (203, "Lamps = light"),
    ]
    assert [each["administered"] for each in state["courses"]] == [True, True, False]
    assert {
        name: state["switches"][name]
        for name in ("duplicate_account", "rate_limit", "seed", "token_ttl", "replies")
    } == {
        "duplicate_account": "hidden",
        "rate_limit": 50,
        "seed": None,
        "token_ttl": 60.5,
        "replies": "bare",
    }
    assert [each["fault"] for each in in_line] == ["status", "drop_before"]


def test_without_options_it_is_the_sample_portal() -> None:
    with started() as client:
        state = client.get("/__sim/state").json()

    assert [each["id"] for each in state["courses"]] == [101, 102, 103, 104, 105]
    assert state["switches"]["seed"] == 1


def test_uuids_and_no_course_of_ones_own() -> None:
    with started("--id-type", "uuid", "--course", "7=Ladders", "--administered", "") as client:
        (course,) = client.get("/__sim/state").json()["courses"]

    assert course["id"] == "0197a6d2-5c00-7000-8000-000000000007"
    assert course["administered"] is False


def test_the_help_names_every_switch_with_its_values() -> None:
    text = CliRunner().invoke(main, ["simulator", "--help"], terminal_width=200).output
    flat = " ".join(text.split())

    for name, switch in SWITCHES.items():
        values = f"[{'|'.join(switch.values)}]" if switch.values else switch.form
        assert f"--{name.replace('_', '-')} {values} " in flat
        assert switch.meaning.replace("`", "")[1:] in flat


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--profile", "lb4"], "must be one of: lb3, lb2"),
        (["--rate-limit", "0"], "whole number from 1, or null"),
        (["--token-ttl", "soon"], "seconds above 0"),
        (["--administered", "x"], "administered: an id cannot be used: 'x'"),
        (["--course", "Ladders"], "must be ID=TITLE, like 201=Ladders"),
        (["--course", "=Ladders"], "must be ID=TITLE"),
        (["--course", "first=Ladders"], "courses: an id cannot be used: 'first'"),
        (["--fault", "{"], "is not JSON"),
        (["--fault", '{"call": "enrol", "fault": "drop_before"}'], "call must be * or one of"),
        (["--fault", '"drop_before"'], "a fault must be an object"),
        (["--courses", "no-such-file.json"], "does not exist"),
        (["--courses", str(Path(__file__))], "is not JSON"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else "",
)
def test_what_cannot_be_is_told_and_nothing_is_started(options: list[str], sentence: str) -> None:
    code, output = refused(*options)

    assert code == 2
    assert sentence in " ".join(output.split())


@pytest.mark.parametrize("content", ['["Ladders"]', '{"201": 5}', "7"])
def test_a_file_that_is_no_list_of_courses_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "courses.json"
    file.write_text(content)

    code, output = refused("--courses", str(file))

    assert code == 2
    assert "does not say which courses there are" in output
    assert '{"201": "Ladders"}' in output
