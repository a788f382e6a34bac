"""What a check finds, portal by portal: real HTTP against the simulator, with its clock moved on
instead of waiting."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from coursebox.checking import Seen, check_reads
from coursebox.errors import InvalidArgument, OnHold
from coursebox.findings import DIGITS, Finding, Mark, id_finding, span
from coursebox.probe import Probe
from coursebox.scratch import NotScratch, Scratch
from coursebox.simulator import RunningSimulator, running_simulator
from coursebox.throwaway import Addresses, address_pattern
from coursebox.tokens import MemoryTokens
from coursebox.twice import Tried, Twice, in_capitals, judged, same_address

ADA = "ada@customer.example"
TAG = "0123abcd"
FIRST, SECOND = (f"api+usher-check-{TAG}{letter}@coursebox.example" for letter in "ab")
EARLIER = "api+usher-check-00000000a@coursebox.example"


@pytest.fixture
def sim() -> Iterator[RunningSimulator]:
    with running_simulator(courses={101: "Safety Basics", 102: "Scratch"}) as running:
        yield running


@dataclass
class Checked:
    """A check and what it found, by key."""

    found: dict[str, Finding]
    seen: Seen
    scratch: Scratch

    def does(self, key: str) -> str:
        return self.found[key].does

    def marks(self) -> dict[str, Mark]:
        return {key: each.mark for key, each in self.found.items() if each.mark is not Mark.GOOD}


def probe(sim: RunningSimulator, seen: Seen) -> Probe:
    client = Probe(sim.url, sim.email, sim.password, tokens=MemoryTokens())
    return client.recording(seen.exchanges.append).pausing(sim.advance)


def course_id(sim: RunningSimulator, number: int = 102) -> str:
    """The id of a course of the simulator, whatever type its ids are."""
    return next(str(each.id) for each in sim.state.courses() if str(each.id).endswith(str(number)))


def read(sim: RunningSimulator) -> dict[str, Finding]:
    seen = Seen()
    with probe(sim, seen) as client:
        return {each.key: each for each in check_reads(client, seen, lambda text: None)}


def scratch(sim: RunningSimulator, client: Probe) -> Scratch:
    return Scratch(
        client,
        course_id(sim),
        Addresses(address_pattern(sim.email), TAG),
        pause=sim.advance,
        clock=sim.state.now,
    )


def check(sim: RunningSimulator, *, invite: bool = False) -> Checked:
    seen = Seen()
    with probe(sim, seen) as client:
        trial = scratch(sim, client)
        found = list(trial.findings(lambda text: None, invite=invite))
    return Checked({each.key: each for each in found}, seen, trial)


# -- what reading tells ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        ("nested", "token in `token.id`, lives 14 days; its user's id is told"),
        ("text", "token in `token`, how long it lives is not told; its user's id is not told"),
        ("flat", "token in `id`, lives 14 days; its user's id is told"),
    ],
)
def test_the_form_of_the_token_is_told(reply: str, told: str, sim: RunningSimulator) -> None:
    sim.reset(token_reply=reply)

    assert read(sim)["login"].does == told


def test_a_short_life_of_the_token_says_how_often_there_is_a_log_in(sim: RunningSimulator) -> None:
    sim.reset(token_ttl=60.0)

    login = read(sim)["login"]

    assert "lives 60 s" in login.does
    assert "A new log-in every 54 s." in login.follows


@pytest.mark.parametrize(
    ("switches", "key", "told"),
    [
        ({}, "courses", "2 courses, bare"),
        ({"replies": "wrapped"}, "courses", "2 courses, in `data`"),
        ({"replies": "wrapped", "reply_key": "own"}, "courses", "2 courses, in `courses`"),
        ({"replies": "wrapped", "reply_key": "result"}, "course", "told, in `result`"),
        ({"replies": "wrapped", "reply_key": "own"}, "activity", "told, in `activity`"),
        ({}, "learners", "1 learner, bare, flat rows"),
        ({"learner_rows": "nested"}, "learners", "1 learner, bare, the user inside each row"),
        ({"replies": "wrapped", "reply_key": "items"}, "admins", "1 administrator, in `items`"),
        ({"replies": "wrapped"}, "user", "told, in `data`"),
    ],
    ids=str,
)
def test_the_form_of_each_reply_is_told(
    switches: dict[str, object], key: str, told: str, sim: RunningSimulator
) -> None:
    sim.reset(**switches)
    sim.add_person(ADA, courses=[102])

    found = read(sim)

    assert found[key].does == told
    assert {each.mark for each in found.values()} == {Mark.GOOD}


@pytest.mark.parametrize(("id_type", "told"), [("int", "numbers"), ("uuid", "text")])
def test_the_type_of_ids_is_told_and_needs_no_setting(
    id_type: str, told: str, sim: RunningSimulator
) -> None:
    sim.reset(id_type=id_type)

    ids = read(sim)["id_type"]

    assert ids.does == f"courses: {told}; users: {told}"
    assert ids.wants["ID_TYPE"][0] == "auto"


@pytest.mark.parametrize(
    ("courses", "users", "wants", "mark"),
    [
        (["101"], ["7"], ("string",), Mark.GOOD),
        (["101", "0197-a"], ["u-7"], ("string",), Mark.GOOD),
        ([101], ["u-7"], ("auto",), Mark.GOOD),
        ([101], [7], ("auto", "int"), Mark.GOOD),
        ([101], ["7"], None, Mark.BAD),
        ([], [], None, Mark.NOT_TOLD),
    ],
    ids=[DIGITS, "digits and text", "numbers and text", "numbers", "numbers and digits", "none"],
)
def test_the_setting_for_ids_follows_from_their_types(
    courses: list[object], users: list[object], wants: tuple[str, ...] | None, mark: Mark
) -> None:
    found = id_finding(courses, users)

    assert found.wants.get("ID_TYPE") == wants
    assert found.mark is mark


@pytest.mark.parametrize(
    ("profile", "told"),
    [
        ("lb3", "HTTP 404, code MODEL_NOT_FOUND"),
        ("lb2", "HTTP 404, code MODEL_NOT_FOUND, with the vendor's stack in it"),
    ],
)
def test_the_form_of_an_error_is_told(profile: str, told: str, sim: RunningSimulator) -> None:
    sim.reset(profile=profile)

    assert read(sim)["errors"].does == told


def test_an_error_without_a_code_is_told(sim: RunningSimulator) -> None:
    body = json.dumps({"error": {"statusCode": 404, "message": "not here"}})
    sim.add_fault("getUser", "status", status=404, body=body, after=1)

    errors = read(sim)["errors"]

    assert (errors.does, errors.mark) == ("HTTP 404, without a code", Mark.NOTED)


@pytest.mark.parametrize(
    ("call", "key"),
    [
        ("findCourses", "courses"),
        ("allLearners", "learners"),
        ("getUserForMentio", "admins"),
        ("findCourse", "course"),
        ("getActivity", "activity"),
        ("getUser", "user"),
    ],
)
def test_a_read_that_fails_is_told_with_its_cause_and_the_rest_goes_on(
    call: str, key: str, sim: RunningSimulator
) -> None:
    sim.add_fault(call, "status", status=403)

    found = read(sim)

    assert found[key].mark is Mark.NOT_TOLD
    assert "permission denied" in found[key].does
    assert {"login", "courses", "user", "id_type", "errors"} <= set(found)


@pytest.mark.parametrize(
    ("call", "body", "key", "told", "mark"),
    [
        ("allLearners", [], "learners", "nobody in the courses looked at", Mark.NOT_TOLD),
        ("allLearners", [{"email": ADA}], "learners", "1 without e-mail address", Mark.NOTED),
        ("findCourse", {"id": 102}, "activity", "the course shows no activity", Mark.NOT_TOLD),
        ("getUser", {"id": 9, "email": ADA}, "user", "another user than the one", Mark.BAD),
    ],
    ids=["nobody", "nameless rows", "no activity", "somebody else"],
)
def test_a_good_answer_that_tells_too_little_or_wrong_is_said(
    call: str, body: object, key: str, told: str, mark: Mark, sim: RunningSimulator
) -> None:
    sim.add_fault(call, "status", status=200, body=json.dumps(body), times=2)

    found = read(sim)

    assert told in found[key].does
    assert found[key].mark is mark


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        pytest.param(404, "{}", "HTTP 404, without an `error`", id="no error"),
        pytest.param(403, "no", "HTTP 403, not JSON", id="another refusal"),
        pytest.param(200, "null", "an empty answer", id="null"),
        pytest.param(200, '{"id": 5}', "answers 200 for an id that nobody has", id="somebody"),
    ],
)
def test_it_is_told_how_what_is_not_there_is_answered(
    status: int, body: str, told: str, sim: RunningSimulator
) -> None:
    sim.add_fault("getUser", "status", status=status, body=body, after=1)

    errors = read(sim)["errors"]

    assert (errors.does, errors.mark) == (told, Mark.NOTED)


def test_no_course_of_ours_is_told(sim: RunningSimulator) -> None:
    sim.reset(administered=[])

    courses = read(sim)["courses"]

    assert (courses.does, courses.mark) == ("no course, bare", Mark.NOTED)


def test_a_refused_log_in_ends_the_check(sim: RunningSimulator) -> None:
    client = Probe(sim.url, sim.email, "not-the-sample", tokens=MemoryTokens())

    with client, pytest.raises(OnHold):
        list(check_reads(client, Seen(), lambda text: None))

    assert [call["call"] for call in sim.calls()] == ["login"]


def test_a_portal_that_asks_to_go_slower_is_waited_for(sim: RunningSimulator) -> None:
    sim.add_fault("findCourses", "status", status=429, retry_after=30)

    assert read(sim)["courses"].does == "2 courses, bare"


def test_reading_changes_nothing(sim: RunningSimulator) -> None:
    before = sim.snapshot()["effects"]

    read(sim)

    assert sim.snapshot()["effects"] == before
    assert {call["method"] for call in sim.calls() if call["call"] != "login"} == {"GET"}


# -- what a scratch course tells ---------------------------------------------------------------


def test_a_portal_that_does_as_hoped_is_proved_and_left_clean(sim: RunningSimulator) -> None:
    checked = check(sim)

    assert checked.marks() == {}
    assert checked.scratch.proved
    assert checked.scratch.accounts == (FIRST, SECOND)
    assert sim.learners(102) == []
    assert sim.state.springs == []


@pytest.mark.parametrize(
    ("mode", "same", "capitals", "hidden"),
    [
        ("uniqueness", "refused, and it says", "refused, and it says", ("false",)),
        ("text", "refused, and it says", "refused, and it says", ("false",)),
        ("hidden", "HTTP 500 without a word", "HTTP 500 without a word", ("true",)),
        ("existing", "answers with the account", "answers with the account", ("false",)),
        ("case_sensitive", "refused, and it says", "makes a second account", ("false",)),
    ],
)
@pytest.mark.parametrize("replies", ["bare", "wrapped"])
def test_what_a_second_account_comes_to_is_told(
    mode: str,
    same: str,
    capitals: str,
    hidden: tuple[str, ...],
    replies: str,
    sim: RunningSimulator,
) -> None:
    sim.reset(duplicate_account=mode, replies=replies)

    checked = check(sim)

    assert checked.does("duplicate_account").startswith(same)
    assert checked.does("capitals").startswith(capitals)
    assert checked.found["duplicate_account"].wants == {"HIDDEN_DUPLICATES": hidden}
    assert checked.scratch.proved
    assert len(checked.scratch.accounts) == len(sim.state.users()) - 1


def test_an_outage_is_not_taken_for_a_hidden_refusal(sim: RunningSimulator) -> None:
    sim.add_fault("createAccount", "status", status=500, times=3, after=1)

    checked = check(sim)

    assert checked.found["duplicate_account"].mark is Mark.NOT_TOLD
    assert checked.found["duplicate_account"].wants == {}


def test_a_second_account_for_the_same_address_is_bad(sim: RunningSimulator) -> None:
    other = json.dumps({"id": 4711, "email": FIRST})
    sim.add_fault("createAccount", "status", status=200, body=other, after=1)

    checked = check(sim)

    assert checked.found["duplicate_account"].mark is Mark.BAD
    assert checked.does("duplicate_account") == "MAKES A SECOND ACCOUNT"


@pytest.mark.parametrize("mode", ["uniqueness", "hidden", "case_sensitive"])
@pytest.mark.parametrize("id_type", ["int", "uuid"])
def test_where_replies_are_empty_ids_are_learned_by_logging_in(
    mode: str, id_type: str, sim: RunningSimulator
) -> None:
    sim.reset(replies="empty", duplicate_account=mode, id_type=id_type)

    checked = check(sim)

    assert checked.does("create_account") == "made, and its id is not told, empty"
    assert checked.scratch.proved
    assert sim.learners(course_id(sim)) == []
    assert len(checked.scratch.accounts) == len(sim.state.users()) - 1


@pytest.mark.parametrize(
    ("login", "told", "wants"),
    [
        ("allowed", "let in, and the id told", "true"),
        ("unverified", "refused (HTTP 401), and the id told", "true"),
        ("refused", "refused (HTTP 401), no id told", "false"),
    ],
)
def test_the_log_in_of_a_learner_is_told(
    login: str, told: str, wants: str, sim: RunningSimulator
) -> None:
    sim.reset(learner_login=login)

    checked = check(sim)

    assert checked.does("id_by_login") == told
    assert checked.found["id_by_login"].wants == {"ID_BY_LOGIN": (wants,)}


def test_without_any_id_nothing_is_enrolled_or_removed(sim: RunningSimulator) -> None:
    sim.reset(replies="empty", learner_login="refused")

    checked = check(sim)

    assert checked.does("remove").startswith("not tried: no id")
    assert not checked.scratch.proved
    assert {"enrolUser", "removeUser"}.isdisjoint(str(call["call"]) for call in sim.calls())


@pytest.mark.parametrize(
    ("mode", "told"),
    [
        ("no_op", "does nothing, and says it is well"),
        ("text", "refused, and it says that the learner is there (HTTP 400)"),
        ("hidden", "HTTP 500 without a word of why"),
        ("second_row", "listed 2 times"),
    ],
)
def test_a_second_enrolment_is_told(mode: str, told: str, sim: RunningSimulator) -> None:
    sim.reset(duplicate_enrolment=mode)

    checked = check(sim)

    assert checked.does("duplicate_enrolment") == told
    assert checked.scratch.proved
    assert sim.learners(102) == []


def test_it_is_told_how_long_a_learner_is_not_listed(sim: RunningSimulator) -> None:
    sim.reset(listing_lag=5.0)

    checked = check(sim)

    assert checked.does("listing") == "after 7.5 s"
    assert checked.scratch.proved


def test_a_list_that_fails_for_a_moment_is_read_again(sim: RunningSimulator) -> None:
    sim.add_fault("allLearners", "status", status=502, after=2, times=2)

    checked = check(sim)

    assert checked.marks() == {}
    assert checked.scratch.proved


def test_a_learner_who_is_never_listed_ends_the_trial_of_seats(sim: RunningSimulator) -> None:
    sim.reset(listing_lag=3600.0)

    checked = check(sim)

    assert checked.found["listing"].mark is Mark.BAD
    assert "removeUser" not in [call["call"] for call in sim.calls()]
    assert not checked.scratch.proved


@pytest.mark.parametrize("switches", [{}, {"id_type": "uuid"}, {"replies": "empty"}], ids=str)
def test_a_removal_that_takes_everybody_is_said_and_nothing_is_removed_after_it(
    switches: dict[str, object], sim: RunningSimulator
) -> None:
    sim.reset(unenrol="everybody", **switches)

    checked = check(sim)

    remove = checked.found["remove"]
    assert remove.mark is Mark.BAD
    assert remove.does == "TAKES OUT OTHERS TOO: 1 of 1 who were not named"
    assert "MUST NOT" in remove.follows
    assert "update" not in checked.found
    assert not checked.scratch.proved
    assert [call["call"] for call in sim.calls()].count("removeUser") == 1


def test_a_removal_that_does_nothing_is_bad(sim: RunningSimulator) -> None:
    sim.add_fault("removeUser", "status", status=200, body="{}", times=9)

    checked = check(sim)

    assert checked.found["remove"].mark is Mark.BAD
    assert checked.does("remove").startswith("the learner stays in the list")
    assert checked.scratch.seats == [FIRST, SECOND]


def test_a_removal_whose_answer_is_lost_counts_by_its_effect(sim: RunningSimulator) -> None:
    sim.add_fault("removeUser", "commit_then_drop")

    assert check(sim).scratch.proved


def test_an_account_whose_answer_is_lost_is_found_by_logging_in(sim: RunningSimulator) -> None:
    sim.add_fault("createAccount", "commit_then_drop")

    checked = check(sim)

    assert checked.found["create_account"].mark is Mark.NOT_TOLD
    assert checked.scratch.proved
    assert sim.learners(102) == []


def test_a_change_that_is_not_carried_out_is_told(sim: RunningSimulator) -> None:
    sim.add_fault("updateMainAttributes", "status", status=200, body="{}")

    checked = check(sim)

    assert checked.does("update") == "a good answer, but the name is as before"
    assert checked.scratch.proved


def test_a_change_of_more_than_was_told_is_bad(sim: RunningSimulator) -> None:
    after = json.dumps({"id": 1002, "email": SECOND, "firstName": "Checked", "lastName": ""})
    sim.add_fault("getUser", "status", status=200, body=after, after=3)

    checked = check(sim)

    assert checked.does("update") == "CHANGES MORE THAN IT IS TOLD: lastName"
    assert checked.found["update"].mark is Mark.BAD
    assert not checked.scratch.proved
    assert sim.learners(102) == []


def test_who_vanishes_a_little_later_is_seen_as_well(sim: RunningSimulator) -> None:
    seen = Seen()

    with probe(sim, seen) as client:
        trial = scratch(sim, client)
        found = {}
        for each in trial.findings(lambda text: None):
            found[each.key] = each
            if each.key == "remove":
                sim.state.unseat([user.id for user in sim.state.users()], sim.state.courses()[1].id)

    assert found["remove"].mark is Mark.GOOD
    assert found["tidy"].mark is Mark.BAD
    assert not trial.proved


def test_a_change_of_unclear_outcome_proves_nothing(sim: RunningSimulator) -> None:
    sim.add_fault("updateMainAttributes", "status", status=502)

    checked = check(sim)

    assert checked.found["update"].mark is Mark.NOT_TOLD
    assert not checked.scratch.proved
    assert sim.learners(102) == []


@pytest.mark.parametrize(
    ("invited", "told"),
    [("pending", "sent; not in the list before it is accepted"), ("listed", "sent, and in the")],
)
def test_one_invitation_is_sent_where_it_is_asked_for(
    invited: str, told: str, sim: RunningSimulator
) -> None:
    sim.reset(invited=invited)

    checked = check(sim, invite=True)

    assert checked.does("invite").startswith(told)
    assert dict(sim.state.effects.invitation_mails) == {(FIRST, "102"): 1}
    assert sim.learners(102) == []


def test_no_invitation_is_sent_unasked(sim: RunningSimulator) -> None:
    check(sim)

    assert sim.state.effects.invitation_mails.total() == 0


# -- what must never happen --------------------------------------------------------------------


def test_a_course_with_people_in_it_is_refused_before_anything_is_sent(
    sim: RunningSimulator,
) -> None:
    sim.add_person(ADA, courses=[102])
    sim.add_person("bo@customer.example", courses=[102])

    with pytest.raises(NotScratch) as refused:
        check(sim)

    assert refused.value.count == 2
    assert {call["call"] for call in sim.calls()} == {"login", "allLearners"}


def test_learners_of_an_earlier_check_are_taken_out_too(sim: RunningSimulator) -> None:
    sim.add_person(EARLIER, courses=[102])

    checked = check(sim)

    assert checked.scratch.proved
    assert sim.learners(102) == []


def test_an_id_that_is_of_somebody_else_is_not_touched(sim: RunningSimulator) -> None:
    ada = sim.add_person(ADA, courses=[101])
    sim.add_fault("createAccount", "status", status=200, body=json.dumps({"id": ada}))
    checked = check(sim)

    assert checked.found["account_id"].mark is Mark.BAD
    assert not checked.scratch.proved
    assert {"enrolUser", "removeUser", "updateMainAttributes"}.isdisjoint(
        str(call["call"]) for call in sim.calls()
    )


def test_where_nobody_can_tell_whose_an_id_is_nothing_is_done_to_it(sim: RunningSimulator) -> None:
    sim.reset(token_reply="text")
    sim.add_fault("getUser", "status", status=403, times=None)

    checked = check(sim)

    assert "permission denied" in checked.does("accounts")
    assert not checked.scratch.proved
    assert {"enrolUser", "removeUser", "updateMainAttributes"}.isdisjoint(
        str(call["call"]) for call in sim.calls()
    )


def test_no_call_is_made_without_an_id(sim: RunningSimulator) -> None:
    check(sim)

    removals = [call for call in sim.calls() if call["call"] == "removeUser"]
    assert removals
    assert all("userid=" in str(call) for call in removals)
    assert sim.state.springs == []


@pytest.mark.parametrize(
    ("tried", "twice"),
    [
        (Tried("7"), Twice.SAME),
        (Tried("7", let_in=True, then="7"), Twice.REPLACED),
        (Tried(None, let_in=True, then="7"), Twice.REPLACED),
        (Tried("8"), Twice.SECOND),
        (Tried(None, let_in=True, then="8"), Twice.SECOND),
        (Tried(None, let_in=True), Twice.UNCLEAR),
        (Tried(None), Twice.SILENT),
    ],
    ids=str,
)
def test_a_good_answer_to_a_second_account_is_judged_by_who_is_let_in(
    tried: Tried, twice: Twice
) -> None:
    assert judged("7", tried) is twice


def test_a_portal_that_gives_away_accounts_is_bad() -> None:
    replaced = Tried("7", let_in=True, then="7")

    assert same_address("7", replaced, made_another=True).mark is Mark.BAD
    assert in_capitals("7", replaced, made_another=True).mark is Mark.BAD


# -- addresses and times -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("login", "given", "pattern"),
    [
        ("api@customer.example", "", "api+*@customer.example"),
        ("api+lms@customer.example", "", "api+lms-*@customer.example"),
        ("api@customer.example", "trial-*@else.example", "trial-*@else.example"),
    ],
)
def test_addresses_are_derived_from_that_of_the_api_user(
    login: str, given: str, pattern: str
) -> None:
    assert address_pattern(login, given) == pattern


@pytest.mark.parametrize(
    "given", ["no-star@x.example", "**@x.example", "a*", "a@*.example", "a *@b.c"]
)
def test_a_pattern_that_cannot_be_one_is_refused(given: str) -> None:
    with pytest.raises(InvalidArgument, match="no pattern"):
        address_pattern("api@customer.example", given)


@pytest.mark.parametrize(
    ("email", "ours"),
    [
        (EARLIER, True),
        (ADA, False),
        ("api+usher-check-x@coursebox.example", False),
        ("xapi+usher-check-00000000a@coursebox.example", False),
        ("api+usher-check-00000000a@coursebox.example.evil", False),
        (None, False),
    ],
)
def test_only_addresses_of_a_check_are_known_again(email: str | None, ours: bool) -> None:
    addresses = Addresses(address_pattern("api@coursebox.example"), TAG)

    assert addresses.is_ours(email) is ours


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0.5, "0.5 s"), (36.0, "36 s"), (600.0, "10 minutes"), (1_209_600.0, "14 days")],
)
def test_times_are_told_as_people_say_them(seconds: float, told: str) -> None:
    assert span(seconds) == told
