"""`usher up`: everything in one terminal, with the simulator where no portal is set."""

from pathlib import Path
from typing import Final

from coursebox.simulator import running_simulator
from tests.engine_room import ADA, RULES, eventually
from tests.running_usher import running_usher

NO_PORTAL: Final = dict.fromkeys(
    (
        *("COURSEBOX_URL", "COURSEBOX_EMAIL", "COURSEBOX_PASSWORD", "COURSEBOX_FIRST_USE"),
        *("COURSEBOX_RATE", "COURSEBOX_CONCURRENCY"),
    ),
    "",
)


def test_the_simulator_of_up_needs_nobody_to_confirm_what_it_does(tmp_path: Path) -> None:
    with running_usher(tmp_path) as usher:
        usher.more = {**NO_PORTAL, "LOG_FORMAT": "json"}
        (usher.rules / "rules.yaml").write_text(RULES)
        up = usher.start("up")
        eventually(lambda: up.said("Usher is ready."), up.log.read_text())

        event = usher.settled(usher.post("a refund", "order.refunded", email=ADA, course=101))

        assert event.state == "finished"
        assert usher.store.holds() == {}
        up.ask_to_stop()
        assert up.exit_status() == 0


def test_with_a_named_portal_alone_no_simulator_is_started(tmp_path: Path) -> None:
    with running_simulator() as sim, running_usher(tmp_path) as usher:
        usher.more = {
            **NO_PORTAL,
            "COURSEBOX_ACCOUNTS": "emea",
            "COURSEBOX_EMEA_URL": sim.url,
            "COURSEBOX_EMEA_EMAIL": sim.email,
            "COURSEBOX_EMEA_PASSWORD": sim.password,
        }
        (usher.rules / "rules.yaml").write_text(
            RULES.replace("rules:\n", "account: emea\nrules:\n", 1)
        )
        up = usher.start("up")
        eventually(lambda: up.said("Usher is ready."), up.log.read_text())

        event = usher.settled(usher.post("an order", email=ADA, course=101))

        assert event.state == "finished"
        assert sim.learners(101) == [ADA]
        assert up.said(f"coursebox emea         {sim.url}")
        assert not up.said("simulator at")
        up.ask_to_stop()
        assert up.exit_status() == 0
