"""What the switches of the simulator change, over real HTTP, from the start and while it runs."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from coursebox.simulator import RunningSimulator, Simulator, SwitchError
from coursebox.simulator.exchange import Request

ADA = "ada@customer.example"
PASSWORD = "sample-of-a-password"
COURSE_101 = "0197a6d2-5c00-7000-8000-000000000101"
FIRST_ACCOUNT = "0197a6d2-5c00-7000-8000-000000001001"
A_UUID = "11111111-2222-7333-8444-555555555555"


@pytest.fixture
def api(sim: RunningSimulator) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=sim.url, verify=False) as client:  # noqa: S501 (plain http)
        come_in(client, sim)
        yield client


def log_in(client: httpx.Client, email: str, password: str) -> httpx.Response:
    return client.post("/auth/login", json={"email": email, "password": password})


def come_in(client: httpx.Client, sim: RunningSimulator) -> None:
    token = log_in(client, sim.email, sim.password).json()["token"]["id"]
    client.headers["X-Access-Token"] = token


def reset(sim: RunningSimulator, api: httpx.Client, **settings: Any) -> None:
    sim.reset(**settings)
    come_in(api, sim)


def create(api: httpx.Client, email: str = ADA, **changes: object) -> httpx.Response:
    user = {"email": email, "firstName": "Ada", "password": PASSWORD, **changes}
    return api.post("/api/wineusers/createAccount", json={"data": {"user": user}})


def enrol(api: httpx.Client, course: object, user: object) -> httpx.Response:
    return api.post(f"/api/Courses/{course}/enrolUser", json={"id": course, "userId": user})


def listed(api: httpx.Client, course: object = 101) -> list[str]:
    return [row["email"] for row in api.get(f"/api/Courses/{course}/allLearners").json()]


def error(reply: httpx.Response) -> dict[str, Any]:
    found: dict[str, Any] = reply.json()["error"]
    return found


def trap(sim: RunningSimulator) -> Any:
    return sim.snapshot()["unenrol_trap"]


# ids


def test_uuids_are_counted_and_work_in_every_call(sim: RunningSimulator, api: httpx.Client) -> None:
    reset(sim, api, id_type="uuid")

    courses = api.get("/api/Courses/findCourses").json()
    user = create(api).json()["id"]
    seat = enrol(api, COURSE_101, user).json()
    course = api.get(f"/api/Courses/findCourse?id={COURSE_101}").json()
    activity = api.get(f"/api/Activities/{course['activities'][0]['id']}").json()
    params = {"params": json.dumps({"all": True, "ids": COURSE_101})}
    admins = api.get("/api/WineUsers/getUserForMentio", params=params).json()
    data = {"email": "grace@customer.example", "courseid": COURSE_101}
    invited = api.post(
        "/api/Courses/inviteUserForCourse", json={"courseId": COURSE_101, "data": data}
    )
    changed = api.post(
        f"/api/WineUsers/updateMainAttributes?id={user}",
        json={"id": user, "attributes": {"city": "London"}},
    )

    assert [courses[0]["id"], course["id"], activity["courseId"]] == [COURSE_101] * 3
    assert (user, seat["userId"], seat["courseId"]) == (FIRST_ACCOUNT, FIRST_ACCOUNT, COURSE_101)
    assert all(isinstance(each["id"], str) for each in (activity, seat, *admins))
    assert (invited.json()["courseId"], changed.json()["city"]) == (COURSE_101, "London")
    assert listed(api, COURSE_101) == [ADA]
    assert api.delete(f"/api/Courses/{COURSE_101}/users?userid={user}").json() == {"count": 1}
    assert sim.snapshot()["effects"]["enrolments"] == {COURSE_101: {ADA: 1}}  # type: ignore[index]


@pytest.mark.parametrize(
    ("course", "user", "status"),
    [
        pytest.param(COURSE_101, 1001, 400, id="user is a number"),
        pytest.param(COURSE_101, "1001", 400, id="user is digits"),
        pytest.param(COURSE_101, "ada", 400, id="user is no uuid"),
        pytest.param(COURSE_101, FIRST_ACCOUNT.replace("-", ""), 400, id="user without dashes"),
        pytest.param(COURSE_101, f"{{{FIRST_ACCOUNT}}}", 400, id="user in braces"),
        pytest.param(101, FIRST_ACCOUNT, 400, id="course is a number"),
        pytest.param("101", FIRST_ACCOUNT, 400, id="course is digits"),
        pytest.param(COURSE_101, A_UUID, 404, id="nobody has this uuid"),
        pytest.param(A_UUID, FIRST_ACCOUNT, 404, id="no course has this uuid"),
        pytest.param(COURSE_101, FIRST_ACCOUNT, 200, id="as it should be"),
        pytest.param(COURSE_101.upper(), FIRST_ACCOUNT.upper(), 200, id="in capitals"),
    ],
)
def test_uuids_are_strict(
    sim: RunningSimulator, api: httpx.Client, course: object, user: object, status: int
) -> None:
    reset(sim, api, id_type="uuid")
    create(api)

    assert enrol(api, course, user).status_code == status
    assert sim.learners(101) == ([ADA] if status == 200 else [])


@pytest.mark.parametrize("query", ["userid=1001", "userid=undefined"])
def test_a_userid_that_is_no_uuid_is_refused_and_springs_nothing(
    sim: RunningSimulator, api: httpx.Client, query: str
) -> None:
    reset(sim, api, id_type="uuid")
    sim.add_person(ADA, courses=[101])

    refused = api.delete(f"/api/Courses/{COURSE_101}/users?{query}")

    assert (refused.status_code, sim.learners(101), trap(sim)["sprung"]) == (400, [ADA], False)


def test_by_hand_a_number_stands_for_its_uuid(sim: RunningSimulator, api: httpx.Client) -> None:
    courses = {"101": "Ladders", A_UUID.upper(): "Lifting"}
    reset(sim, api, id_type="uuid", courses=courses, administered=[101, A_UUID])

    sim.add_person(ADA, courses=[101, A_UUID])

    assert sim.course_id(101) == COURSE_101
    assert [sim.learners(101), sim.learners(COURSE_101), sim.learners(A_UUID)] == [[ADA]] * 3
    assert [each["id"] for each in api.get("/api/Courses/findCourses").json()] == [
        COURSE_101,
        A_UUID,
    ]
    assert listed(api, COURSE_101) == [ADA]


def test_numbers_stay_numbers_with_ids_of_the_other_type(sim: RunningSimulator) -> None:
    assert (sim.course_id(101), sim.course_id("101")) == (101, 101)


# error profiles


def test_loopback_2_tells_the_reason_of_a_hidden_error(
    sim: RunningSimulator, api: httpx.Client
) -> None:
    reset(sim, api, profile="lb2", duplicate_account="hidden", duplicate_enrolment="hidden")
    user = create(api).json()["id"]
    enrol(api, 101, user)

    refusals = [create(api), enrol(api, 101, user)]

    assert [each.status_code for each in refusals] == [500, 500]
    assert [error(each)["message"] for each in refusals] == [
        "An account with this email already exists",
        "User is already enrolled in this course",
    ]
    assert all(error(each)["status"] == 500 for each in refusals)
    assert all("statusCode" not in error(each) for each in refusals)


@pytest.mark.parametrize(
    ("profile", "keys"),
    [
        ("lb3", {"statusCode", "name", "message", "details"}),
        ("lb2", {"statusCode", "status", "name", "message", "details", "stack"}),
    ],
)
def test_each_profile_has_its_keys(
    sim: RunningSimulator, api: httpx.Client, profile: str, keys: set[str]
) -> None:
    reset(sim, api, profile=profile)
    create(api)

    refused = error(create(api))

    assert set(refused) == keys
    assert refused["statusCode"] == 422
    assert refused["details"]["codes"] == {"email": ["uniqueness"]}


@pytest.mark.parametrize(("profile", "echoed"), [("lb3", False), ("lb2", True)])
def test_only_loopback_2_echoes_a_password_and_a_body(
    sim: RunningSimulator, api: httpx.Client, profile: str, echoed: bool
) -> None:
    reset(sim, api, profile=profile)
    long_password = "p4ss" * 20
    bad_json = '{"password": "p4ss-in-bad-json"'

    too_long = create(api, password=long_password)
    unreadable = api.post(
        "/api/wineusers/createAccount",
        content=bad_json,
        headers={"Content-Type": "application/json"},
    )

    assert (too_long.status_code, error(too_long)["code"]) == (422, "PASSWORD_TOO_LONG")
    assert (unreadable.status_code, error(unreadable)["name"]) == (400, "SyntaxError")
    assert (long_password in too_long.text) is echoed
    assert ("p4ss-in-bad-json" in unreadable.text) is echoed
    assert "p4ss" not in json.dumps([sim.calls(), sim.snapshot()]) + api.get("/").text


@pytest.mark.parametrize("profile", ["lb3", "lb2"])
def test_codes_are_the_same_in_both_profiles(
    sim: RunningSimulator, api: httpx.Client, profile: str
) -> None:
    reset(sim, api, profile=profile)
    api_without_token = {"X-Access-Token": "x"}

    found = [
        error(log_in(api, sim.email, "wrong")),
        error(api.get("/api/WineUsers/1", headers=api_without_token)),
        error(api.get("/api/WineUsers/4711")),
    ]

    assert [(each["statusCode"], each["code"]) for each in found] == [
        (401, "LOGIN_FAILED"),
        (401, "AUTHORIZATION_REQUIRED"),
        (404, "MODEL_NOT_FOUND"),
    ]


# replies


@pytest.mark.parametrize(
    ("replies", "read", "write"),
    [
        ("bare", None, (200, None)),
        ("wrapped", "data", (200, "data")),
        ("empty", None, (204, None)),
        ("wrapped_empty", "data", (204, None)),
    ],
)
def test_reads_and_writes_have_their_shape(
    sim: RunningSimulator,
    api: httpx.Client,
    replies: str,
    read: str | None,
    write: tuple[int, str | None],
) -> None:
    reset(sim, api, replies=replies)

    made, got = create(api), api.get("/api/WineUsers/1001").json()

    status, key = write
    assert made.status_code == status
    assert (got[read] if read else got)["email"] == ADA
    assert made.content == b"" if status == 204 else made.json()[key or "email"]


@pytest.mark.parametrize(
    ("key", "found"),
    [
        ("data", {"data"}),
        ("result", {"result"}),
        ("items", {"items"}),
        ("own", {"learners", "user", "courses"}),
    ],
)
def test_the_key_of_wrapped_replies_can_be_set(
    sim: RunningSimulator, api: httpx.Client, key: str, found: set[str]
) -> None:
    reset(sim, api, replies="wrapped", reply_key=key)

    paths = ("/api/Courses/101/allLearners", "/api/WineUsers/1", "/api/Courses/findCourses")

    assert {name for path in paths for name in api.get(path).json()} == found


def test_a_user_has_the_times_of_making_and_of_the_last_change(
    sim: RunningSimulator, api: httpx.Client
) -> None:
    made = create(api).json()
    sim.advance(60)
    api.post(
        "/api/WineUsers/updateMainAttributes?id=1001",
        json={"id": 1001, "attributes": {"city": "London", "createdAt": "2001-01-01"}},
    )

    got = api.get("/api/WineUsers/1001").json()

    assert got["created"] == got["createdAt"] == made["created"] == made["createdAt"]
    assert got["updatedAt"] == got["lastUpdated"] > made["updatedAt"] == made["createdAt"]


def test_an_existing_user_comes_back_as_old_as_it_is(
    sim: RunningSimulator, api: httpx.Client
) -> None:
    reset(sim, api, duplicate_account="existing")
    first = create(api).json()
    sim.advance(3600)

    again = create(api, ADA.upper(), firstName="Augusta", password="another-password")

    assert (again.status_code, again.json()) == (200, first)
    assert log_in(api, ADA, PASSWORD).status_code == 200
    assert log_in(api, ADA, "another-password").status_code == 401


# log-ins


def test_a_learner_logs_in_and_may_do_nothing(sim: RunningSimulator, api: httpx.Client) -> None:
    user = create(api).json()["id"]
    sim.add_person("grace@customer.example", courses=[101])

    token = log_in(api, ADA.upper(), PASSWORD).json()["token"]

    api.headers["X-Access-Token"] = token["id"]
    refused = [
        api.get(f"/api/WineUsers/{user}"),
        api.get("/api/Courses/findCourses"),
        api.get("/api/Courses/101/allLearners"),
        create(api, "eve@customer.example"),
        enrol(api, 101, user),
        api.delete("/api/Courses/101/users"),
    ]
    assert token["userId"] == user
    assert {(each.status_code, error(each)["code"]) for each in refused} == {
        (401, "AUTHORIZATION_REQUIRED")
    }
    assert sim.learners(101) == ["grace@customer.example"]
    assert sim.snapshot()["log_ins"] == {sim.email: 1, ADA: 1}


def test_the_token_of_a_learner_runs_out_too(sim: RunningSimulator, api: httpx.Client) -> None:
    create(api)
    sim.switch(token_ttl=60)
    api.headers["X-Access-Token"] = log_in(api, ADA, PASSWORD).json()["token"]["id"]

    sim.advance(60)

    codes = [error(api.get("/api/WineUsers/1"))["code"] for _ in range(2)]
    assert codes == ["INVALID_TOKEN", "AUTHORIZATION_REQUIRED"]


@pytest.mark.parametrize(
    ("mode", "password", "code"),
    [
        ("allowed", "wrong", "LOGIN_FAILED"),
        ("unverified", PASSWORD, "LOGIN_FAILED_EMAIL_NOT_VERIFIED"),
        ("unverified", "wrong", "LOGIN_FAILED"),
        ("refused", PASSWORD, "LOGIN_FAILED"),
    ],
)
def test_a_learner_can_be_kept_out(
    sim: RunningSimulator, api: httpx.Client, mode: str, password: str, code: str
) -> None:
    sim.switch(learner_login=mode)
    user = create(api).json()["id"]

    refused = log_in(api, ADA, password)

    details = {"userId": user} if code.endswith("VERIFIED") else None
    assert (refused.status_code, error(refused)["code"]) == (401, code)
    assert error(refused).get("details") == details
    assert log_in(api, sim.email, sim.password).status_code == 200


def test_who_never_had_a_password_cannot_log_in(sim: RunningSimulator, api: httpx.Client) -> None:
    sim.add_person(ADA)

    assert [log_in(api, ADA, given).status_code for given in ("", "x", PASSWORD)] == [401] * 3


def test_another_email_ends_the_tokens_and_the_old_log_in(
    sim: RunningSimulator, api: httpx.Client
) -> None:
    user = create(api).json()["id"]
    token = log_in(api, ADA, PASSWORD).json()["token"]["id"]
    change = {"id": user, "attributes": {"email": "ada@new.example", "password": "x"}}

    api.post(f"/api/WineUsers/updateMainAttributes?id={user}", json=change)

    sim.switch(token_ttl=1)
    assert log_in(api, ADA, PASSWORD).status_code == 401
    assert log_in(api, "ada@new.example", PASSWORD).status_code == 200
    sim.advance(2_000_000)
    told = api.get("/api/WineUsers/1", headers={"X-Access-Token": token})
    assert error(told)["code"] == "AUTHORIZATION_REQUIRED"


def test_no_password_is_kept_in_clear(sim: RunningSimulator, api: httpx.Client) -> None:
    user = create(api).json()["id"]
    log_in(api, ADA, PASSWORD)
    log_in(api, ADA, "a-wrong-password")

    shown = "".join(api.get(path).text for path in ("/__sim/state", "/__sim/calls", "/"))

    kept = repr([sim.state.user(user), vars(sim.state), vars(sim.state.access)])
    assert PASSWORD not in shown + kept
    assert "a-wrong-password" not in shown + kept


def test_failed_log_ins_in_a_row_lock_the_api_user_for_good(
    sim: RunningSimulator, api: httpx.Client
) -> None:
    sim.switch(failed_logins=3)
    create(api)
    tries = ["wrong", "wrong", sim.password, "wrong", "wrong", sim.password, *["wrong"] * 3]

    answers = [log_in(api, sim.email, password).status_code for password in tries]
    log_in(api, ADA, "wrong")
    locked = log_in(api, sim.email, sim.password)
    sim.switch(failed_logins=None)
    still = log_in(api, sim.email, sim.password)

    assert answers == [401, 401, 200, 401, 401, 200, 401, 401, 401]
    assert (error(locked)["code"], error(still)["code"]) == ("LOGIN_FAILED", "LOGIN_FAILED")
    assert sim.snapshot()["locked"] is True
    assert sim.snapshot()["failed_log_ins"] == {sim.email: 9, ADA: 1}
    assert api.get("/api/WineUsers/1").status_code == 200  # the token of before still opens
    sim.reset()
    assert log_in(api, sim.email, sim.password).status_code == 200


def test_failed_log_ins_of_a_learner_lock_nobody(sim: RunningSimulator, api: httpx.Client) -> None:
    sim.switch(failed_logins=1)
    create(api)

    log_in(api, ADA, "wrong")
    log_in(api, "nobody@customer.example", "wrong")

    assert log_in(api, ADA, PASSWORD).status_code == 200
    assert sim.snapshot()["locked"] is False


# unenrolling, listing, updates


def test_everybody_can_be_removed_by_a_correct_userid(
    sim: RunningSimulator, api: httpx.Client
) -> None:
    sim.switch(unenrol="everybody")
    ada = sim.add_person(ADA, courses=[101, 102])
    sim.add_person("grace@customer.example", courses=[101, 102])

    answer = api.delete(f"/api/Courses/101/users?userid={ada}")

    assert answer.json() == {"count": 2}
    assert (sim.learners(101), len(sim.learners(102))) == ([], 2)
    (spring,) = trap(sim)["springs"]
    assert (spring["course"], spring["cause"], spring["removed"]) == (101, "everybody", 2)


def test_a_new_seat_can_be_listed_late(sim: RunningSimulator, api: httpx.Client) -> None:
    sim.switch(listing_lag=30)
    sim.add_person("here@customer.example", courses=[101])
    ada = sim.add_person(ADA)
    enrol(api, 101, ada)
    at_once = listed(api)

    sim.advance(30)

    assert at_once == ["here@customer.example"]
    assert listed(api) == ["here@customer.example", ADA]
    assert sim.learners(101) == ["here@customer.example", ADA]


def test_the_longer_of_lag_and_fault_counts(sim: RunningSimulator, api: httpx.Client) -> None:
    sim.switch(listing_lag=30)
    sim.add_fault("enrolUser", "learners_late", seconds=90)
    enrol(api, 101, sim.add_person(ADA))
    sim.advance(60)
    between = listed(api)

    sim.advance(30)

    assert (between, listed(api)) == ([], [ADA])


def test_updates_are_counted_by_user(sim: RunningSimulator, api: httpx.Client) -> None:
    user = create(api).json()["id"]
    for body in ({"city": "London"}, {"city": "Paris"}, {"email": ""}):
        api.post(
            f"/api/WineUsers/updateMainAttributes?id={user}", json={"id": user, "attributes": body}
        )

    assert sim.snapshot()["effects"]["updates"] == {ADA: 2}  # type: ignore[index]


# rate


def test_calls_over_the_rate_limit_are_turned_away_undone(
    sim: RunningSimulator, api: httpx.Client
) -> None:
    now = [1_000_000.0]
    timed = Simulator(clock=lambda: now[0])
    timed.switch(rate_limit=2)

    def ask(at: float) -> tuple[int, str]:
        now[0] = 1_000_000.0 + at
        reply = timed.answer(Request("GET", "/api/WineUsers/1", {}, b""))
        assert reply is not None
        return reply.status, reply.headers.get("Retry-After", "")

    answers = [ask(at) for at in (0.0, 0.4, 0.9, 0.99, 1.0, 1.3, 1.4, 2.0)]

    over, fine = (429, "1"), (401, "")
    assert answers == [fine, fine, over, over, fine, over, fine, fine]
    assert {call["fault"] for call in timed.calls()} == {None}
    assert timed.snapshot()["busiest_second"] == 5


def test_a_call_that_is_turned_away_uses_up_no_fault(
    sim: RunningSimulator, api: httpx.Client
) -> None:
    sim.reset()
    sim.switch(rate_limit=1)
    sim.add_fault("createAccount", "status", status=500)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: log_in(api, sim.email, sim.password), range(8)))
        refused = [each for each in answers if each.status_code == 429]

    assert refused
    assert all(each.headers["Retry-After"] == "1" for each in refused)
    assert all(each.headers["Content-Type"] == "text/html" for each in refused)
    assert [fault["used"] for fault in sim.faults()] == [0]
    assert len(refused) == [call["status"] for call in sim.calls()].count(429)


def test_the_log_has_the_time_of_arrival(sim: RunningSimulator, api: httpx.Client) -> None:
    sim.add_fault("getUser", "delay", seconds=3600)

    before = time.time()
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(api.get, "/api/WineUsers/1", timeout=None)
        assert sim.wait_until(lambda: sim.calls()[-1]["fault"] == "delay")
        while_it_waits = time.time()
        sim.end_delays()
        assert isinstance(answer.exception(), httpx.RemoteProtocolError)

    assert sim.wait_until(lambda: sim.calls()[-1]["finished"] is not None)
    call: Any = sim.calls()[-1]
    assert before <= call["time"] <= while_it_waits <= call["finished"]


# while it runs


def test_switches_are_set_while_it_runs_and_nothing_is_forgotten(
    sim: RunningSimulator, api: httpx.Client
) -> None:
    create(api)
    before = api.get("/__sim/switches").json()

    answer = api.post("/__sim/switches", json={"duplicate_account": "text", "token_ttl": 5})

    assert answer.json() == {**before, "duplicate_account": "text", "token_ttl": 5}
    assert api.get("/__sim/switches").json() == answer.json()
    assert create(api).status_code == 400
    assert (len(sim.calls()), len(sim.snapshot()["accounts"])) == (3, 1)  # type: ignore[arg-type]


def test_a_reset_goes_back_to_the_switches_of_the_start(
    sim: RunningSimulator, api: httpx.Client
) -> None:
    sim.switch(duplicate_account="text", rate_limit=1)

    sim.reset()

    assert sim.switches() == api.get("/__sim/switches").json()
    assert (sim.switches()["duplicate_account"], sim.switches()["rate_limit"]) == (
        "uniqueness",
        None,
    )


@pytest.mark.parametrize(
    ("switches", "sentence"),
    [
        pytest.param({"id_type": "uuid"}, "only be set by a reset", id="id_type"),
        pytest.param({"replies": "odd"}, "must be one of: bare", id="value"),
        pytest.param({"reply": "bare"}, "no switch is called 'reply'", id="name"),
        pytest.param({"courses": {"1": "x"}}, "no switch is called 'courses'", id="courses"),
        pytest.param({"administered": ["x"]}, "'x': Value is not a number", id="administered"),
    ],
)
def test_a_switch_that_cannot_be_set_changes_nothing(
    sim: RunningSimulator, api: httpx.Client, switches: dict[str, object], sentence: str
) -> None:
    before = sim.switches()

    refused = api.post("/__sim/switches", json={"profile": "lb2", **switches})

    assert (refused.status_code, sentence in refused.json()["error"]) == (400, True)
    assert sim.switches() == before
    with pytest.raises(SwitchError):
        sim.switch(**switches)


def test_the_id_type_it_has_may_be_said_again(sim: RunningSimulator) -> None:
    sim.switch(id_type="int", profile="lb2")

    assert sim.switches()["profile"] == "lb2"
