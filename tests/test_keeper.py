"""The keeper on real processes: what dies is started again, and all end when they shall."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
import pytest

from tests.engine_room import eventually
from usher.keeper import LAST_WORDS, PARTING, PARTING_OF_KEEPERS, Keeper, Program, this_usher

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
WAITS = "import os, signal; print(os.getpid(), flush=True); signal.pause()"
OBEYS = (
    "import os, signal, sys; signal.signal(15, lambda *_: (print('bye', flush=True), sys.exit(0)));"
    " print(os.getpid(), flush=True); signal.pause()"
)


def a_program(name: str, code: str, **variables: str) -> Program:
    return Program(name, [sys.executable, "-c", code], variables)


@contextmanager
def kept(*programs: Program) -> Iterator[tuple[Keeper, list[str]]]:
    """Programs that were started, with all that is said of them; they end with the block."""
    said: list[str] = []
    keeper = Keeper(programs, lambda line: said.append(click.unstyle(line)))
    try:
        keeper.start()
        yield keeper, said
    finally:
        keeper.stop()


def pids(said: list[str]) -> list[int]:
    return [int(line.split("| ")[1]) for line in said if line.split("| ")[1].isdecimal()]


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def looking(keeper: Keeper, true: Callable[[], bool]) -> Callable[[], bool]:
    """Lets the keeper look after its programs while something is waited for."""

    def look() -> bool:
        keeper.start()
        return true()

    return look


def test_every_line_has_the_name_of_its_program_before_it() -> None:
    with kept(a_program("web", "print('hello')"), a_program("worker", "print('there')")) as (
        _,
        said,
    ):
        eventually(lambda: len(said) == 2)

    assert sorted(said) == ["web    | hello", "worker | there"]


def test_a_program_is_told_its_own_variables_beside_ours() -> None:
    asks = "import os; print(os.environ['SEAT'], 'PATH' in os.environ)"
    with kept(a_program("web", asks, SEAT="42")) as (_, said):
        eventually(lambda: bool(said))

    assert said == ["web | 42 True"]


def test_a_program_that_is_killed_is_started_again() -> None:
    with kept(a_program("worker", WAITS)) as (keeper, said):
        eventually(lambda: len(pids(said)) == 1)
        os.kill(pids(said)[0], signal.SIGKILL)
        eventually(looking(keeper, lambda: len(pids(said)) == 2))
        first, second = pids(said)
        assert is_there(second)

    assert first != second
    assert "worker | ended (killed by SIGKILL); started again in 0.5 s" in said
    assert not is_there(second)


def test_a_program_that_falls_again_and_again_is_started_less_and_less_often() -> None:
    with kept(a_program("worker", "raise SystemExit(3)")) as (keeper, said):
        eventually(looking(keeper, lambda: len(said) == 2))

    assert said == [
        "worker | ended (exit status 3); started again in 0.5 s",
        "worker | ended (exit status 3); started again in 1 s",
    ]


def test_programs_are_asked_to_end_and_may_finish() -> None:
    with kept(a_program("worker", OBEYS)) as (keeper, said):
        eventually(lambda: len(pids(said)) == 1)
        keeper.stop()
        eventually(lambda: "worker | bye" in said)

    assert not is_there(pids(said)[0])


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT], ids=lambda each: each.name)
def test_a_signal_ends_the_keeper_and_its_programs(signum: signal.Signals) -> None:
    before = {each: signal.getsignal(each) for each in SIGNALS}
    said: list[str] = []
    keeper = Keeper([a_program("worker", WAITS)], lambda line: said.append(click.unstyle(line)))

    def send() -> None:
        eventually(lambda: bool(pids(said)))
        os.kill(os.getpid(), signum)

    sender = threading.Thread(target=send)
    sender.start()
    try:
        keeper.run()
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
        sender.join()

    assert not is_there(pids(said)[0])


def test_a_hangup_reaches_those_who_hear_it_and_ends_nobody() -> None:
    hears = (
        "import os, signal; signal.signal(1, lambda *_: print('heard', flush=True));"
        " print(os.getpid(), flush=True)\nwhile True: signal.pause()"
    )
    command = [sys.executable, "-c", hears]
    programs = [
        Program("worker", command, hears_hangup=True),
        a_program("web", WAITS),
    ]
    before = {each: signal.getsignal(each) for each in SIGNALS}
    said: list[str] = []
    keeper = Keeper(programs, lambda line: said.append(click.unstyle(line)))

    def send() -> None:
        eventually(lambda: len(pids([line for line in said if "heard" not in line])) == 2)
        os.kill(os.getpid(), signal.SIGHUP)
        eventually(lambda: "worker | heard" in said)
        os.kill(os.getpid(), signal.SIGTERM)

    sender = threading.Thread(target=send)
    sender.start()
    try:
        keeper.run()
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
        sender.join()

    assert said.count("worker | heard") == 1
    assert not [line for line in said if "ended" in line]


def test_what_does_not_end_in_time_is_killed() -> None:
    deaf = (
        "import os, signal, time; signal.signal(15, signal.SIG_IGN);"
        " print(os.getpid(), flush=True); time.sleep(10); print('late', flush=True)"
    )
    said: list[str] = []
    keeper = Keeper(
        [a_program("worker", deaf)], lambda line: said.append(click.unstyle(line)), parting=0.2
    )
    keeper.start()
    eventually(lambda: bool(pids(said)))

    keeper.stop()

    assert not is_there(pids(said)[0])
    assert len(said) == 1


def test_a_keeper_of_keepers_waits_longer_than_they_do() -> None:
    assert PARTING_OF_KEEPERS > PARTING + LAST_WORDS


def test_what_is_not_relayed_goes_straight_to_our_own_output(
    capfd: pytest.CaptureFixture[str],
) -> None:
    said: list[str] = []
    program = Program("web", [sys.executable, "-c", "print('hello')"], relayed=False)
    keeper = Keeper([program], said.append)
    keeper.start()
    eventually(lambda: capfd.readouterr().out == "hello\n")
    keeper.stop()

    assert said == []


def test_the_same_usher_is_run() -> None:
    assert this_usher("worker") == [sys.executable, "-m", "usher", "worker"]
