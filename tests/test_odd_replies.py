"""Replies that are well formed and wrong: ids of others, refusals in good answers, odd rows."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from coursebox.actions import PERFORM, Desk, Done
from coursebox.client import Coursebox
from coursebox.directory import MemoryDirectory, OnlyNews
from coursebox.errors import CourseboxError, GaveUp, InvalidArgument, Kind
from coursebox.exchange import Exchange
from coursebox.journal import MemoryJournal
from coursebox.outcomes import Outcome
from coursebox.replies import Learner, read_learners
from coursebox.simulator import RunningSimulator
from coursebox.tokens import MemoryTokens

ADA, BO = "ada@customer.example", "bo@customer.example"
IN_101 = {"email": ADA, "course_id": 101}


@dataclass(slots=True)
class Place:
    """One run in a portal that answers as the test says."""

    sim: RunningSimulator
    client: Coursebox
    exchanges: list[Exchange]
    directory: MemoryDirectory = field(default_factory=MemoryDirectory)

    def does(self, action: str, **params: object) -> Done:
        desk = Desk(self.client, self.directory, MemoryJournal(), nothing, pause=lambda _: None)
        return PERFORM[action](desk, params)

    def fails(self, action: str, **params: object) -> CourseboxError:
        with pytest.raises(CourseboxError) as caught:
            self.does(action, **params)
        return caught.value

    def answers(self, call: str, body: object, *, status: int = 200, times: int = 1) -> None:
        self.sim.add_fault(call, "status", status=status, body=json.dumps(body), times=times)

    def calls(self) -> list[str]:
        return [each.call for each in self.exchanges if each.call != "login"]

    def own_id(self) -> int:
        found = self.client.admins(101)[0]["id"]
        assert isinstance(found, int)
        self.exchanges.clear()
        return found


def nothing() -> None:
    pass


@pytest.fixture
def place(running: RunningSimulator) -> Iterator[Place]:
    running.reset()
    made: list[Exchange] = []
    with Coursebox(
        running.url, running.email, running.password, tokens=MemoryTokens(), record=made.append
    ) as client:
        yield Place(running, client, made)


# whose id it is


def test_the_maker_of_an_account_is_not_taken_for_the_learner(place: Place) -> None:
    own_id = place.own_id()
    place.answers("createAccount", {"id": 4_711, "userId": own_id, "firstName": "Ada"})

    done = place.does("enrol", **IN_101)

    assert done.outcome is Outcome.INVITED
    assert place.directory.user_id(ADA) is None
    assert "enrol_user" not in place.calls()


def test_the_session_of_usher_is_not_taken_for_the_learners(place: Place) -> None:
    own_id = place.own_id()
    place.answers("createAccount", {})
    place.sim.add_fault(
        "login", "status", status=200, body=json.dumps({"token": {"id": "t", "userId": own_id}})
    )

    done = place.does("enrol", **IN_101)

    assert done.outcome is Outcome.INVITED
    assert place.calls().count("sign_in") == 1
    assert "enrol_user" not in place.calls()


@pytest.mark.parametrize("value", [0, "0", "", "null", "undefined", None, False, -5, "0101"])
def test_what_names_nobody_is_no_id(value: object) -> None:
    assert read_learners([{"userId": value, "email": ADA}]) == (Learner(None, ADA),)
    assert read_learners([{"user": {"id": value, "email": ADA}}]) == (Learner(None, ADA),)


def test_the_id_of_an_enrolment_never_stands_in_for_that_of_its_learner() -> None:
    listed = read_learners([{"id": 55, "userId": None, "email": ADA}])

    assert listed == (Learner(None, ADA),)


def test_an_id_that_several_people_have_is_learned_of_none(place: Place) -> None:
    rows = [{"userId": 7, "email": ADA}, {"userId": 7, "email": BO}, {"userId": 8, "email": "c@d"}]
    place.answers("allLearners", rows)

    place.does("enrol_user", user_id=8, course_id=101)

    known = [place.directory.user_id(email) for email in (ADA, BO, "c@d")]
    assert known == [None, None, "8"]


def test_nobody_is_removed_by_an_id_that_several_people_have(place: Place) -> None:
    place.answers("allLearners", [{"userId": 7, "email": ADA}, {"userId": 7, "email": BO}])

    refusal = place.fails("unenrol", **IN_101)

    assert isinstance(refusal, InvalidArgument)
    assert f"the id 7 for {ADA}, {BO}" in str(refusal)
    assert place.calls() == ["learners"]


def test_one_of_two_accounts_of_an_address_is_removed_only_by_its_id(place: Place) -> None:
    both = [{"userId": 7, "email": ADA.upper()}, {"userId": 8, "email": ADA}]
    place.answers("allLearners", both, times=3)
    place.answers("removeUser", {})

    refusal = place.fails("unenrol", **IN_101)
    done = place.does("unenrol", user_id="8", course_id=101)

    assert f"several accounts of {ADA} in the course (7, 8)" in str(refusal)
    assert done.outcome is Outcome.UNENROLLED
    removals = [each.path for each in place.exchanges if each.call == "remove_user"]
    assert removals == ["/api/Courses/101/users?userid=8"]


def test_nobody_is_changed_where_nothing_tells_who_usher_is(place: Place) -> None:
    place.answers("login", {"token": {"id": "sample", "ttl": 1_000}})
    place.answers("getUser", {"id": 7})

    refusal = place.fails("update_user", user_id="7", attributes={"firstName": "Ada"})

    assert refusal.kind is Kind.UNEXPECTED
    assert place.calls() == ["user"]


# refusals in good answers


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"error": {"statusCode": 422, "message": "The course is full"}}, "The course is full"),
        ({"error": "The course is full"}, "The course is full"),
        ({"success": False, "message": "The course is full"}, "The course is full"),
        ({"success": False}, "Coursebox refused the request"),
    ],
)
def test_a_refusal_in_a_good_answer_is_no_seat(place: Place, body: object, said: str) -> None:
    place.answers("enrolUser", body)

    refusal = place.fails("enrol", **IN_101)

    assert isinstance(refusal, GaveUp)
    assert said in str(refusal)
    assert place.sim.learners(101) == []


@pytest.mark.parametrize("body", [{"error": None}, {"success": True}, {"error": ""}, [], None])
def test_a_good_answer_without_a_refusal_counts(place: Place, body: object) -> None:
    place.answers("enrolUser", body)

    assert place.does("enrol", **IN_101).outcome is Outcome.CREATED_AND_ENROLLED


# invitations that never went out


@pytest.mark.parametrize(
    "message",
    ["User already exists", "An existing user cannot be invited: the address is taken"],
)
def test_who_is_refused_an_invitation_is_not_said_to_be_invited(place: Place, message: str) -> None:
    for _ in range(2):
        place.answers("inviteUserForCourse", {"error": {"message": message}}, status=422)

        refusal = place.fails("invite", **IN_101)

        assert isinstance(refusal, GaveUp)
        assert f"{ADA} was not invited to course 101" in str(refusal)
        assert "Enrol by hand" in str(refusal)
    assert place.calls() == ["learners", "invite", "learners"] * 2


def test_an_invitation_there_was_before_is_told_as_that(place: Place) -> None:
    body = {"error": {"message": "User has already been invited"}}
    place.answers("inviteUserForCourse", body, status=400)

    done = place.does("invite", **IN_101)

    assert done.outcome is Outcome.INVITED
    assert "none was sent now" in done.detail


# what is done and not to be seen


def test_a_learner_who_stays_in_the_list_after_a_removal_is_told(place: Place) -> None:
    place.sim.add_person(ADA, courses=[101])
    place.answers("removeUser", {})

    done = place.does("unenrol", **IN_101)

    assert done.outcome is Outcome.UNENROLLED
    assert "its list still shows the learner" in done.detail


# who is who


def test_an_accent_beside_its_letter_makes_no_other_person(place: Place) -> None:
    place.sim.add_person("j\u00fcrgen@customer.example", courses=[101])

    done = place.does("enrol", email="ju\u0308rgen@customer.example", course_id=101)

    assert done.outcome is Outcome.ALREADY_ENROLLED


def test_what_others_forgot_is_learned_again() -> None:
    behind = MemoryDirectory()
    directory = OnlyNews(behind)
    directory.learn(ADA, "5")
    behind.forget(ADA, "5")

    unknown = directory.user_id(ADA)
    directory.learn(ADA, "5")

    assert unknown is None
    assert directory.user_id(ADA) == "5"


def test_an_id_that_was_another_in_between_is_learned_again() -> None:
    directory = OnlyNews(MemoryDirectory())

    for user_id in ("5", "9", "5"):
        directory.learn(ADA, user_id)

    assert directory.user_id(ADA) == "5"
