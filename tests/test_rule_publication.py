"""Rules are edited while events flow: what stays live, who has it, and what each run was made of.

Real worker processes on a folder that a person saves into; all that is said is read where a person
would read it.
"""

import http.client
import json
import os
import shutil
import signal
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.engine_room import eventually
from tests.rule_files import inline_test, rule
from tests.running_usher import Process, Usher, running_usher
from tests.scene import CommandLine
from workers.rulebooks import live_snapshot
from workers.store import Publication, Run

LEARNER = "learner{}@customer.example"


@pytest.fixture
def usher(tmp_path: Path) -> Iterator[Usher]:
    with running_usher(tmp_path) as made:
        (made.rules / "rules.yaml").unlink()
        save(made, "orders", 101)
        for name in ("packing", "refunds"):
            (made.rules / f"{name}.yaml").write_text(
                rule(name).replace("order.paid", f"order.{name}")
            )
        yield made


def save(usher: Usher, name: str, course: int) -> None:
    """A person saves a good version of a file, with its test."""
    (usher.rules / f"{name}.yaml").write_text(rule(name, course) + inline_test(course))


def status(usher: Usher) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(command(usher)("rules", "status", "--json").stdout)
    return found


def command(usher: Usher) -> CommandLine:
    return CommandLine(usher.redis.url)


def everybody_has_it(usher: Usher, workers: int, generation: int) -> bool:
    """Whether so many workers run, and all have what is live, which is of that generation."""
    found = status(usher)
    have = {worker["version"] for worker in found["workers"]}
    return (
        found["generation"] == generation
        and len(found["workers"]) == workers
        and have == {found["version"]}
    )


def course_live(usher: Usher) -> int:
    """The course that a paid order leads to."""
    found = live_snapshot(Publication(usher.store.connection))
    assert found is not None
    (step,) = next(each for each in found[1].rules if each.id == "orders").steps
    return int(str(step.with_["course_id"]))


def refused(usher: Usher) -> list[str]:
    return [one["why"] for one in status(usher)["refused"]]


@contextmanager
def events_flow(usher: Usher) -> Iterator[list[str]]:
    """Orders come in one after the other for the length of the block; all are settled after it."""
    ids: list[str] = []
    over = threading.Event()

    def post() -> None:
        while not over.wait(0.02):
            n = len(ids)
            ids.append(usher.post(f"order {n}", email=LEARNER.format(n)))

    poster = threading.Thread(target=post)
    poster.start()
    try:
        yield ids
    finally:
        over.set()
        poster.join()
    assert {usher.settled(event_id).state for event_id in ids} == {"finished"}


def ready(usher: Usher) -> str:
    """What /readyz answers."""
    with closing(http.client.HTTPConnection("127.0.0.1", usher.port, timeout=5)) as connection:
        connection.request("GET", "/readyz")
        return connection.getresponse().read().decode()


def runs(usher: Usher, ids: list[str]) -> list[Run]:
    found = [usher.archive.run(run) for event_id in ids for run in usher.event(event_id).runs]
    return [run for run in found if run is not None]


def came(ids: list[str], more: int) -> None:
    """Returns when so many more events have come in."""
    wanted = len(ids) + more
    eventually(lambda: len(ids) >= wanted)


def test_every_run_carries_the_version_that_it_was_made_of(usher: Usher) -> None:
    workers = [usher.worker(), usher.worker()]
    eventually(lambda: everybody_has_it(usher, 2, 1))
    first = status(usher)["version"]
    orders = usher.rules / "orders.yaml"

    with events_flow(usher) as ids:
        came(ids, 20)
        save(usher, "orders", 102)
        eventually(lambda: everybody_has_it(usher, 2, 2))
        came(ids, 20)
        # a comparison that there is none of; a test that fails; a file that is half written
        for broken, told in (
            (rule("orders", 103).replace("then:", "if: {body.n: {gte: 1}}\n    then:"), "gte"),
            (rule("orders", 103) + inline_test(104), "1 test fails"),
            (rule("orders", 103)[:-30], "orders.yaml:"),
        ):
            orders.write_text(broken)
            eventually(lambda told=told: any(told in why for why in refused(usher)))
            came(ids, 5)
            assert course_live(usher) == 102
        save(usher, "orders", 105)
        eventually(lambda: everybody_has_it(usher, 2, 3))
        came(ids, 20)

    second, third = (
        next(run.rules_version for run in runs(usher, ids) if course_of(run) == course)
        for course in (102, 105)
    )
    assert {(course_of(run), run.rules_version) for run in runs(usher, ids)} == {
        (101, first),
        (102, second),
        (105, third),
    }
    assert len({run.rule_hash for run in runs(usher, ids)}) == 3
    assert refused(usher) == []
    loader = next(worker for worker in workers if worker.said("this worker loads the rules"))
    assert loader.said(f"loaded 3 rules, version {second[:12]}")
    assert loader.said("REFUSED orders.yaml:")


def course_of(run: Run) -> int:
    params = run.steps[0].params
    assert params is not None
    return int(params["course_id"])


def test_a_restart_with_a_broken_file_goes_on_with_its_last_good_version(usher: Usher) -> None:
    stop(usher.worker())
    (usher.rules / "orders.yaml").write_text("version: 1\nrules: [")

    usher.worker()

    assert course_live(usher) == 101
    assert refused(usher)[0].startswith("orders.yaml:")
    event = usher.settled(usher.post("order 1", email=LEARNER.format(1)))
    assert event.state == "finished"
    assert command(usher)("rules", "status").exit_code == 1


def stop(worker: Process) -> None:
    worker.ask_to_stop()
    assert worker.exit_status() == 0


def test_a_folder_that_goes_away_and_most_files_at_once_switch_nothing_off(usher: Usher) -> None:
    usher.worker()
    usher.web()
    kept = usher.folder / "kept"

    shutil.copytree(usher.rules, kept)
    shutil.rmtree(usher.rules)
    eventually(lambda: any("no such folder" in why for why in refused(usher)))
    assert status(usher)["rules"] == 3
    usher.rules.mkdir()
    shutil.copy(kept / "orders.yaml", usher.rules)
    eventually(lambda: any(why.startswith("removal of 2 of 3 files") for why in refused(usher)))
    assert status(usher)["rules"] == 3
    assert "rule file refused: removal of 2 of 3 files" in ready(usher)
    assert usher.settled(usher.post("order 1", email=LEARNER.format(1))).state == "finished"

    confirmed = command(usher)("rules", "reload", "--accept-removal")

    assert confirmed.exit_code == 0, confirmed.stderr
    assert "1 rule of 1 file live" in confirmed.stdout
    assert status(usher)["ok"]


def test_a_hangup_to_any_worker_has_the_folder_read_at_once(usher: Usher) -> None:
    usher.more["WORKER_PROCESSES"] = "2"
    workers = usher.start("worker", "--processes", "2")
    eventually(lambda: everybody_has_it(usher, 2, 1))
    loader = status(usher)["loader"]
    other = next(pid for pid in workers.children() if f"-{pid}-" not in loader)

    save(usher, "orders", 102)
    os.kill(other, signal.SIGHUP)
    eventually(lambda: course_live(usher) == 102)
    save(usher, "orders", 103)
    workers.popen.send_signal(signal.SIGHUP)
    eventually(lambda: course_live(usher) == 103)

    assert workers.popen.poll() is None
    eventually(lambda: everybody_has_it(usher, 2, 3))


def test_when_the_loader_is_killed_another_worker_loads(usher: Usher) -> None:
    first, second = usher.worker(), usher.worker()
    eventually(lambda: everybody_has_it(usher, 2, 1))
    assert first.said("this worker loads the rules")

    first.kill()
    save(usher, "orders", 102)
    eventually(lambda: course_live(usher) == 102)

    assert second.said("this worker loads the rules")
    event_id = usher.post("order 1", email=LEARNER.format(1))
    eventually(lambda: status(usher)["workers"][-1]["version"] == status(usher)["version"])
    assert usher.settled(event_id).state == "finished"


def test_a_worker_without_the_folder_follows_the_one_that_has_it(usher: Usher) -> None:
    usher.worker()
    usher.more["RULES_DIR"] = str(usher.folder / "nowhere")
    elsewhere = usher.worker()

    eventually(lambda: everybody_has_it(usher, 2, 1))

    assert elsewhere.said("on version ")
    assert refused(usher) == []
    assert status(usher)["folder"] == str(usher.rules)
