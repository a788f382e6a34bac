"""The actions against the simulator: what they do, and that nothing happens twice."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, replace
from typing import Any

import httpx
import pytest

from coursebox.actions import PERFORM, Desk, Done, Outcome, course_of, random_password, subject
from coursebox.attributes import GUARDED, NEVER, OPEN, allowed_attributes
from coursebox.client import Coursebox, Exchange
from coursebox.directory import MemoryDirectory
from coursebox.errors import (
    CourseboxError,
    Decision,
    GaveUp,
    InvalidArgument,
    Kind,
    NotYet,
    TryAgain,
)
from coursebox.journal import MemoryJournal
from coursebox.lookups import LOOK_UP
from coursebox.outcomes import SENTENCES
from coursebox.policy import Policy
from coursebox.remembered import MemoryRemembered
from coursebox.simulator import SAMPLE_PASSWORD, RunningSimulator
from coursebox.tokens import MemoryTokens
from rulebook.actions import ACTIONS

ADA = "ada@customer.example"
BO = "bo@customer.example"
ENROL = {"email": ADA, "course_id": 101}


class Lost(Exception):
    """What a desk's guard raises when the run has gone to another worker."""


class Bench:
    """A simulator and a desk at it, with everything that was sent."""

    def __init__(self, sim: RunningSimulator) -> None:
        self.sim = sim
        self.exchanges: list[Exchange] = []
        self.passwords: list[str] = []
        self.guarded = 0
        self.paused: list[float] = []
        self.client = Coursebox(
            sim.url,
            sim.email,
            sim.password,
            tokens=MemoryTokens(),
            record=self.exchanges.append,
            timeout=5.0,
        )
        self.desk = self.new_run()

    def new_run(self, **more: Any) -> Desk:
        """A desk with a journal of its own, as each run has."""
        given = {
            "directory": MemoryDirectory(),
            "journal": MemoryJournal(),
            "pause": self.paused.append,
            **more,
        }
        return Desk(client=self.client, guard=self.guard, password=self.password, **given)

    def guard(self) -> None:
        self.guarded += 1

    def password(self) -> str:
        self.passwords.append(random_password())
        return self.passwords[-1]

    def does(self, action: str, *, desk: Desk | None = None, **params: object) -> Done:
        done = PERFORM[action](desk or self.desk, params)
        assert done.outcome in ACTIONS[action].outcomes
        return done

    def until_done(self, action: str, *, desk: Desk | None = None, **params: object) -> Done:
        """Tries again with the same journal, as a worker would, while the failure says so."""
        for _ in range(6):
            try:
                return self.does(action, desk=desk, **params)
            except (TryAgain, NotYet):
                continue
        raise AssertionError("it is still being tried again")

    def writes(self) -> list[str]:
        return [
            each.call
            for each in self.exchanges
            if each.method != "GET" and each.call not in ("login", "sign_in")
        ]

    def calls(self) -> list[str]:
        return [each.call for each in self.exchanges if each.call != "login"]

    def effects(self) -> Mapping[str, Any]:
        effects = self.sim.snapshot()["effects"]
        assert isinstance(effects, dict)
        return effects


@pytest.fixture
def bench(running: RunningSimulator) -> Iterator[Bench]:
    running.reset()
    bench = Bench(running)
    yield bench
    bench.client.close()


# enrol


def test_a_new_learner_gets_an_account_and_a_seat(bench: Bench) -> None:
    done = bench.does("enrol", **ENROL)

    assert done.outcome is Outcome.CREATED_AND_ENROLLED
    assert bench.sim.learners(101) == [ADA]
    assert bench.effects() == {
        "accounts": {ADA: 1},
        "enrolments": {"101": {ADA: 1}},
        "unenrolments": {},
        "invitation_mails": {},
        "updates": {},
    }


def test_a_listed_learner_costs_one_read_and_no_write(bench: Bench) -> None:
    bench.sim.add_person(ADA, courses=[101])

    done = bench.does("enrol", **ENROL)

    assert done.outcome is Outcome.ALREADY_ENROLLED
    assert [each.call for each in bench.exchanges] == ["login", "learners"]


def test_a_learner_known_to_the_directory_gets_a_seat_without_an_account(bench: Bench) -> None:
    user_id = str(bench.sim.add_person(ADA))
    bench.desk.directory.learn(ADA, user_id)

    done = bench.does("enrol", **ENROL)

    assert done.outcome is Outcome.ENROLLED
    assert bench.writes() == ["enrol_user"]


@pytest.mark.parametrize("written", [" ADA@Customer.Example ", "Ada@customer.example"])
def test_the_address_is_tidied_before_anything_else(bench: Bench, written: str) -> None:
    bench.sim.add_person("Ada@Customer.example", courses=[101])

    assert bench.does("enrol", email=written, course_id=101).outcome is Outcome.ALREADY_ENROLLED


def test_a_second_enrol_of_another_run_changes_nothing(bench: Bench) -> None:
    bench.does("enrol", **ENROL)

    again = bench.does("enrol", desk=bench.new_run(), **ENROL)

    assert again.outcome is Outcome.ALREADY_ENROLLED
    assert bench.effects()["enrolments"] == {"101": {ADA: 1}}


@pytest.mark.parametrize("duplicate", ["uniqueness", "text", "case_sensitive"])
def test_an_account_of_unknown_id_is_found_in_another_course(bench: Bench, duplicate: str) -> None:
    bench.sim.reset(duplicate_account=duplicate)
    bench.sim.add_person(ADA, courses=[102])

    done = bench.does("enrol", **ENROL)

    assert done.outcome is Outcome.ENROLLED
    assert bench.sim.learners(101) == [ADA]
    assert bench.effects()["accounts"] == {ADA: 1}


def test_an_existing_account_that_is_told_at_creation_is_used(bench: Bench) -> None:
    bench.sim.reset(duplicate_account="existing")
    bench.sim.add_person(ADA)

    bench.does("enrol", **ENROL)

    assert bench.sim.learners(101) == [ADA]


def test_a_hidden_duplicate_is_found_in_another_course_in_the_next_try(bench: Bench) -> None:
    bench.sim.reset(duplicate_account="hidden")
    bench.sim.add_person(ADA, courses=[102])

    with pytest.raises(TryAgain) as caught:
        bench.does("enrol", **ENROL)
    done = bench.does("enrol", **ENROL)

    assert caught.value.ambiguous
    assert done.outcome is Outcome.ENROLLED
    assert bench.writes() == ["create_account", "enrol_user"]


@pytest.mark.parametrize("duplicate", ["uniqueness", "text", "hidden"])
def test_an_account_that_cannot_be_found_ends_in_one_invitation(
    bench: Bench, duplicate: str
) -> None:
    bench.sim.reset(duplicate_account=duplicate)
    bench.sim.add_person(ADA)

    done = bench.until_done("enrol", **ENROL)
    again = bench.until_done("enrol", **ENROL)

    assert (done.outcome, again.outcome) == (Outcome.INVITED, Outcome.INVITED)
    assert "looked through" in done.detail
    assert bench.effects()["invitation_mails"] == {"101": {ADA: 1}}
    assert bench.effects()["accounts"] == {ADA: 1}


@pytest.mark.parametrize("duplicate", ["uniqueness", "hidden"])
def test_an_account_that_cannot_be_found_fails_where_the_rule_says_so(
    bench: Bench, duplicate: str
) -> None:
    bench.sim.reset(duplicate_account=duplicate)
    bench.sim.add_person(ADA)

    with pytest.raises(GaveUp) as caught:
        bench.until_done("enrol", **ENROL, on_unknown_user="fail")

    assert caught.value.kind is Kind.UNKNOWN_LEARNER
    assert "on_unknown_user: invite" in str(caught.value)
    assert bench.effects()["invitation_mails"] == {}


def test_a_hidden_duplicate_is_believed_after_three_faults(bench: Bench) -> None:
    bench.sim.reset(duplicate_account="hidden")
    bench.sim.add_person(ADA)

    bench.until_done("enrol", **ENROL)

    assert bench.writes() == ["create_account"] * 3 + ["invite"]


def test_an_account_known_to_exist_is_not_made_again_in_a_later_try(bench: Bench) -> None:
    bench.sim.add_person(ADA)
    bench.sim.add_fault("inviteUserForCourse", "status", status=503)

    done = bench.until_done("enrol", **ENROL)

    assert done.outcome is Outcome.INVITED
    assert bench.writes() == ["create_account", "invite", "invite"]


def test_a_reply_without_an_id_ends_in_an_invitation(bench: Bench) -> None:
    bench.sim.reset(replies="empty", learner_login="refused")

    done = bench.until_done("enrol", **ENROL)

    assert done.outcome is Outcome.INVITED
    assert bench.effects()["accounts"] == {ADA: 1}
    assert bench.effects()["invitation_mails"] == {"101": {ADA: 1}}


def test_the_search_stops_at_its_budget(bench: Bench) -> None:
    bench.sim.reset(courses={number: f"Course {number}" for number in range(101, 109)})
    bench.sim.add_person(ADA, courses=[108])
    desk = replace(bench.desk, policy=Policy(sweep_courses=3))

    with pytest.raises(NotYet, match="3 of 7 courses"):
        bench.does("enrol", desk=desk, **ENROL)

    assert bench.calls().count("learners") == 1 + 3
    assert bench.writes() == ["create_account"]


def test_the_search_goes_on_where_it_stopped(bench: Bench) -> None:
    bench.sim.reset(courses={number: f"Course {number}" for number in range(101, 109)})
    bench.sim.add_person(ADA, courses=[108])
    desk = replace(bench.desk, policy=Policy(sweep_courses=3))

    done = bench.until_done("enrol", desk=desk, **ENROL)

    assert done.outcome is Outcome.ENROLLED
    read = [each.path.split("/")[3] for each in bench.exchanges if each.call == "learners"]
    assert sorted(read[1:-1]) == [str(number) for number in range(102, 109)]
    assert bench.writes() == ["create_account", "enrol_user"]


def test_what_was_seen_not_long_ago_is_not_read_again(bench: Bench) -> None:
    shared = {"remembered": MemoryRemembered(), "directory": MemoryDirectory()}
    for email in (ADA, BO):
        bench.sim.add_person(email)

    first = bench.does("enrol", desk=bench.new_run(**shared), **ENROL)
    bench.exchanges.clear()
    second = bench.does("enrol", desk=bench.new_run(**shared), email=BO, course_id=101)

    assert "(4 of 4)" in first.detail
    assert "(4 of 4)" in second.detail
    assert bench.calls() == ["learners", "create_account", "invite"]


def test_courses_that_others_read_are_waited_for_without_a_request(bench: Bench) -> None:
    remembered = MemoryRemembered()
    bench.sim.add_person(ADA)
    desk = bench.new_run(remembered=remembered)
    remembered.next_to_read(["103"], 0.0)

    with pytest.raises(NotYet):
        bench.does("enrol", desk=desk, **ENROL)
    bench.exchanges.clear()
    with pytest.raises(NotYet) as caught:
        bench.does("enrol", desk=desk, **ENROL)

    assert caught.value.retry_after == 5.0
    assert bench.exchanges == []


def test_what_others_have_found_ends_the_search(bench: Bench) -> None:
    remembered, directory = MemoryRemembered(), MemoryDirectory()
    user_id = str(bench.sim.add_person(ADA))
    desk = bench.new_run(remembered=remembered, directory=directory)
    remembered.next_to_read(["103"], 0.0)

    with pytest.raises(NotYet):
        bench.does("enrol", desk=desk, **ENROL)
    directory.learn(ADA, user_id)
    done = bench.does("enrol", desk=desk, **ENROL)

    assert done.outcome is Outcome.ENROLLED
    assert bench.writes() == ["create_account", "enrol_user"]


def test_the_search_passes_over_courses_that_may_not_be_read(bench: Bench) -> None:
    bench.sim.add_person(ADA, courses=[103])
    bench.sim.add_fault("allLearners", "status", status=403, match="102")

    done = bench.does("enrol", **ENROL)

    assert done.outcome is Outcome.ENROLLED
    assert bench.sim.faults() == []


def test_the_directory_learns_from_every_list_and_every_new_account(bench: Bench) -> None:
    bo_id = str(bench.sim.add_person("Bo@Customer.example", courses=[101]))

    bench.does("enrol", **ENROL)

    assert bench.desk.directory.user_id(BO) == bo_id
    ada_id = bench.desk.directory.user_id(ADA)
    assert ada_id is not None
    assert bench.desk.directory.email(ada_id) == ADA


def test_an_id_of_an_account_that_is_gone_does_not_stop_an_enrolment(bench: Bench) -> None:
    bench.desk.directory.learn(ADA, "987654")

    done = bench.does("enrol", **ENROL)

    assert done.outcome is Outcome.CREATED_AND_ENROLLED
    assert bench.desk.directory.user_id(ADA) != "987654"


def test_a_course_that_does_not_exist_makes_no_account(bench: Bench) -> None:
    with pytest.raises(GaveUp) as caught:
        bench.does("enrol", email=ADA, course_id=999)

    assert caught.value.kind is Kind.NO_SUCH_RECORD
    assert bench.writes() == []


def test_names_are_taken_from_the_address_where_the_rule_gives_none(bench: Bench) -> None:
    bench.does("enrol", email="grace.hopper@customer.example", course_id=101)

    accounts = bench.sim.snapshot()["accounts"]
    assert isinstance(accounts, list)
    assert [(each["first_name"], each["last_name"]) for each in accounts] == [("Grace", "Hopper")]


@pytest.mark.parametrize("duplicate", ["text", "hidden"])
def test_a_refusal_of_who_is_in_the_course_already_counts_as_enrolled(
    bench: Bench, duplicate: str
) -> None:
    bench.sim.reset(duplicate_enrolment=duplicate)
    bench.sim.add_fault("allLearners", "learners_late", seconds=0)
    bench.desk.directory.learn(ADA, str(bench.sim.add_person(ADA, courses=[101])))

    done = bench.does("enrol", **ENROL)

    assert done.outcome is Outcome.ENROLLED
    assert bench.writes() == ["enrol_user"]


def test_who_is_said_to_be_in_the_course_but_not_listed_is_looked_for_again(bench: Bench) -> None:
    bench.sim.reset(duplicate_enrolment="text")
    bench.sim.add_fault("allLearners", "learners_late", seconds=0, times=2)
    bench.desk.directory.learn(ADA, str(bench.sim.add_person(ADA, courses=[101])))

    with pytest.raises(TryAgain) as caught:
        bench.does("enrol", **ENROL)
    done = bench.does("enrol", **ENROL)

    assert caught.value.kind is Kind.ALREADY_EXISTS
    assert done.outcome is Outcome.ALREADY_ENROLLED


# nothing twice: the reply of each write is lost after it has been carried out

LOSSES: dict[str, dict[str, object]] = {
    "dropped": {"fault": "commit_then_drop"},
    "500": {"fault": "commit_then_status", "status": 500},
    "502": {"fault": "commit_then_status", "status": 502},
    "half a JSON": {"fault": "malformed_json"},
}


DUPLICATES = ["uniqueness", "text", "hidden", "existing", "case_sensitive"]


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("login", ["allowed", "unverified"])
@pytest.mark.parametrize("duplicate", DUPLICATES)
def test_the_id_of_an_account_whose_reply_was_lost_is_told_by_a_log_in(
    bench: Bench, loss: str, login: str, duplicate: str
) -> None:
    bench.sim.reset(duplicate_account=duplicate, learner_login=login)
    bench.sim.add_fault("createAccount", **LOSSES[loss])  # type: ignore[arg-type]

    done = bench.does("enrol", **ENROL)

    assert done.outcome is Outcome.CREATED_AND_ENROLLED
    assert bench.calls() == ["learners", "create_account", "sign_in", "enrol_user"]
    assert bench.effects()["accounts"] == {ADA: 1}


@pytest.mark.parametrize("login", ["allowed", "unverified"])
def test_the_id_that_a_reply_does_not_tell_is_told_by_a_log_in(bench: Bench, login: str) -> None:
    bench.sim.reset(replies="empty", learner_login=login)

    done = bench.does("enrol", **ENROL)

    assert done.outcome is Outcome.CREATED_AND_ENROLLED
    assert bench.effects()["invitation_mails"] == {}


def test_a_log_in_as_the_learner_is_made_once_more_where_its_answer_is_lost(bench: Bench) -> None:
    bench.sim.reset(replies="empty")
    bench.client.courses()
    bench.sim.add_fault("login", "commit_then_drop")

    done = bench.does("enrol", **ENROL)

    assert done.outcome is Outcome.CREATED_AND_ENROLLED
    assert bench.calls().count("sign_in") == 2


def test_a_refused_log_in_as_the_learner_says_nothing_of_usher(bench: Bench) -> None:
    bench.sim.reset(duplicate_account="hidden")
    bench.sim.add_person(ADA)

    with pytest.raises(TryAgain) as caught:
        bench.does("enrol", **ENROL)

    assert caught.value.call == "create_account"
    assert bench.calls()[-1] == "sign_in"
    assert bench.client.courses()


def test_nobody_logs_in_as_the_learner_where_the_operator_does_not_want_it(bench: Bench) -> None:
    bench.sim.reset(replies="empty")
    desk = replace(bench.desk, policy=Policy(id_by_login=False))

    done = bench.does("enrol", desk=desk, **ENROL)

    assert done.outcome is Outcome.INVITED
    assert "sign_in" not in bench.calls()


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("duplicate", DUPLICATES)
def test_a_lost_reply_of_create_account_makes_no_second_account(
    bench: Bench, loss: str, duplicate: str
) -> None:
    bench.sim.reset(duplicate_account=duplicate, learner_login="refused")
    bench.sim.add_fault("createAccount", **LOSSES[loss])  # type: ignore[arg-type]

    done = bench.until_done("enrol", **ENROL)

    assert bench.effects()["accounts"] == {ADA: 1}
    if duplicate == "existing":
        assert bench.sim.learners(101) == [ADA]
    else:
        assert done.outcome is Outcome.INVITED
        assert bench.effects()["invitation_mails"] == {"101": {ADA: 1}}


def test_a_portal_known_to_hide_duplicates_is_believed_at_the_second_try(bench: Bench) -> None:
    bench.sim.reset(duplicate_account="hidden")
    bench.sim.add_person(ADA)
    desk = replace(bench.desk, policy=Policy(hidden_duplicates=True))

    done = bench.until_done("enrol", desk=desk, **ENROL)

    assert done.outcome is Outcome.INVITED
    assert bench.writes() == ["create_account"] * 2 + ["invite"]


def test_the_account_action_says_that_a_duplicate_may_be_hidden(bench: Bench) -> None:
    bench.sim.reset(duplicate_account="hidden")
    bench.sim.add_person(ADA)

    for _ in range(6):
        with pytest.raises(TryAgain, match="COURSEBOX_HIDDEN_DUPLICATES"):
            bench.does("create_account", email=ADA)

    assert bench.calls().count("learners") == 5


def test_the_account_action_believes_a_portal_known_to_hide_duplicates(bench: Bench) -> None:
    bench.sim.reset(duplicate_account="hidden")
    bench.sim.add_person(ADA)
    desk = replace(bench.desk, policy=Policy(hidden_duplicates=True))

    done = bench.until_done("create_account", desk=desk, email=ADA)

    assert done.outcome is Outcome.ALREADY_EXISTS
    assert "500" in done.detail


@pytest.mark.parametrize(
    ("days", "first", "last", "outcome"),
    [
        pytest.param(0, "Ada", "Lovelace", Outcome.CREATED, id="nothing shows it"),
        pytest.param(0, "Augusta", "King", Outcome.ALREADY_EXISTS, id="other names"),
        pytest.param(2, "Ada", "Lovelace", Outcome.ALREADY_EXISTS, id="made before"),
    ],
)
def test_an_old_account_in_a_good_reply_counts_where_it_shows(
    running: RunningSimulator, days: int, first: str, last: str, outcome: Outcome
) -> None:
    running.reset(duplicate_account="existing")
    if days:
        running.advance(-86_400.0 * days)
    running.add_person(ADA, first, last)
    bench = Bench(running)
    names = {"first_name": "Ada", "last_name": "Lovelace"}

    with bench.client:
        made = bench.does("create_account", email=ADA, **names)
        seated = bench.does("enrol", desk=bench.new_run(), **ENROL, **names)

    assert made.outcome is outcome
    assert seated.outcome is (
        Outcome.CREATED_AND_ENROLLED if outcome is Outcome.CREATED else Outcome.ENROLLED
    )
    assert bool(made.detail) is (outcome is Outcome.ALREADY_EXISTS)


def test_a_create_account_that_was_not_carried_out_is_sent_again(bench: Bench) -> None:
    bench.sim.add_fault("createAccount", "drop_before")

    done = bench.until_done("enrol", **ENROL)

    assert done.outcome is Outcome.CREATED_AND_ENROLLED
    assert bench.effects()["accounts"] == {ADA: 1}


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("duplicate", ["no_op", "text", "hidden", "second_row"])
def test_a_lost_reply_of_enrol_user_gives_one_seat(bench: Bench, loss: str, duplicate: str) -> None:
    bench.sim.reset(duplicate_enrolment=duplicate)
    bench.sim.add_fault("enrolUser", **LOSSES[loss])  # type: ignore[arg-type]

    done = bench.until_done("enrol", **ENROL)

    assert done.outcome is Outcome.CREATED_AND_ENROLLED
    assert bench.effects()["enrolments"] == {"101": {ADA: 1}}
    assert bench.writes() == ["create_account", "enrol_user"]


def test_a_lost_reply_of_enrol_user_is_found_by_the_next_try_too(bench: Bench) -> None:
    bench.sim.reset(duplicate_enrolment="second_row")
    bench.desk.directory.learn(ADA, str(bench.sim.add_person(ADA)))
    bench.sim.add_fault("enrolUser", "commit_then_drop")

    def lists_fail_from_now_on() -> None:
        bench.sim.add_fault("allLearners", "status", status=503)

    with pytest.raises(TryAgain) as caught:
        bench.does("enrol", desk=replace(bench.desk, guard=lists_fail_from_now_on), **ENROL)
    done = bench.does("enrol", **ENROL)

    assert (caught.value.call, caught.value.ambiguous) == ("learners", True)
    assert done.outcome is Outcome.ENROLLED
    assert bench.sim.learners(101) == [ADA]


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("action", ["invite", "enrol"])
def test_an_invitation_whose_reply_was_lost_is_not_sent_again(
    bench: Bench, action: str, loss: str
) -> None:
    bench.sim.add_person(ADA)
    bench.sim.add_fault("inviteUserForCourse", **LOSSES[loss])  # type: ignore[arg-type]

    with pytest.raises(TryAgain) as first:
        bench.does(action, **ENROL)
    with pytest.raises(GaveUp) as second:
        bench.does(action, **ENROL)

    assert first.value.ambiguous
    assert second.value.kind is Kind.INVITATION_UNSURE
    assert bench.effects()["invitation_mails"] == {"101": {ADA: 1}}


def test_an_invitation_whose_reply_was_lost_is_seen_where_it_gives_a_seat(bench: Bench) -> None:
    bench.sim.reset(invited="listed")
    bench.sim.add_fault("inviteUserForCourse", "commit_then_drop")

    done = bench.does("invite", **ENROL)

    assert done.outcome is Outcome.INVITED
    assert bench.effects()["invitation_mails"] == {"101": {ADA: 1}}


def test_an_invitation_accepted_in_between_counts_as_invited(bench: Bench) -> None:
    bench.sim.add_fault("inviteUserForCourse", "commit_then_drop")

    with pytest.raises(TryAgain):
        bench.does("invite", **ENROL)
    bench.sim.accept_invitation(101, ADA)
    done = bench.does("invite", **ENROL)

    assert done.outcome is Outcome.INVITED


def test_an_unsure_invitation_is_sent_again_when_a_person_says_so(bench: Bench) -> None:
    bench.sim.add_fault("inviteUserForCourse", "drop_before")
    with pytest.raises(TryAgain):
        bench.does("invite", **ENROL)
    with pytest.raises(GaveUp):
        bench.does("invite", **ENROL)

    done = bench.does("invite", desk=replace(bench.desk, resend_unsure=True), **ENROL)

    assert done.outcome is Outcome.INVITED
    assert bench.effects()["invitation_mails"] == {"101": {ADA: 1}}


def test_a_refusal_because_of_an_earlier_invitation_counts_as_invited(bench: Bench) -> None:
    body = json.dumps({"error": {"statusCode": 400, "message": "User has already been invited"}})
    bench.sim.add_fault("inviteUserForCourse", "status", status=400, body=body)

    assert bench.does("invite", **ENROL).outcome is Outcome.INVITED


@pytest.mark.parametrize("status", [429, 503])
def test_an_invitation_that_certainly_did_not_go_out_is_sent_again(
    bench: Bench, status: int
) -> None:
    bench.sim.add_fault("inviteUserForCourse", "status", status=status, retry_after=5)

    with pytest.raises(TryAgain) as caught:
        bench.does("invite", **ENROL)
    done = bench.does("invite", **ENROL)

    assert caught.value.retry_after == 5.0
    assert done.outcome is Outcome.INVITED
    assert bench.effects()["invitation_mails"] == {"101": {ADA: 1}}


# no second mail, whoever asks


@pytest.mark.parametrize("action", ["invite", "enrol"])
def test_nobody_is_invited_twice_within_the_time(bench: Bench, action: str) -> None:
    bench.sim.add_person(ADA)
    remembered = MemoryRemembered()

    first = bench.does("invite", desk=bench.new_run(remembered=remembered), **ENROL)
    again = bench.does(action, desk=bench.new_run(remembered=remembered), **ENROL)

    assert (first.outcome, again.outcome) == (Outcome.INVITED, Outcome.INVITED)
    assert first.detail == ""
    assert re.search(r"one went out on .* UTC; the next may go out after .* UTC", again.detail)
    assert bench.effects()["invitation_mails"] == {"101": {ADA: 1}}


def test_after_the_time_another_invitation_goes_out(bench: Bench) -> None:
    shared = {"remembered": MemoryRemembered(), "policy": Policy(invite_again_after=0.0)}

    for _ in range(2):
        bench.does("invite", desk=bench.new_run(**shared), **ENROL)

    assert bench.effects()["invitation_mails"] == {"101": {ADA: 2}}


def test_another_run_does_not_send_what_may_have_gone_out(bench: Bench) -> None:
    remembered = MemoryRemembered()
    bench.sim.add_fault("inviteUserForCourse", "commit_then_drop")
    with pytest.raises(TryAgain):
        bench.does("invite", desk=bench.new_run(remembered=remembered), **ENROL)

    with pytest.raises(GaveUp, match="may have gone out") as refused:
        bench.does("invite", desk=bench.new_run(remembered=remembered), **ENROL)

    assert refused.value.kind is Kind.INVITATION_UNSURE
    assert bench.effects()["invitation_mails"] == {"101": {ADA: 1}}


def test_a_person_has_sent_what_may_have_gone_out_in_another_run(bench: Bench) -> None:
    remembered = MemoryRemembered()
    bench.sim.add_fault("inviteUserForCourse", "drop_before")
    with pytest.raises(TryAgain):
        bench.does("invite", desk=bench.new_run(remembered=remembered), **ENROL)

    replayed = bench.new_run(remembered=remembered, resend_unsure=True)
    done = bench.does("invite", desk=replayed, **ENROL)

    assert (done.outcome, done.detail) == (Outcome.INVITED, "")
    assert bench.effects()["invitation_mails"] == {"101": {ADA: 1}}


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"fault": "status", "status": 503}, id="not carried out"),
        pytest.param({"fault": "status", "status": 403}, id="refused"),
    ],
)
def test_what_certainly_did_not_go_out_keeps_nobody_from_being_invited(
    bench: Bench, fault: dict[str, Any]
) -> None:
    remembered = MemoryRemembered()
    bench.sim.add_fault("inviteUserForCourse", **fault)
    with pytest.raises(CourseboxError):
        bench.does("invite", desk=bench.new_run(remembered=remembered), **ENROL)

    done = bench.does("invite", desk=bench.new_run(remembered=remembered), **ENROL)

    assert (done.outcome, done.detail) == (Outcome.INVITED, "")
    assert bench.effects()["invitation_mails"] == {"101": {ADA: 1}}


def test_a_person_has_an_unsure_invitation_sent_again_within_the_time(bench: Bench) -> None:
    remembered, journal = MemoryRemembered(), MemoryJournal()
    bench.sim.add_fault("inviteUserForCourse", "drop_before")
    desk = bench.new_run(remembered=remembered, journal=journal)
    with pytest.raises(TryAgain):
        bench.does("invite", desk=desk, **ENROL)

    done = bench.does("invite", desk=replace(desk, resend_unsure=True), **ENROL)
    other = bench.does("invite", desk=bench.new_run(remembered=remembered), **ENROL)

    assert done.detail == ""
    assert "one went out" in other.detail
    assert bench.effects()["invitation_mails"] == {"101": {ADA: 1}}


def test_a_replay_for_another_reason_sends_no_second_invitation(bench: Bench) -> None:
    remembered = MemoryRemembered()
    bench.does("invite", desk=bench.new_run(remembered=remembered), **ENROL)

    replayed = bench.new_run(remembered=remembered, resend_unsure=True)
    done = bench.does("invite", desk=replayed, **ENROL)

    assert "no invitation was sent" in done.detail
    assert bench.effects()["invitation_mails"] == {"101": {ADA: 1}}


def test_a_worker_that_dies_before_its_invitation_leaves_it_to_be_sent(bench: Bench) -> None:
    desk = bench.new_run()
    with pytest.raises(Lost):
        bench.does("invite", desk=replace(desk, guard=refuse), **ENROL)

    done = bench.does("invite", desk=desk, **ENROL)

    assert (done.outcome, done.detail) == (Outcome.INVITED, "")
    assert bench.effects()["invitation_mails"] == {"101": {ADA: 1}}


# what an action can come to is what the rule language says of it

WAYS: dict[tuple[str, str], tuple[bool, tuple[int, ...], dict[str, object]]] = {
    ("enrol", "enrolled"): (True, (102,), ENROL),
    ("enrol", "already_enrolled"): (True, (101,), ENROL),
    ("enrol", "created_and_enrolled"): (False, (), ENROL),
    ("enrol", "invited"): (True, (), ENROL),
    ("unenrol", "unenrolled"): (True, (101,), ENROL),
    ("unenrol", "already_absent"): (True, (), ENROL),
    ("invite", "invited"): (False, (), ENROL),
    ("invite", "already_enrolled"): (True, (101,), ENROL),
    ("create_account", "created"): (False, (), {"email": ADA}),
    ("create_account", "already_exists"): (True, (), {"email": ADA}),
    ("update_user", "updated"): (True, (101,), {"email": ADA, "attributes": {"city": "Bonn"}}),
    ("enrol_user", "enrolled"): (True, (), {"user_id": 1001, "course_id": 101}),
    ("enrol_user", "already_enrolled"): (True, (101,), {"user_id": 1001, "course_id": 101}),
}


@pytest.mark.parametrize(("action", "outcome"), WAYS)
def test_each_outcome_that_a_rule_may_expect_comes_about(
    bench: Bench, action: str, outcome: str
) -> None:
    there, courses, params = WAYS[action, outcome]
    if there:
        bench.sim.add_person(ADA, courses=courses)

    assert bench.does(action, **params).outcome == outcome


def test_every_outcome_of_the_rule_language_is_tried() -> None:
    listed = {(name, each) for name in PERFORM for each in ACTIONS[name].outcomes}

    assert set(WAYS) == listed


def test_every_outcome_has_a_sentence() -> None:
    assert set(SENTENCES) == set(Outcome)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("by", ["email", "user_id"])
def test_a_lost_reply_of_a_removal_removes_once(bench: Bench, by: str, loss: str) -> None:
    user_id = str(bench.sim.add_person(ADA, courses=[101]))
    bench.sim.add_person(BO, courses=[101])
    bench.sim.add_fault("removeUser", **LOSSES[loss])  # type: ignore[arg-type]
    whom = {"email": ADA} if by == "email" else {"user_id": user_id}

    done = bench.until_done("unenrol", course_id=101, **whom)
    again = bench.until_done("unenrol", course_id=101, **whom)

    assert (done.outcome, again.outcome) == (Outcome.UNENROLLED, Outcome.UNENROLLED)
    assert bench.sim.learners(101) == [BO]
    assert bench.writes() == ["remove_user"]


@pytest.mark.parametrize("loss", LOSSES)
def test_a_lost_reply_of_an_update_is_read_back(bench: Bench, loss: str) -> None:
    user_id = str(bench.sim.add_person(ADA))
    bench.sim.add_fault("updateMainAttributes", **LOSSES[loss])  # type: ignore[arg-type]

    done = bench.until_done("update_user", user_id=user_id, attributes={"city": "Bonn"})

    assert done.outcome is Outcome.UPDATED
    assert bench.writes() == ["update_user"]


def test_an_update_of_unknown_outcome_is_looked_up_before_it_is_sent_again(bench: Bench) -> None:
    user_id = str(bench.sim.add_person(ADA))
    bench.sim.add_fault("updateMainAttributes", "commit_then_drop")
    bench.sim.add_fault("getUser", "status", status=503)
    change = {"user_id": user_id, "attributes": {"city": "Bonn"}}

    with pytest.raises(TryAgain):
        bench.does("update_user", **change)
    done = bench.does("update_user", **change)

    assert done.outcome is Outcome.UPDATED
    assert bench.writes() == ["update_user"]


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("duplicate", ["uniqueness", "text", "existing"])
def test_a_lost_reply_of_the_account_action_makes_one_account(
    bench: Bench, duplicate: str, loss: str
) -> None:
    bench.sim.reset(duplicate_account=duplicate)
    bench.sim.add_fault("createAccount", **LOSSES[loss])  # type: ignore[arg-type]

    done = bench.until_done("create_account", email=ADA, first_name="Ada", last_name="L")

    assert done.outcome in (Outcome.CREATED, Outcome.ALREADY_EXISTS)
    assert bench.effects()["accounts"] == {ADA: 1}


def test_the_account_action_looks_through_the_courses_before_it_sends_again(bench: Bench) -> None:
    bench.sim.reset(learner_login="refused")
    whom = {"email": ADA, "first_name": "Ada", "last_name": "L"}
    bench.sim.add_fault("createAccount", "commit_then_drop")

    with pytest.raises(TryAgain):
        bench.does("create_account", **whom)
    bench.sim.add_person(ADA, courses=[102])
    done = bench.does("create_account", **whom)

    assert done.outcome is Outcome.ALREADY_EXISTS
    assert bench.writes() == ["create_account"]


# a worker that dies: the journal is all that is left


class Dying(MemoryJournal):
    """A journal whose worker dies right after the note that something is being sent."""

    def __init__(self, at: str) -> None:
        super().__init__()
        self._at: str | None = at

    def remember(self, key: str, value: str) -> None:
        super().remember(key, value)
        if self._at and key.startswith(self._at):
            self._at = None
            raise Lost


@pytest.mark.parametrize(
    ("note", "outcome"),
    [("account:", Outcome.CREATED_AND_ENROLLED), ("seat:", Outcome.CREATED_AND_ENROLLED)],
)
def test_a_worker_that_dies_before_a_write_leaves_a_run_that_ends_well(
    bench: Bench, note: str, outcome: Outcome
) -> None:
    desk = bench.new_run(journal=Dying(note))

    with pytest.raises(Lost):
        bench.does("enrol", desk=desk, **ENROL)
    done = bench.does("enrol", desk=desk, **ENROL)

    assert done.outcome is outcome
    assert bench.effects()["accounts"] == {ADA: 1}
    assert bench.effects()["enrolments"] == {"101": {ADA: 1}}


def test_a_worker_that_dies_at_an_invitation_leaves_it_to_a_person(bench: Bench) -> None:
    desk = bench.new_run(journal=Dying("invitation:"))

    with pytest.raises(Lost):
        bench.does("invite", desk=desk, **ENROL)
    with pytest.raises(GaveUp) as caught:
        bench.does("invite", desk=desk, **ENROL)

    assert caught.value.kind is Kind.INVITATION_UNSURE
    assert bench.effects()["invitation_mails"] == {}


def test_an_id_kept_in_the_journal_is_used_by_another_worker(bench: Bench) -> None:
    bench.sim.add_fault("enrolUser", "status", status=503)
    journal = MemoryJournal()

    with pytest.raises(TryAgain):
        bench.does("enrol", desk=bench.new_run(journal=journal), **ENROL)
    done = bench.does("enrol", desk=bench.new_run(journal=journal), **ENROL)

    assert done.outcome is Outcome.CREATED_AND_ENROLLED
    assert bench.effects()["accounts"] == {ADA: 1}


def refuse() -> None:
    raise Lost


WRITING: dict[str, dict[str, object]] = {
    "enrol": ENROL,
    "invite": ENROL,
    "create_account": {"email": ADA, "first_name": "Ada", "last_name": "L"},
    "unenrol": {"email": BO, "course_id": 101},
    "update_user": {"email": BO, "attributes": {"city": "Bonn"}},
    "enrol_user": {"user_id": "1", "course_id": 101},
}


@pytest.mark.parametrize("action", WRITING)
def test_the_guard_is_asked_before_each_write_and_can_stop_it(bench: Bench, action: str) -> None:
    bench.sim.add_person(BO, courses=[101])

    with pytest.raises(Lost):
        bench.does(action, desk=replace(bench.desk, guard=refuse), **WRITING[action])

    assert bench.writes() == []
    done = bench.does(action, **WRITING[action])
    assert bench.guarded == len(bench.writes()) >= 1
    assert done.outcome not in (Outcome.ALREADY_ENROLLED, Outcome.ALREADY_ABSENT)


def test_every_action_is_tried_by_the_guard() -> None:
    assert set(WRITING) == set(PERFORM)


# the other actions


def test_enrol_user_reads_the_course_first(bench: Bench) -> None:
    user_id = bench.sim.add_person(ADA, courses=[101])

    done = bench.does("enrol_user", user_id=user_id, course_id="101")

    assert done.outcome is Outcome.ALREADY_ENROLLED
    assert bench.writes() == []


def test_enrol_user_seats_by_id(bench: Bench) -> None:
    user_id = str(bench.sim.add_person(ADA))

    done = bench.does("enrol_user", user_id=user_id, course_id="101")

    assert done.outcome is Outcome.ENROLLED
    assert bench.sim.learners(101) == [ADA]


def test_enrol_user_of_nobody_gives_up(bench: Bench) -> None:
    with pytest.raises(GaveUp) as caught:
        bench.does("enrol_user", user_id="987654", course_id="101")

    assert caught.value.kind is Kind.NO_SUCH_RECORD


def test_an_absent_learner_is_not_removed(bench: Bench) -> None:
    bench.sim.add_person(BO, courses=[101])

    by_email = bench.does("unenrol", email=ADA, course_id=101)
    by_id = bench.does("unenrol", user_id="987654", course_id=101)

    assert {by_email.outcome, by_id.outcome} == {Outcome.ALREADY_ABSENT}
    assert bench.writes() == []


def test_nobody_but_the_learner_is_removed(bench: Bench) -> None:
    for email in (ADA, BO):
        bench.sim.add_person(email, courses=[101, 102])

    done = bench.does("unenrol", email=ADA.upper(), course_id=101, reason="refund")

    assert done.outcome is Outcome.UNENROLLED
    assert (bench.sim.learners(101), bench.sim.learners(102)) == ([BO], [ADA, BO])


@pytest.mark.parametrize(
    "whom", [{}, {"email": ""}, {"user_id": ""}, {"email": None, "user_id": None}]
)
@pytest.mark.parametrize("action", ["unenrol", "update_user"])
def test_nobody_named_is_refused_before_anything_is_sent(
    bench: Bench, action: str, whom: dict[str, object]
) -> None:
    with pytest.raises(InvalidArgument, match="neither email nor user_id"):
        bench.does(action, course_id=101, attributes={"city": "Bonn"}, **whom)

    assert bench.exchanges == []


def test_an_id_and_an_address_of_two_people_remove_neither(bench: Bench) -> None:
    ada_id = str(bench.sim.add_person(ADA, courses=[101]))
    bench.sim.add_person(BO, courses=[101])

    with pytest.raises(InvalidArgument, match="nobody was removed"):
        bench.does("unenrol", user_id=ada_id, email=BO, course_id=101)

    assert bench.writes() == []


def test_an_invitation_of_a_learner_in_the_course_is_not_sent(bench: Bench) -> None:
    bench.sim.add_person(ADA, courses=[101])

    assert bench.does("invite", **ENROL).outcome is Outcome.ALREADY_ENROLLED
    assert bench.writes() == []


def test_an_invitation_has_the_words_of_the_rule(bench: Bench) -> None:
    bench.does("invite", **ENROL, subject="Welcome", message="Come in")

    sent = json.loads(bench.exchanges[-1].request)
    assert (sent["title"], sent["body"]) == ("Welcome", "Come in")


def test_an_account_that_exists_is_no_error(bench: Bench) -> None:
    whom = {"email": ADA, "first_name": "Ada", "last_name": "L"}

    first = bench.does("create_account", **whom)
    same_run = bench.does("create_account", **whom)
    other_run = bench.does("create_account", desk=bench.new_run(), **whom)

    assert [done.outcome for done in (first, same_run, other_run)] == [
        Outcome.CREATED,
        Outcome.CREATED,
        Outcome.ALREADY_EXISTS,
    ]


def test_an_account_is_made_as_the_rule_says(bench: Bench) -> None:
    bench.does(
        "create_account",
        email=ADA,
        first_name="Ada",
        last_name="L",
        offer_code="SPRING",
        marketing_emails=True,
        is_18_plus=False,
    )

    data = json.loads(bench.exchanges[-1].request)["data"]
    assert (data["offerCode"], data["marketingEmails"], data["is18Plus"]) == ("SPRING", True, False)


@pytest.mark.parametrize("by", ["user_id", "directory", "another course"])
def test_a_user_is_changed_by_id_or_by_address(bench: Bench, by: str) -> None:
    user_id = str(bench.sim.add_person(ADA, courses=[102]))
    if by == "directory":
        bench.desk.directory.learn(ADA, user_id)
    whom = {"user_id": user_id} if by == "user_id" else {"email": ADA}

    done = bench.does("update_user", **whom, attributes={"city": "Bonn", "headline": "Hi"})

    assert done == Done(Outcome.UPDATED, "changed: city, headline")
    assert bench.client.user(user_id)["city"] == "Bonn"


def test_a_changed_address_is_learned(bench: Bench) -> None:
    user_id = str(bench.sim.add_person(ADA))

    bench.does("update_user", user_id=user_id, attributes={"email": " New@Customer.example"})

    assert bench.desk.directory.user_id("new@customer.example") == user_id


def test_an_update_of_nobody_known_gives_up(bench: Bench) -> None:
    with pytest.raises(GaveUp) as caught:
        bench.does("update_user", email=ADA, attributes={"city": "Bonn"})

    assert caught.value.kind is Kind.UNKNOWN_LEARNER


def test_who_is_told_without_an_address_is_not_changed_by_one(bench: Bench) -> None:
    user_id = str(bench.sim.add_person(ADA))
    bench.desk.directory.learn(ADA, user_id)
    nameless = json.dumps({"id": int(user_id), "firstName": "Ada", "email": None})
    bench.sim.add_fault("getUser", "status", status=200, body=nameless)

    with pytest.raises(GaveUp, match="without an address") as caught:
        bench.does("update_user", email=ADA, attributes={"city": "Bonn"})

    assert caught.value.kind is Kind.UNKNOWN_LEARNER
    assert bench.writes() == []


def test_the_account_of_usher_itself_is_never_changed(bench: Bench) -> None:
    own_id = str(bench.client.admins(101)[0]["id"])
    bench.sim.add_person(ADA, courses=[101])

    for email, whom in (
        ("x@customer.example", {"email": bench.sim.email.upper()}),
        ("x@customer.example", {"user_id": own_id}),
        (bench.sim.email.title(), {"email": ADA}),
    ):
        with pytest.raises(InvalidArgument, match="Usher logs in with"):
            bench.does("update_user", attributes={"email": email}, **whom)

    assert bench.writes() == []


def test_an_id_that_is_somebody_elses_now_is_not_changed(bench: Bench) -> None:
    bo_id = str(bench.sim.add_person(BO))
    ada_id = str(bench.sim.add_person(ADA, courses=[102]))
    bench.desk.directory.learn(ADA, bo_id)

    bench.does("update_user", email=ADA, attributes={"city": "Bonn"})

    assert "city" not in bench.client.user(bo_id)
    assert bench.client.user(ada_id)["city"] == "Bonn"


@pytest.mark.parametrize("loss", ["none", "commit_then_drop"])
def test_an_address_is_changed_by_itself(bench: Bench, loss: str) -> None:
    bench.sim.add_person(ADA, courses=[102])
    if loss != "none":
        bench.sim.add_fault("updateMainAttributes", loss)
        bench.sim.add_fault("getUser", "status", status=503)
    change = {"email": ADA, "attributes": {"email": BO}}

    done = bench.until_done("update_user", **change)

    assert done.outcome is Outcome.UPDATED
    assert bench.effects()["updates"] == {ADA: 1}


# attributes


@pytest.mark.parametrize("name", sorted(GUARDED))
def test_guarded_attributes_need_the_operator(name: str) -> None:
    with pytest.raises(InvalidArgument, match="may not be changed by a rule"):
        allowed_attributes({name: True}, frozenset())

    assert allowed_attributes({name: True}, frozenset({name})) == {name: True}


def test_the_dangerous_attributes_are_guarded() -> None:
    dangerous = {
        "isAdmin", "isUserAdmin", "isDeleted", "realm", "credentials", "challenges", "stripeId",
        "customerId", "emailVerified", "organisationCode",
    }  # fmt: skip

    assert dangerous <= GUARDED
    assert not GUARDED & OPEN


def test_the_list_of_the_guide_is_complete() -> None:
    assert len(OPEN | GUARDED | set(NEVER)) == 76


@pytest.mark.parametrize(
    ("attributes", "why"),
    [
        ({"firstname": "Ada"}, "did you mean 'firstName'"),
        ({"shoeSize": 38}, "no attribute 'shoeSize'"),
        ({"id": 7}, "an id does not change"),
        ({"email": "nobody"}, "not an e-mail address"),
        ({}, "at least one"),
        (None, "at least one"),
        (["city"], "at least one"),
        ({"city": None}, "'city' must be a text"),
        ({"city": ["Bonn"]}, "'city' must be a text"),
        ({"firstName": True}, "'firstName' must be a text"),
        ({"zipCode": float("inf")}, "'zipCode' must be a text"),
        ({"headline": "x" * 10_001}, "'headline' must be a text"),
        ({"isSideBarVisible": "yes"}, "must be true or false"),
        ({"profile": {"background": float("nan")}}, "JSON can hold"),
        ({"profile": {"__proto__": {"isAdmin": True}}}, "without keys for programs"),
        ({"profile": {"a": [{"constructor": {}}]}}, "without keys for programs"),
        ({"peoplePageTabs": [{"$set": {"isAdmin": True}}]}, "without keys for programs"),
    ],
)
def test_other_attributes_are_refused_by_name(attributes: object, why: str) -> None:
    with pytest.raises(InvalidArgument, match=why):
        allowed_attributes(attributes, frozenset({"id"}))


@pytest.mark.parametrize(
    ("given", "sent"), [(8000, "8000"), (8000.0, "8000"), (1.5, "1.5"), (" 8000", " 8000")]
)
def test_a_number_where_a_text_belongs_goes_out_as_text(given: object, sent: str) -> None:
    assert allowed_attributes({"zipCode": given}, frozenset()) == {"zipCode": sent}


# parameters


@pytest.mark.parametrize(
    ("action", "params", "why"),
    [
        ("enrol", {"email": "ada", "course_id": 1}, "not an e-mail address"),
        ("enrol", {"email": ADA, "course_id": ""}, "the course id is empty"),
        ("enrol", {"email": ADA}, "the course id must be"),
        ("enrol", {**ENROL, "on_unknown_user": "ignore"}, "one of invite, fail"),
        ("enrol", {**ENROL, "marketing_emails": "yes"}, "true or false"),
        ("enrol", {**ENROL, "first_name": 5}, "must be a text"),
        ("invite", {"email": None, "course_id": 1}, "not an e-mail address"),
        ("create_account", {"email": ADA, "first_name": 5}, "first_name must be a text"),
        ("unenrol", {"email": ADA}, "the course id must be"),
        ("enrol_user", {"course_id": 101, "user_id": " "}, "the user id is empty"),
    ],
)
def test_wrong_parameters_are_refused_before_anything_is_sent(
    bench: Bench, action: str, params: dict[str, object], why: str
) -> None:
    with pytest.raises(InvalidArgument, match=why) as caught:
        bench.does(action, **params)

    assert caught.value.decision is Decision.GIVE_UP
    assert bench.exchanges == []


@pytest.mark.parametrize(
    ("action", "params", "who", "course"),
    [
        ("enrol", {"email": " ADA@customer.example", "course_id": 101}, (ADA, None), "101"),
        ("unenrol", {"user_id": 7, "course_id": "u-1"}, (None, "7"), "u-1"),
        ("enrol", {"email": "bad", "course_id": ""}, (None, None), None),
        ("update_user", {"email": ADA, "user_id": "7"}, (ADA, "7"), None),
        ("invite", {"email": ADA, "course_id": "https://p.example/courses/5"}, (ADA, None), "5"),
        ("notify", {"email": ADA, "course_id": 101}, (None, None), None),
    ],
)
def test_an_action_tells_whom_and_what_it_is_about(
    action: str, params: dict[str, object], who: tuple[str | None, str | None], course: str | None
) -> None:
    assert (subject(action, params), course_of(action, params)) == (who, course)


# secrets


def test_a_password_is_random_and_short_enough() -> None:
    made = [random_password() for _ in range(50)]

    assert len(set(made)) == 50
    assert all(16 <= len(each.encode()) <= 72 for each in made)


def test_no_password_is_left_anywhere(bench: Bench) -> None:
    bench.sim.add_fault("createAccount", "status", status=422, body='{"error": {"message": "no"}}')
    errors = []
    for action, params in WRITING.items():
        try:
            bench.does(action, **params)
        except CourseboxError as error:
            errors.append(str(error))

    kept = json.dumps([asdict(each) for each in bench.exchanges]) + repr(errors)
    kept += repr(vars(bench.desk.journal)) + repr(vars(bench.desk.directory)) + repr(bench.desk)
    assert bench.passwords
    assert Counter(secret in kept for secret in [*bench.passwords, SAMPLE_PASSWORD]) == {
        False: len(bench.passwords) + 1
    }


@pytest.mark.parametrize("reply", ["nested", "text", "flat"])
@pytest.mark.parametrize("login", ["allowed", "unverified", "refused"])
@pytest.mark.parametrize("fault", [None, "malformed_json"])
def test_neither_password_nor_token_of_a_learner_is_left_anywhere(
    bench: Bench, reply: str, login: str, fault: str | None
) -> None:
    bench.sim.reset(replies="empty", token_reply=reply, learner_login=login)
    said: list[str] = []
    hooks = {"response": [lambda answer: said.append(answer.read().decode())]}
    with Coursebox(
        bench.sim.url,
        bench.sim.email,
        bench.sim.password,
        tokens=MemoryTokens(),
        http=httpx.Client(event_hooks=hooks),
        record=bench.exchanges.append,
    ) as client:
        client.courses()
        if fault:
            bench.sim.add_fault("login", fault, times=2)
        desk = replace(bench.desk, client=client)

        bench.until_done("enrol", desk=desk, **ENROL)

    kept = json.dumps([asdict(each) for each in bench.exchanges])
    kept += repr(vars(desk.journal)) + repr(vars(desk.directory))
    kept += repr([getattr(desk.remembered, name) for name in vars(MemoryRemembered())])
    # half a reply may hold half a token
    tokens = [each for each in re.findall(r"[\w-]{24,}", " ".join(said)) if "FAILED" not in each]
    assert "sign_in" in bench.calls()
    assert len(tokens) >= (2 if login == "allowed" else 1)
    assert not [secret for secret in [*bench.passwords, *tokens] if secret[:12] in kept]


# look-ups


LOOKING: dict[str, Callable[[str], dict[str, object]]] = {
    "coursebox.user": lambda user_id: {"user_id": user_id},
    "coursebox.course": lambda _: {"course_id": 101},
    "coursebox.courses": lambda _: {},
    "coursebox.activity": lambda _: {"activity_id": "1"},
    "coursebox.learners": lambda _: {"course_id": 101},
    "coursebox.admins": lambda _: {"course_id": 101},
}


@pytest.mark.parametrize("name", LOOK_UP)
def test_each_look_up_gives_plain_json(bench: Bench, name: str) -> None:
    user_id = str(bench.sim.add_person(ADA, courses=[101]))
    params = LOOKING[name](user_id)
    if name == "coursebox.activity":
        activities = bench.client.course(101)["activities"]
        assert isinstance(activities, list)
        params = {"activity_id": activities[0]["id"]}

    found = LOOK_UP[name](bench.client, params)

    assert json.loads(json.dumps(found)) == found
    assert found


@pytest.mark.parametrize(
    ("email", "found"),
    [
        pytest.param(ADA, [ADA], id="in the course"),
        pytest.param(f" {ADA.upper()} ", [ADA], id="in capitals"),
        pytest.param("nobody@learner.example", [], id="not in the course"),
    ],
)
def test_one_person_can_be_looked_up_among_the_learners(
    bench: Bench, email: str, found: list[str]
) -> None:
    bench.sim.add_person(ADA, courses=[101])
    bench.sim.add_person("bea@learner.example", courses=[101])

    learners = LOOK_UP["coursebox.learners"](bench.client, {"course_id": 101, "email": email})

    assert isinstance(learners, list)
    assert [learner["email"] for learner in learners] == found


@pytest.mark.parametrize("email", ["", " ", 7, ["a@b.example"]])
def test_nobody_is_looked_up_by_what_is_no_address(bench: Bench, email: object) -> None:
    with pytest.raises(CourseboxError, match="email"):
        LOOK_UP["coursebox.learners"](bench.client, {"course_id": 101, "email": email})
