"""`usher coursebox`: the reads against the simulator without Redis, the check and what it keeps."""

import contextlib
import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from coursebox.policy import Policy
from coursebox.simulator import RunningSimulator, running_simulator
from tests.engine_room import engine_room
from tests.scene import Scene
from usher.__main__ import main
from workers.settings import VARIABLES, load_settings
from workers.store import Move, RunState, Store
from workers.store.gate import traffic
from workers.store.proofs import Proof, Proofs

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
    assert "COURSEBOX_URL = 'http://learn.customer.example': must be https://" in result.stderr


def test_an_id_that_cannot_be_one_is_not_sent(sim: RunningSimulator) -> None:
    result = run("user", " ")

    assert result.exit_code == 2
    assert result.stderr == "The user id is empty; nothing was sent to Coursebox\n"
    assert asked(sim) == []


# -- several accounts, several courses, and people by address ----------------------------------


def test_another_account_is_asked_where_it_is_named(folder: Path, sim: RunningSimulator) -> None:
    with running_simulator(courses={7: "Elsewhere"}) as other:
        settle(
            folder,
            sim,
            COURSEBOX_ACCOUNTS="emea",
            COURSEBOX_EMEA_URL=other.url,
            COURSEBOX_EMEA_EMAIL=other.email,
            COURSEBOX_EMEA_PASSWORD=other.password,
        )

        told = lines(run("courses", "--account", "emea"))

    assert told == ["ID TITLE", "7 Elsewhere"]
    assert asked(sim) == []


def test_an_account_that_is_not_there_is_named() -> None:
    result = run("courses", "--account", "nowhere")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "no Coursebox account 'nowhere'; there is: default" in result.stderr


def test_the_learners_of_several_courses_are_listed(sim: RunningSimulator) -> None:
    ada = sim.add_person(ADA, courses=[101, 102])

    assert lines(run("learners", "101", "102")) == [
        "COURSE ID E-MAIL",
        f"101 {ada} {ADA}",
        f"102 {ada} {ADA}",
    ]
    assert data("learners", "101", "102") == [
        {"course_id": number, "learners": [{"user_id": str(ada), "email": ADA}]}
        for number in ("101", "102")
    ]


def test_the_learners_of_all_courses_are_listed(sim: RunningSimulator) -> None:
    ada = sim.add_person(ADA, courses=[102])

    assert lines(run("learners", "--all")) == ["COURSE ID E-MAIL", f"102 {ada} {ADA}"]


def test_of_several_courses_one_that_cannot_be_read_does_not_hide_the_others(
    sim: RunningSimulator,
) -> None:
    ada = sim.add_person(ADA, courses=[101])

    result = run("learners", "101", "999")

    assert result.exit_code == 1
    assert lines(result)[1:] == [f"101 {ada} {ADA}"]
    assert "1 of 2 courses could not be read:\n999: " in result.stderr


@pytest.mark.parametrize("words", [(), ("101", "--all")], ids=["neither", "both"])
def test_courses_are_named_or_all(words: tuple[str, ...], sim: RunningSimulator) -> None:
    result = run("learners", *words)

    assert result.exit_code == 2
    assert "Name the courses, or say --all." in result.stderr
    assert asked(sim) == []


def test_a_long_list_says_how_long_it_is(sim: RunningSimulator) -> None:
    for number in range(60):
        sim.add_person(f"p{number}@customer.example", courses=[101])

    assert run("learners", "101").stderr == "60 learners.\n"


def test_a_user_is_found_by_address_with_the_courses(sim: RunningSimulator) -> None:
    ada = sim.add_person(ADA, "Ada", "Byron", courses=[102])

    told = lines(run("user", " Ada@Customer.example"))
    found = data("user", ADA)

    assert told[:2] == [f"id {ada}", f"email {ADA}"]
    assert told[-3:] == ["Sits in 1 of 2 courses:", "ID TITLE", f"102 {LONG}"]
    assert (found["user_id"], found["looked_through"]) == (str(ada), 2)
    assert found["courses"] == [{"id": "102", "title": LONG}]
    assert found["user"]["fullName"] == "Ada Byron"


def test_an_address_in_no_course_ends_with_one(sim: RunningSimulator) -> None:
    sim.add_person(ADA)

    result = run("user", ADA)

    assert result.exit_code == 1
    assert f"{ADA} sits in none of the 2 courses" in result.stderr
    assert "There may be an account all the same" in result.stderr


def test_a_course_that_could_not_be_looked_through_is_named(sim: RunningSimulator) -> None:
    sim.add_person(ADA, courses=[101])
    sim.add_fault("allLearners", "status", match="102", status=403)

    result = run("user", ADA)

    assert result.exit_code == 0
    assert "Not looked through, for they could not be read: 102." in result.stderr


def test_reads_keep_the_rate_of_the_account(sim: RunningSimulator, folder: Path) -> None:
    settle(folder, sim, COURSEBOX_RATE="50")
    sim.reset({str(number): "A course" for number in range(100, 160)}, rate_limit=50)

    result = run("learners", "--all")

    assert result.exit_code == 0
    assert 429 not in [call["status"] for call in sim.calls()]


def test_on_a_terminal_a_long_wait_shows_what_is_done(sim: RunningSimulator, folder: Path) -> None:
    sim.add_fault("allLearners", "delay", match="101", seconds=1.6)
    code, seen = on_terminal(folder, "learners", "--all")

    assert code == 0
    assert "0 of 2 courses" in seen


# -- usher coursebox check ---------------------------------------------------------------------


@pytest.fixture
def with_redis(folder: Path, sim: RunningSimulator, redis_url: str) -> str:
    settle(folder, sim, REDIS_URL=redis_url)
    return redis_url


def on_terminal(folder: Path, *words: str) -> tuple[int, str]:
    """The exit code of a command on a terminal of eighty columns, and all that is shown there."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 80, 0, 0))
    with subprocess.Popen(
        [sys.executable, "-m", "usher", "coursebox", *words],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "TERM": "xterm"},
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    ) as program:
        os.close(theirs)
        pieces = []
        # Linux ends the reading with an error once nobody has the other side open
        with contextlib.suppress(OSError):
            while piece := os.read(ours, 65_536):
                pieces.append(piece)
    os.close(ours)
    return program.returncode, b"".join(pieces).decode()


def findings(*words: str) -> dict[str, Any]:
    return {each["key"]: each for each in data("check", *words)["findings"]}


def test_a_check_only_reads_and_needs_no_redis(sim: RunningSimulator) -> None:
    before = sim.snapshot()["effects"]

    result = run("check")

    assert (result.exit_code, result.stderr) == (0, "")
    assert lines(result)[0] == "FINDING WHAT THIS PORTAL DOES WHAT FOLLOWS"
    assert any(line.startswith("ok Own courses 2 courses, bare") for line in lines(result))
    assert any(line.startswith("learners 2 ") for line in lines(result))
    assert sim.snapshot()["effects"] == before


def test_a_check_that_cannot_log_in_ends_with_two(sim: RunningSimulator, folder: Path) -> None:
    settle(folder, sim, COURSEBOX_PASSWORD="not-the-sample")

    result = run("check")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "Correct COURSEBOX_EMAIL and COURSEBOX_PASSWORD" in result.stderr
    assert asked(sim) == ["login"]


def test_a_passed_check_is_kept_and_the_runs_that_waited_go_on(
    with_redis: str, store: Store, sim: RunningSimulator
) -> None:
    held_for_first_use(store)

    result = run("check", "--course", "102", "--yes")

    assert result.exit_code == 0
    assert f"Kept: learners may be removed and changed in {sim.url}." in result.stdout
    assert "1 run that waited for it can go on." in result.stdout
    proof = Proofs(store.connection).of("default", sim.url)
    assert proof is not None
    assert (proof.how, proof.why) == (
        "checked",
        "a learner was removed from course 102, and nobody else",
    )
    assert store.holds() == {}


def test_a_removal_waits_for_the_check_and_is_done_after_it(
    with_redis: str, sim: RunningSimulator
) -> None:
    sim.add_person(ADA, courses=[101])

    with engine_room(with_redis, sim, policy=Policy()) as room:
        event_id = room.post("order.refunded")
        room.answer(event_id)
        before = (room.run(event_id).state, sim.learners(101))
        checked = run("check", "--course", "102", "--yes")
        room.settle(event_id)

        assert before == (RunState.WAITING, [ADA])
        assert checked.exit_code == 0
        assert room.outcomes(event_id) == ["unenrolled"]
    assert sim.learners(101) == []


def test_a_portal_that_removes_everybody_is_loud_and_the_guard_stays(
    with_redis: str, store: Store, sim: RunningSimulator
) -> None:
    sim.reset(unenrol="everybody")
    held_for_first_use(store)
    Proofs(store.connection).keep("default", Proof(sim.url, "ops", "confirmed", "we think", "now"))

    result = run("check", "--course", "102", "--yes")

    assert result.exit_code == 1
    assert "BAD" in result.stdout
    assert "USHER MUST NOT REMOVE OR CHANGE ANYBODY HERE" in result.stdout
    assert "Usher must not be used with this portal as it is: removing one learner" in result.stderr
    assert Proofs(store.connection).of("default", sim.url) is None
    assert list(store.holds()) == ["coursebox/first-use"]


def test_a_course_with_people_is_refused_with_their_number(
    with_redis: str, sim: RunningSimulator
) -> None:
    sim.add_person(ADA, courses=[102])

    result = run("check", "--course", "102", "--yes")

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("Nothing was tried: course 102 has 1 person in it.")
    assert sim.learners(102) == [ADA]
    assert asked(sim) == ["login", "allLearners"]


def test_a_course_that_is_not_there_is_said(with_redis: str) -> None:
    result = run("check", "--course", "999", "--yes")

    assert (result.exit_code, result.stdout) == (1, "")
    assert "`usher coursebox courses` lists" in result.stderr


def test_without_redis_nothing_is_tried(sim: RunningSimulator) -> None:
    result = run("check", "--course", "102", "--yes")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "REDIS_URL" in result.stderr
    assert asked(sim) == []


@pytest.mark.parametrize(
    ("answer", "more", "code", "said"),
    [
        ("y\n", (), 0, "They stay: the API cannot delete accounts."),
        ("n\n", (), 2, "Nothing was tried."),
        ("n\n", ("--invite",), 2, "is sent an invitation: a mail."),
        ("", (), 2, "say --yes where nobody can be asked"),
    ],
    ids=["yes", "no", "no mail", "nobody"],
)
def test_it_says_what_stays_behind_and_asks(
    answer: str,
    more: tuple[str, ...],
    code: int,
    said: str,
    with_redis: str,
    sim: RunningSimulator,
) -> None:
    words = ["coursebox", "check", "--course", "102", *more]

    result = CliRunner().invoke(main, words, input=answer)

    assert result.exit_code == code
    assert said in result.stderr
    assert bool(sim.state.effects.accounts) is (code == 0)


def test_addresses_may_be_of_another_pattern(with_redis: str, sim: RunningSimulator) -> None:
    result = run("check", "--course", "102", "--yes", "--email", "trial-*@else.example")

    assert result.exit_code == 0
    assert all(
        address.startswith("trial-usher-check-") and address.endswith("@else.example")
        for address in sim.state.effects.accounts
    )


@pytest.mark.parametrize("words", [("--invite",), ("--email", "a*@b.example")], ids=" ".join)
def test_what_belongs_to_a_course_needs_one(words: tuple[str, ...], sim: RunningSimulator) -> None:
    result = run("check", *words)

    assert result.exit_code == 2
    assert "go with --course" in result.stderr
    assert asked(sim) == []


def test_what_follows_is_written_to_the_env_file_and_nothing_else_is_touched(
    with_redis: str, folder: Path, sim: RunningSimulator
) -> None:
    sim.reset(duplicate_account="hidden", learner_login="refused")
    env = folder / ".env"
    env.write_text(
        f"# ours\n{env.read_text()}COURSEBOX_ID_BY_LOGIN=true # as told\nOTHER='a # b'\n"
    )
    env.chmod(0o640)
    before = env.read_text()

    result = run("check", "--course", "102", "--yes")

    assert result.exit_code == 0
    assert f"Written to {env}" in result.stdout
    after = env.read_text()
    assert (
        after
        == before.replace("COURSEBOX_ID_BY_LOGIN=true # as told\n", "COURSEBOX_ID_BY_LOGIN=false\n")
        + "COURSEBOX_HIDDEN_DUPLICATES=true\n"
    )
    assert env.stat().st_mode & 0o777 == 0o640
    assert load_settings().coursebox_hidden_duplicates is True


def test_a_wrong_type_of_ids_is_not_used_for_the_trial_and_set_right(
    with_redis: str, folder: Path, sim: RunningSimulator
) -> None:
    settle(folder, sim, REDIS_URL=with_redis, COURSEBOX_ID_TYPE="int")
    sim.reset(id_type="uuid")
    course = str(sim.state.courses()[1].id)

    result = run("check", "--course", course, "--yes")

    assert result.exit_code == 0
    assert "COURSEBOX_ID_TYPE=auto" in (folder / ".env").read_text()


def test_a_second_check_has_nothing_to_write(with_redis: str, folder: Path) -> None:
    before = (folder / ".env").read_text()

    result = run("check", "--course", "102", "--yes")

    assert "Written" not in result.output
    assert (folder / ".env").read_text() == before


def test_no_write_prints_the_settings(with_redis: str, folder: Path, sim: RunningSimulator) -> None:
    sim.reset(duplicate_account="hidden")
    before = (folder / ".env").read_text()

    result = run("check", "--course", "102", "--yes", "--no-write")

    assert lines(result)[lines(result).index("To be set:") + 1] == (
        "COURSEBOX_HIDDEN_DUPLICATES=true"
    )
    assert (folder / ".env").read_text() == before


def test_what_the_environment_sets_is_left_to_people(
    with_redis: str, folder: Path, sim: RunningSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    sim.reset(duplicate_account="hidden")
    monkeypatch.setenv("COURSEBOX_HIDDEN_DUPLICATES", "false")
    before = (folder / ".env").read_text()

    result = run("check", "--course", "102", "--yes")

    assert "COURSEBOX_HIDDEN_DUPLICATES: set in the environment" in result.stderr
    assert "COURSEBOX_HIDDEN_DUPLICATES=true" in result.stdout
    assert (folder / ".env").read_text() == before


def test_what_follows_for_one_portal_is_not_written_for_another(
    with_redis: str, folder: Path, sim: RunningSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    sim.reset(duplicate_account="hidden")
    settle(folder, sim, REDIS_URL=with_redis, COURSEBOX_URL="https://learn.customer.example")
    monkeypatch.setenv("COURSEBOX_URL", sim.url)
    before = (folder / ".env").read_text()

    result = run("check", "--course", "102", "--yes")

    assert "COURSEBOX_HIDDEN_DUPLICATES=true" in result.stdout
    assert "names another portal, so nothing was written there" in " ".join(result.stderr.split())
    assert (folder / ".env").read_text() == before


def test_another_account_has_settings_and_a_proof_of_its_own(
    with_redis: str, folder: Path, sim: RunningSimulator, store: Store
) -> None:
    with running_simulator(courses={7: "Scratch"}, duplicate_account="hidden") as other:
        settle(
            folder,
            sim,
            REDIS_URL=with_redis,
            COURSEBOX_ACCOUNTS="emea",
            COURSEBOX_EMEA_URL=other.url,
            COURSEBOX_EMEA_EMAIL=other.email,
            COURSEBOX_EMEA_PASSWORD=other.password,
            COURSEBOX_EMEA_RATE="1000",
        )
        store.hold("coursebox:emea/first-use", "never tried", "usher")
        store.hold("coursebox/first-use", "never tried", "usher")

        result = run("check", "--account", "emea", "--course", "7", "--yes")

    assert result.exit_code == 0
    assert "COURSEBOX_EMEA_HIDDEN_DUPLICATES=true" in (folder / ".env").read_text()
    assert list(store.holds()) == ["coursebox/first-use"]
    assert Proofs(store.connection).of("emea", other.url) is not None
    assert asked(sim) == []


def test_as_json_it_is_the_same(with_redis: str, sim: RunningSimulator) -> None:
    sim.reset(duplicate_account="hidden")
    sim.add_person(ADA, courses=[101])

    told = data("check", "--course", "102", "--yes")

    assert told["proved"] is True
    assert told["settings"] == told["written"] == {"COURSEBOX_HIDDEN_DUPLICATES": "true"}
    assert told["calls"]["create_account"]["count"] == 4
    assert len(told["left_accounts"]) == 2
    assert {each["mark"] for each in told["findings"]} == {"ok"}


def test_no_secret_stands_in_what_a_check_says(with_redis: str, sim: RunningSimulator) -> None:
    told = run("check", "--course", "102", "--yes").output + json.dumps(
        data("check", "--course", "102", "--yes")
    )

    assert sim.password not in told
    assert "Aa1!" not in told


def test_a_check_passes_the_gate_that_the_workers_pass(with_redis: str, store: Store) -> None:
    run("check")

    passed = {call for call, _ in traffic(store.connection)["coursebox"].calls}
    assert {"login", "courses", "learners"} <= passed


@pytest.mark.parametrize("switches", [{}, {"unenrol": "everybody"}], ids=["good", "bad"])
def test_on_a_terminal_a_check_fits_eighty_columns(
    switches: dict[str, object], with_redis: str, folder: Path, sim: RunningSimulator
) -> None:
    sim.reset(**switches)

    _, seen = on_terminal(folder, "check", "--course", "102", "--yes")

    told = [re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", line) for line in seen.splitlines()]
    assert any("WHAT THIS PORTAL DOES" in line for line in told)
    assert max(len(line.rsplit("\r", 1)[-1]) for line in told if "Usher must" not in line) <= 80


# -- usher coursebox confirm -------------------------------------------------------------------


def held_for_first_use(store: Store) -> None:
    """A run waits for the portal to be known."""
    store.hold("coursebox/first-use", "never tried", "usher")
    claim = Scene(store).run()
    reason = "nobody has seen yet what it does"
    store.record(claim, (), Move.HELD, reason=reason, destination="coursebox/first-use")


def test_a_portal_is_confirmed_and_the_runs_that_waited_go_on(
    with_redis: str, store: Store, sim: RunningSimulator
) -> None:
    held_for_first_use(store)

    result = run("confirm", "--why", "used by hand for years")

    assert result.exit_code == 0
    assert lines(result) == [
        f"Kept: learners may be removed and changed in {sim.url}.",
        "1 run that waited for it can go on.",
    ]
    proof = Proofs(store.connection).of("default", sim.url)
    assert proof is not None
    assert (proof.how, proof.why) == ("confirmed", "used by hand for years")
    assert store.holds() == {}
    assert asked(sim) == []


def test_what_was_confirmed_can_be_taken_back(
    with_redis: str, store: Store, sim: RunningSimulator
) -> None:
    run("confirm", "--why", "used by hand for years")

    result = run("confirm", "--revoke")

    assert result.exit_code == 0
    assert "used by hand for years" in result.stdout
    assert "wait from now on, at coursebox/first-use." in " ".join(lines(result))
    assert Proofs(store.connection).of("default", sim.url) is None


def test_taking_back_what_is_not_there_ends_with_one(with_redis: str) -> None:
    result = run("confirm", "--revoke")

    assert result.exit_code == 1
    assert "nothing to take back" in result.stderr


def test_a_confirmation_needs_a_reason(with_redis: str, store: Store) -> None:
    result = run("confirm", "--why", " ")

    assert result.exit_code == 2
    assert "Say --why." in result.stderr


def test_a_confirmation_as_json(with_redis: str, sim: RunningSimulator) -> None:
    told = data("confirm", "--why", "known")

    assert (told["account"], told["address"], told["how"]) == ("default", sim.url, "confirmed")
    assert told["runs_freed"] == 0
