"""`usher coursebox`: the six reads of the portal, against the simulator and without Redis."""

import fcntl
import json
import os
import pty
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from coursebox.simulator import RunningSimulator, running_simulator
from usher.__main__ import main
from workers.settings import VARIABLES

ROOT = Path(__file__).parent.parent
ADA = "ada@customer.example"
LONG = "A title that is far longer than a line of eighty columns has room for, and then some more"
READS = [
    ("courses",),
    ("course", "101"),
    ("learners", "101"),
    ("admins", "101"),
    ("user", "1001"),
    ("activity", "5001"),
]
AWAY = "http://127.0.0.1:1"


@pytest.fixture
def sim() -> Iterator[RunningSimulator]:
    with running_simulator(courses={101: "Safety Basics", 102: LONG}) as running:
        yield running


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sim: RunningSimulator) -> Path:
    """A working directory whose `.env` names the portal; a Redis that is not there is named too."""
    monkeypatch.chdir(tmp_path)
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    settle(tmp_path, sim)
    return tmp_path


def settle(folder: Path, sim: RunningSimulator, **other: str) -> None:
    told = {
        "COURSEBOX_URL": sim.url,
        "COURSEBOX_EMAIL": sim.email,
        "COURSEBOX_PASSWORD": sim.password,
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "COURSEBOX_RATE": "1000",
        **other,
    }
    (folder / ".env").write_text("".join(f"{name}={text}\n" for name, text in told.items()))


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["coursebox", *words])


def data(*words: str) -> Any:
    return json.loads(run(*words, "--json").stdout)


def lines(result: Result) -> list[str]:
    return [" ".join(line.split()) for line in result.stdout.splitlines()]


def asked(sim: RunningSimulator) -> list[object]:
    return [call["call"] for call in sim.calls()]


# -- what is read ------------------------------------------------------------------------------


def test_the_courses_are_listed() -> None:
    result = run("courses")

    assert (result.exit_code, result.stderr) == (0, "")
    assert lines(result) == ["ID TITLE", "101 Safety Basics", f"102 {LONG}"]
    assert data("courses")[0] == {"id": 101, "title": "Safety Basics", "isPublished": True}


def test_a_course_is_shown_with_its_activities() -> None:
    result = run("course", "101")

    assert result.exit_code == 0
    assert lines(result) == [
        "id 101",
        "title Safety Basics",
        "isPublished yes",
        "activities 5001 Safety Basics, part 1",
        "5002 Safety Basics, part 2",
    ]
    assert [each["id"] for each in data("course", "101")["activities"]] == [5001, 5002]


def test_a_link_to_a_course_does_for_its_id(sim: RunningSimulator) -> None:
    assert data("course", f"{sim.url}/courses/101/about")["id"] == 101


@pytest.mark.parametrize("rows", ["flat", "nested"])
def test_the_learners_of_a_course_are_listed(rows: str, sim: RunningSimulator) -> None:
    sim.reset(learner_rows=rows)
    user_id = sim.add_person(ADA, "Ada", "Byron", courses=[101])

    assert lines(run("learners", "101")) == ["ID E-MAIL", f"{user_id} {ADA}"]
    assert data("learners", "101") == [{"user_id": str(user_id), "email": ADA}]


def test_every_learner_of_a_large_course_is_there(sim: RunningSimulator) -> None:
    people = [f"p{number}@customer.example" for number in range(60)]
    for each in people:
        sim.add_person(each, courses=[101])

    assert [each["email"] for each in data("learners", "101")] == people
    assert len(lines(run("learners", "101"))) == 61


def test_a_list_of_nobody_says_so() -> None:
    result = run("learners", "101")

    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "Nobody is in that course.\n"
    assert data("learners", "101") == []


def test_no_course_of_ours_is_said(sim: RunningSimulator) -> None:
    sim.reset(administered=[])

    result = run("courses")

    assert (result.exit_code, result.stdout) == (0, "")
    assert "administers no course" in result.stderr


def test_the_administrators_of_a_course_are_listed(sim: RunningSimulator) -> None:
    assert lines(run("admins", "101")) == ["ID E-MAIL NAME", f"1 {sim.email} API User"]
    assert data("admins", "101")[0]["email"] == sim.email


def test_a_user_is_shown(sim: RunningSimulator) -> None:
    user_id = str(sim.add_person(ADA, "Ada", "Byron"))

    told = lines(run("user", user_id))

    assert told[:3] == [f"id {user_id}", f"email {ADA}", "firstName Ada"]
    assert data("user", user_id)["fullName"] == "Ada Byron"


def test_an_activity_is_shown() -> None:
    assert "content <p>Safety Basics, part 1: sample content.</p>" in lines(run("activity", "5001"))
    assert data("activity", "5001")["courseId"] == 101


def test_answers_that_are_wrapped_read_the_same(sim: RunningSimulator) -> None:
    sim.add_person(ADA, courses=[101])
    timeless = [words for words in READS if words[0] != "user"]
    bare = [run(*words).stdout for words in timeless]

    sim.reset(replies="wrapped")
    sim.add_person(ADA, courses=[101])

    assert all(bare)
    assert [run(*words).stdout for words in timeless] == bare


def test_nothing_is_changed(sim: RunningSimulator) -> None:
    sim.add_person(ADA, courses=[101])
    before = sim.snapshot()["effects"]

    assert [run(*words).exit_code for words in READS] == [0] * 6

    assert {call["method"] for call in sim.calls() if call["call"] != "login"} == {"GET"}
    assert sim.snapshot()["effects"] == before


def test_no_secret_is_printed(sim: RunningSimulator) -> None:
    user_id = sim.add_person(ADA, courses=[101])
    ada = sim.state.user(user_id)
    assert ada is not None
    sim.state.change_user(ada, {"password": "$2a$hash", "credentials": [{"key": "k-1"}]})

    told = "".join(run(*words, *more).output for words in READS for more in ((), ("--json",)))

    assert "(redacted)" in told
    assert [one for one in (sim.password, "$2a$hash", "k-1") if one in told] == []


def test_what_could_move_a_cursor_is_written_out(sim: RunningSimulator) -> None:
    sim.reset(courses={101: "Safe\x1b[2Jty\nBasics"})

    assert lines(run("courses"))[1] == "101 Safe\\x1b[2Jty\\nBasics"


@pytest.mark.parametrize("words", READS, ids=" ".join)
def test_on_a_terminal_no_line_is_wider_than_eighty(
    words: tuple[str, ...], sim: RunningSimulator, folder: Path
) -> None:
    sim.reset(courses={101: LONG})
    sim.add_person(f"{'a' * 60}@{'b' * 40}.example", "Ada " * 20, "Byron", courses=[101])
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 80, 0, 0))

    program = subprocess.run(
        [sys.executable, "-m", "usher", "coursebox", *words],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "TERM": "dumb"},
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(theirs)
    seen = os.read(ours, 65_536).decode()
    os.close(ours)

    assert (program.returncode, program.stderr) == (0, b"")
    assert max(len(line) for line in seen.splitlines()) <= 80


# -- what cannot be read -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("course", "999"), "`usher coursebox courses` lists"),
        (("learners", "999"), "`usher coursebox courses` lists"),
        (("admins", "999"), "`usher coursebox courses` lists"),
        (("user", "999"), "`usher coursebox learners COURSE` lists"),
        (("activity", "999"), "`usher coursebox course ID` lists"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_is_not_there_ends_with_one(words: tuple[str, ...], said: str) -> None:
    result = run(*words)

    assert (result.exit_code, result.stdout) == (1, "")
    assert "Coursebox has no such record" in result.stderr
    assert said in result.stderr


def test_a_course_of_others_ends_with_one(sim: RunningSimulator) -> None:
    sim.reset(administered=["102"])

    result = run("course", "101")

    assert result.exit_code == 1
    assert "must be an administrator of that course." in result.stderr
    assert "replay" not in result.stderr


@pytest.mark.parametrize("words", READS, ids=" ".join)
def test_without_settings_the_variables_are_named(words: tuple[str, ...], folder: Path) -> None:
    (folder / ".env").unlink()

    result = run(*words)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "Not set: COURSEBOX_URL, COURSEBOX_EMAIL, COURSEBOX_PASSWORD.\n"
        "Set what Usher logs in to Coursebox with, in the environment or in .env;\n"
        "`usher simulator` is a Coursebox to try this on.\n"
    )


def test_a_refused_log_in_is_tried_once_and_shows_no_password(
    sim: RunningSimulator, folder: Path
) -> None:
    settle(folder, sim, COURSEBOX_PASSWORD="not-the-sample")

    result = run("courses")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "does not accept the e-mail address and password" in result.stderr
    assert "Correct COURSEBOX_EMAIL and COURSEBOX_PASSWORD" in result.stderr
    assert "not-the-sample" not in result.output
    assert "hold" not in result.stderr
    assert asked(sim) == ["login"]


def test_a_portal_that_is_away_ends_with_two(sim: RunningSimulator, folder: Path) -> None:
    settle(folder, sim, COURSEBOX_URL=AWAY)

    result = run("courses")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "no connection to Coursebox could be made" in result.stderr
    assert f"Asked was {AWAY} (COURSEBOX_URL)." in result.stderr
    assert "by itself" not in result.stderr


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"fault": "status", "status": 502}, "a gateway in front of Coursebox"),
        ({"fault": "status", "status": 500}, "a fault of its own"),
        ({"fault": "status", "status": 429, "retry_after": 5}, "asks to go slower"),
        ({"fault": "drop_before"}, "the connection was lost"),
        ({"fault": "malformed_json"}, "cannot be read as JSON"),
        ({"fault": "status", "status": 404, "body": "{}"}, "the address of your own portal"),
        ({"fault": "status", "status": 200, "body": '"?"'}, "usher lookups try"),
    ],
    ids=["502", "500", "429", "dropped", "malformed", "no such route", "another form"],
)
def test_a_portal_in_trouble_ends_with_two(
    fault: dict[str, object], said: str, sim: RunningSimulator
) -> None:
    sim.add_faults([{"call": "findCourses", **fault}])

    result = run("courses")

    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


def test_an_address_that_is_not_safe_is_not_asked(sim: RunningSimulator, folder: Path) -> None:
    settle(folder, sim, COURSEBOX_URL="http://learn.customer.example")

    result = run("courses")

    assert result.exit_code == 2
    assert result.stderr.startswith("The Coursebox address")
    assert "is not https" in result.stderr


def test_an_id_that_cannot_be_one_is_not_sent(sim: RunningSimulator) -> None:
    result = run("user", " ")

    assert result.exit_code == 2
    assert result.stderr == "The user id is empty; nothing was sent to Coursebox\n"
    assert asked(sim) == []
