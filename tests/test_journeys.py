"""What is promised, proved on real processes that are killed at the worst moment."""

import os
import shutil
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path

import pytest

from tests.engine_room import ADA, PATIENCE, RULES, eventually
from tests.running_usher import Usher, running_usher
from workers.store import Counts


@pytest.fixture
def usher(tmp_path: Path) -> Iterator[Usher]:
    with running_usher(tmp_path) as made:
        yield made


def test_a_signed_delivery_leads_to_a_seat(usher: Usher) -> None:
    usher.web()
    usher.worker()

    status, said = usher.deliver("order 1", email=ADA, course=101)

    assert (status, said["accepted"]) == (202, 1)
    assert usher.settled(said["events"][0]).state == "finished"
    assert usher.sim.learners(101) == [ADA]
    again = usher.deliver("order 1", email=ADA, course=101)
    assert again == (202, {"accepted": 0, "duplicates": 1, "events": said["events"]})
    assert usher.effects() == {"101": {ADA: 1}}


def test_a_run_whose_worker_is_killed_is_taken_up_by_another(usher: Usher) -> None:
    usher.sim.add_fault("enrolUser", "delay_reply", seconds=60)
    first = usher.worker()
    event_id = usher.post("order 1")
    assert usher.sim.wait_until(lambda: bool(usher.calls("enrolUser")))
    usher.worker()

    first.kill()
    killed = time.monotonic()
    event = usher.settled(event_id)

    print(f"taken up and finished {time.monotonic() - killed:.1f} s after the kill")
    assert event.state == "finished"
    assert len(usher.calls("enrolUser")) == 1
    assert usher.effects() == {"101": {ADA: 1}}
    assert usher.effects("accounts") == {ADA: 1}


def test_a_worker_that_is_asked_to_stop_finishes_its_step(usher: Usher) -> None:
    usher.sim.add_fault("enrolUser", "delay_reply", seconds=0.7)
    worker = usher.worker()
    event_id = usher.post("order 1")
    assert usher.sim.wait_until(lambda: bool(usher.calls("enrolUser")))

    worker.ask_to_stop()

    assert worker.exit_status() == 0
    assert usher.event(event_id).state == "finished"
    assert usher.archive.unfinished()[0] == 0
    assert usher.archive.workers_alive() == 0


def test_a_worker_that_waits_for_its_turn_under_a_low_rate_stops_when_asked(usher: Usher) -> None:
    people = [f"{name}@customer.example" for name in ("ada", "ben", "cleo")]
    usher.more = {"COURSEBOX_RATE": "0.2"}
    worker = usher.worker()
    orders = [usher.post(who, email=who, course=101) for who in people]
    assert usher.sim.wait_until(lambda: bool(usher.calls("allLearners")))
    before = len(usher.sim.calls())

    worker.ask_to_stop()

    assert worker.exit_status() == 0
    # it may be its turn just when it is asked
    assert len(usher.sim.calls()) <= before + 1
    assert {usher.event(each).state for each in orders} == {"pending"}
    assert usher.archive.unfinished()[0] == len(people)
    usher.more = {}
    usher.worker()
    assert {usher.settled(each).state for each in orders} == {"finished"}
    assert usher.effects("accounts") == dict.fromkeys(people, 1)
    assert usher.effects() == {"101": dict.fromkeys(people, 1)}


def test_a_worker_without_work_stops_when_asked(usher: Usher) -> None:
    worker = usher.worker()

    worker.ask_to_stop()

    assert worker.exit_status() == 0
    assert not worker.said("Traceback")


def test_a_worker_whose_redis_is_away_stops_when_asked(usher: Usher) -> None:
    worker = usher.worker()
    usher.kill_redis()
    eventually(lambda: worker.said("redis is away"))

    worker.ask_to_stop()

    assert worker.exit_status() == 0
    assert not worker.said("Traceback")


def test_workers_come_back_by_themselves_when_redis_was_killed(usher: Usher) -> None:
    usher.sim.add_fault("enrolUser", "delay_reply", seconds=0.5, times=None)
    workers = [usher.worker(), usher.worker()]
    ids = [
        usher.post(f"order {n}", email=f"learner{n}@customer.example", course=101) for n in range(6)
    ]
    assert usher.sim.wait_until(lambda: len(usher.calls("enrolUser")) >= 2)

    usher.kill_redis()
    eventually(lambda: all(worker.said("redis is away") for worker in workers))
    usher.start_redis()
    back = time.monotonic()
    states = {usher.settled(event_id).state for event_id in ids}

    print(f"all finished {time.monotonic() - back:.1f} s after Redis was back")
    assert states == {"finished"}
    assert usher.archive.counts() == {"shop": Counts(accepted=6, finished=6)}
    assert set(usher.effects()["101"].values()) == {1}
    assert [worker.popen.poll() for worker in workers] == [None, None]


def test_every_event_that_was_acknowledged_ends_in_one_place(usher: Usher) -> None:
    acknowledged: dict[int, str] = {}
    worker, web = usher.worker(), usher.web()
    deadline = time.monotonic() + 2 * PATIENCE

    def send(numbers: range) -> None:
        for n in numbers:
            while n not in acknowledged and time.monotonic() < deadline:
                # a sender tries again until it hears 2xx
                with suppress(OSError, HTTPException, ValueError):
                    kind, body, _ = _order(n)
                    status, said = usher.deliver(f"order {n}", kind, **body)
                    if status == 202:
                        acknowledged[n] = said["events"][0]

    senders = [threading.Thread(target=send, args=(range(n, 200, 4),)) for n in range(4)]
    for sender in senders:
        sender.start()
    for enough in (40, 100):
        eventually(lambda enough=enough: len(acknowledged) >= enough)
        web.kill()
        web = usher.web()
    worker.kill()
    usher.kill_redis()
    usher.start_redis()
    usher.worker()
    for sender in senders:
        sender.join()

    ends = {n: usher.settled(event_id).state for n, event_id in acknowledged.items()}

    assert ends == {n: _order(n)[2] for n in range(200)}
    counts = usher.archive.counts()["shop"]
    print(counts)
    assert counts.balanced
    assert (counts.accepted, counts.finished, counts.dead, counts.ignored) == (200, 100, 50, 50)
    once = {f"learner{n}@customer.example": 1 for n in range(200) if ends[n] == "finished"}
    assert usher.effects("accounts") == once
    # an account whose id was lost with its worker can only be invited
    seats, mails = usher.effects()["101"], usher.effects("invitation_mails").get("101", {})
    assert Counter(seats) + Counter(mails) == once
    assert len(mails) <= 1


def _order(n: int) -> tuple[str, dict[str, object], str]:
    """Kind and body of the n-th order, and where it has to end."""
    email = f"learner{n}@customer.example"
    if n % 4 == 0:
        return "order.packed", {"email": email}, "ignored"
    if n % 4 == 1:
        return "order.paid", {"email": email}, "dead"
    return "order.paid", {"email": email, "course": 101}, "finished"


def test_a_broken_rule_file_hurts_nobody(usher: Usher) -> None:
    file = usher.rules / "rules.yaml"
    worker = usher.worker()

    file.write_text(RULES.replace("action: enrol", "action: enroll", 1))
    eventually(lambda: bool(usher.archive.rule_problems()))
    (told,) = usher.archive.rule_problems()
    assert told.startswith("rules.yaml:10:")
    assert "enroll" in told
    assert usher.settled(usher.post("while broken")).state == "finished"

    worker.ask_to_stop()
    assert worker.exit_status() == 0
    usher.worker()
    after = usher.post("after a restart", email="ben@customer.example", course=102)
    assert usher.settled(after).state == "finished"

    file.write_text(RULES.replace('course_id: "${ body.course }"', "course_id: 105", 1))
    eventually(lambda: usher.archive.rule_problems() == () and usher.followed())
    assert usher.settled(usher.post("when mended")).state == "finished"

    shutil.rmtree(usher.rules)
    eventually(lambda: "no such folder" in "".join(usher.archive.rule_problems()))
    last = usher.post("without a folder", email="ben@customer.example", course=102)
    assert usher.settled(last).state == "finished"
    assert usher.effects() == {
        "101": {ADA: 1},
        "102": {"ben@customer.example": 1},
        "105": {ADA: 1, "ben@customer.example": 1},
    }


def test_of_several_worker_processes_one_that_is_killed_is_started_again(usher: Usher) -> None:
    workers = usher.worker("--processes", "2")
    eventually(lambda: usher.archive.workers_alive() == 2)
    before = workers.children()
    killed = min(before)

    os.kill(killed, signal.SIGKILL)
    eventually(lambda: len(workers.children() - {killed}) == 2)

    assert len(workers.children() & before) == 1
    assert usher.settled(usher.post("order 1")).state == "finished"
    children = workers.children()
    workers.ask_to_stop()
    assert workers.exit_status() == 0
    assert not any(Path(f"/proc/{pid}").exists() for pid in children)
    assert usher.archive.unfinished()[0] == 0
