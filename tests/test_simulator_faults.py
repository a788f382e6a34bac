"""Trouble on demand: each fault, seen from the caller's side and in the simulated world."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from coursebox.simulator import FaultError, RunningSimulator

ADA = "ada@customer.example"


@pytest.fixture
def api(sim: RunningSimulator) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=sim.url, verify=False) as client:  # noqa: S501 (plain http)
        given = {"email": sim.email, "password": sim.password}
        client.headers["X-Access-Token"] = client.post("/auth/login", json=given).json()["token"][
            "id"
        ]
        yield client


@pytest.fixture
def ada(sim: RunningSimulator) -> object:
    return sim.add_person(ADA)


def enrol(api: httpx.Client, user: object, course: int = 101) -> httpx.Response:
    return api.post(f"/api/Courses/{course}/enrolUser", json={"id": course, "userId": user})


def listed(api: httpx.Client, course: int = 101) -> list[str]:
    return [row["email"] for row in api.get(f"/api/Courses/{course}/allLearners").json()]


@pytest.mark.parametrize(("fault", "learners"), [("delay", []), ("delay_reply", [ADA])])
def test_a_delay_comes_before_it_is_done_or_after(
    sim: RunningSimulator, api: httpx.Client, ada: object, fault: str, learners: list[str]
) -> None:
    sim.add_fault("enrolUser", fault, seconds=3600)

    with pytest.raises(httpx.ReadTimeout):
        api.post("/api/Courses/101/enrolUser", json={"id": 101, "userId": ada}, timeout=0.1)

    assert sim.wait_until(lambda: sim.learners(101) == learners)
    sim.end_delays()
    assert sim.wait_until(lambda: sim.calls()[-1]["finished"] is not None)
    assert sim.learners(101) == learners


def test_what_was_asked_is_done_after_the_delay_though_the_caller_left(
    sim: RunningSimulator, api: httpx.Client, ada: object
) -> None:
    sim.add_fault("enrolUser", "delay", seconds=0.1)
    request = api.build_request(
        "POST", "/api/Courses/101/enrolUser", json={"id": 101, "userId": ada}
    )
    lines = [f"{request.method} {request.url.raw_path.decode()} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in request.headers.items()]

    with socket.create_connection((str(api.base_url.host), api.base_url.port or 0)) as caller:
        caller.sendall("\r\n".join([*lines, "", ""]).encode() + request.content)

    assert sim.wait_until(lambda: sim.learners(101) == [ADA])


@pytest.mark.parametrize(("fault", "learners"), [("drop_before", []), ("commit_then_drop", [ADA])])
def test_the_connection_is_dropped_before_or_after(
    sim: RunningSimulator, api: httpx.Client, ada: object, fault: str, learners: list[str]
) -> None:
    sim.add_fault("enrolUser", fault)

    with pytest.raises(httpx.RemoteProtocolError):
        enrol(api, ada)

    assert sim.learners(101) == learners
    assert enrol(api, ada).status_code == 200


@pytest.mark.parametrize(("fault", "learners"), [("status", []), ("commit_then_status", [ADA])])
@pytest.mark.parametrize("status", [500, 502, 503, 504, 429])
def test_a_status_is_answered_instead_or_after(
    sim: RunningSimulator,
    api: httpx.Client,
    ada: object,
    fault: str,
    learners: list[str],
    status: int,
) -> None:
    sim.add_fault("enrolUser", fault, status=status)

    assert enrol(api, ada).status_code == status

    assert sim.learners(101) == learners


@pytest.mark.parametrize(
    ("status", "content_type"),
    [(429, "text/html"), (502, "text/html"), (400, "application/json"), (500, "application/json")],
)
def test_gateways_speak_html_and_the_application_json(
    sim: RunningSimulator, api: httpx.Client, status: int, content_type: str
) -> None:
    sim.add_fault("allLearners", "status", status=status, retry_after=7)

    answer = api.get("/api/Courses/101/allLearners")

    assert answer.headers["Content-Type"].startswith(content_type)
    assert answer.headers["Retry-After"] == "7"


def test_a_reply_can_be_made_up_whole(sim: RunningSimulator, api: httpx.Client) -> None:
    sim.add_fault(
        "login",
        "status",
        status=302,
        body="moved",
        headers={"location": "/x", "content-type": "a/b"},
    )

    answer = api.post("/auth/login", json={})

    assert (answer.status_code, answer.text) == (302, "moved")
    assert (answer.headers["Location"], answer.headers["Content-Type"]) == ("/x", "a/b")


def test_half_of_the_json_comes_after_it_was_done(
    sim: RunningSimulator, api: httpx.Client, ada: object
) -> None:
    sim.add_fault("enrolUser", "malformed_json")

    answer = enrol(api, ada)

    assert answer.status_code == 200
    with pytest.raises(ValueError, match=r"Unterminated|Expecting|delimiter"):
        answer.json()
    assert sim.learners(101) == [ADA]


def test_a_learner_can_be_listed_late(
    sim: RunningSimulator, api: httpx.Client, ada: object
) -> None:
    sim.add_fault("enrolUser", "learners_late", seconds=30)
    enrol(api, ada)
    at_once = listed(api)

    sim.advance(30)

    assert at_once == []
    assert listed(api) == [ADA]


def test_a_list_can_be_as_old_as_the_fault(
    sim: RunningSimulator, api: httpx.Client, ada: object
) -> None:
    sim.add_person("grace@customer.example", courses=[101])
    sim.add_fault("allLearners", "learners_late", seconds=0, times=2)
    enrol(api, ada)

    readings = [listed(api) for _ in range(3)]

    assert readings == [["grace@customer.example"]] * 2 + [["grace@customer.example", ADA]]


# which calls are met


def test_a_fault_meets_its_call_as_often_as_it_says(
    sim: RunningSimulator, api: httpx.Client, ada: object
) -> None:
    sim.add_fault("enrolUser", "status", status=500, times=2)

    statuses = [api.get("/api/Courses/findCourses").status_code]
    statuses += [enrol(api, ada).status_code for _ in range(3)]

    assert statuses == [200, 500, 500, 200]
    assert sim.faults() == []


def test_a_fault_without_end_lasts_until_it_is_cleared(
    sim: RunningSimulator, api: httpx.Client
) -> None:
    sim.add_fault("*", "status", status=503, times=None)

    down = {api.get(path).status_code for path in ("/api/WineUsers/1", "/nothing", "/")}
    sim.clear_faults()

    assert down == {503, 200}
    assert api.get("/api/WineUsers/1").status_code == 200


@pytest.mark.parametrize(
    ("match", "met"),
    [
        pytest.param("ada@", True, id="part of the e-mail behind the user id"),
        pytest.param("ADA@CUSTOMER", True, id="in capitals"),
        pytest.param("1001", True, id="user id"),
        pytest.param("101", True, id="course in the address"),
        pytest.param("grace@", False, id="somebody else"),
    ],
)
def test_a_fault_meets_only_who_it_is_meant_for(
    sim: RunningSimulator, api: httpx.Client, ada: object, match: str, met: bool
) -> None:
    sim.add_fault("enrolUser", "status", status=500, match=match)

    assert (enrol(api, ada).status_code == 500) is met


def test_a_fault_knows_an_email_in_a_body_but_never_a_password(
    sim: RunningSimulator, api: httpx.Client
) -> None:
    user = {"email": ADA, "password": "sample-of-a-password"}
    sim.add_fault("createAccount", "status", status=500, match="sample-of")
    sim.add_fault("createAccount", "status", status=503, match="ada@")

    answer = api.post("/api/wineusers/createAccount", json={"data": {"user": user}})

    assert answer.status_code == 503


def test_faults_are_used_up_in_the_order_they_came(
    sim: RunningSimulator, api: httpx.Client
) -> None:
    for status in (500, 502, 429):
        sim.add_fault("*", "status", status=status)

    statuses = [api.get("/api/WineUsers/1").status_code for _ in range(4)]

    assert statuses == [500, 502, 429, 200]


def test_a_fault_for_one_call_is_used_by_one_of_many_at_once(
    sim: RunningSimulator, api: httpx.Client
) -> None:
    sim.add_fault("getUser", "status", status=500)

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: api.get("/api/WineUsers/1").status_code, range(64)))

    assert sorted(answers) == [200] * 63 + [500]


# by chance and by schedule


def statuses(api: httpx.Client, count: int) -> list[int]:
    return [api.get("/api/WineUsers/1").status_code for _ in range(count)]


def test_chance_meets_its_share_of_the_calls(sim: RunningSimulator, api: httpx.Client) -> None:
    sim.add_fault("getUser", "status", status=500, chance=0.1)

    met = statuses(api, 400).count(500)

    assert 20 <= met <= 60


def test_the_same_seed_meets_the_same_calls(sim: RunningSimulator, api: httpx.Client) -> None:
    runs = []
    for seed in (7, 7, 8):
        sim.switch(seed=seed)
        sim.clear_faults()
        sim.add_fault("getUser", "status", status=500, chance=0.5)
        runs.append(statuses(api, 60))

    assert runs[0] == runs[1] != runs[2]


def test_a_seed_throws_the_dice_of_waiting_faults_anew(
    sim: RunningSimulator, api: httpx.Client
) -> None:
    sim.add_fault("getUser", "status", status=500, chance=0.5)
    first = statuses(api, 60)

    sim.switch(seed=1)

    assert statuses(api, 60) == first


def test_what_chance_meets_does_not_hang_on_other_calls(
    sim: RunningSimulator, api: httpx.Client
) -> None:
    def met(*paths: str) -> list[int]:
        sim.clear_faults()
        sim.add_fault("allLearners", "status", status=500, chance=0.5)
        sim.add_fault("getUser", "status", status=500, chance=0.5)
        answers = [(path, api.get(path).status_code) for _ in range(40) for path in paths]
        return [status for path, status in answers if path == "/api/WineUsers/1"]

    alone = met("/api/WineUsers/1")
    among_others = met("/api/Courses/101/allLearners", "/api/WineUsers/1")

    assert among_others == alone
    assert {200, 500} == set(alone)


@pytest.mark.parametrize(
    ("schedule", "met"),
    [
        pytest.param({"after": 3}, "000100000000", id="after three"),
        pytest.param({"after": 3, "times": 2}, "000110000000", id="two after three"),
        pytest.param({"every": 3}, "001001001001", id="every third"),
        pytest.param({"every": 3, "times": 1}, "001000000000", id="one third"),
        pytest.param({"after": 5, "every": 2}, "000000101010", id="every second after five"),
        pytest.param({"chance": 1}, "111111111111", id="sure"),
        pytest.param({"chance": None}, "100000000000", id="no chance said"),
    ],
)
def test_a_schedule_counts_the_calls(
    sim: RunningSimulator, api: httpx.Client, schedule: dict[str, object], met: str
) -> None:
    sim.add_fault("getUser", "status", status=500, **schedule)

    seen = statuses(api, 12)

    assert "".join("1" if status == 500 else "0" for status in seen) == met


def test_a_schedule_counts_only_the_calls_it_is_meant_for(
    sim: RunningSimulator, api: httpx.Client
) -> None:
    sim.add_fault("getUser", "status", status=500, every=2, match="1001")
    sim.add_person(ADA)

    met = [
        api.get(f"/api/WineUsers/{user}").status_code
        for _ in range(2)
        for user in (1, 1001, 1, 1001)
    ]

    assert met == [200, 200, 200, 500] * 2


def test_an_outage_begins_and_ends_by_schedule(sim: RunningSimulator, api: httpx.Client) -> None:
    sim.add_fault("*", "status", status=503, from_seconds=60, for_seconds=300)

    seen = [statuses(api, 2)]
    for seconds in (60, 200, 100):
        sim.advance(seconds)
        seen.append(statuses(api, 2))

    assert seen == [[200, 200], [503, 503], [503, 503], [200, 200]]
    assert sim.faults() == []


def test_an_outage_without_end_lasts(sim: RunningSimulator, api: httpx.Client) -> None:
    sim.add_fault("*", "status", status=503, from_seconds=60, times=None)
    before = statuses(api, 1)

    sim.advance(86_400)

    assert (before, statuses(api, 3)) == ([200], [503] * 3)


def test_a_fault_says_what_it_has_seen_and_met(sim: RunningSimulator, api: httpx.Client) -> None:
    sim.add_fault("getUser", "status", status=500, every=4)

    statuses(api, 9)

    (fault,) = sim.faults()
    assert (fault["seen"], fault["used"], fault["times"]) == (9, 2, None)


def test_a_refusal_can_have_a_code(sim: RunningSimulator, api: httpx.Client) -> None:
    sim.add_fault("getUser", "status", status=401, code="INVALID_TOKEN")

    assert api.get("/api/WineUsers/1").json()["error"]["code"] == "INVALID_TOKEN"
    assert api.get("/api/WineUsers/1").status_code == 200


# asking for trouble over HTTP


def test_faults_are_set_listed_and_cleared_over_http(
    sim: RunningSimulator, api: httpx.Client
) -> None:
    wanted = [
        {"call": "enrolUser", "fault": "status", "status": 429, "retry_after": 3, "times": None},
        {"call": "*", "fault": "delay", "seconds": 0.5, "match": "ada@"},
    ]

    set_now = api.post("/__sim/faults", json=wanted).json()

    assert [(each["call"], each["fault"], each["times"]) for each in set_now] == [
        ("enrolUser", "status", None),
        ("*", "delay", 1),
    ]
    assert api.get("/__sim/faults").json() == set_now
    assert api.delete("/__sim/faults").json() == []


def test_a_reset_clears_faults(sim: RunningSimulator, api: httpx.Client) -> None:
    api.post("/__sim/faults", json={"call": "*", "fault": "drop_before"})

    api.post("/__sim/reset", json={})

    assert api.get("/__sim/faults").json() == []


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        pytest.param({"fault": "delay", "seconds": 1}, 'must say "call"', id="no call"),
        pytest.param({"call": "enrolUser"}, 'must say "fault"', id="no fault"),
        pytest.param({"call": "enrol", "fault": "drop_before"}, "enrolUser", id="no such call"),
        pytest.param({"call": "*", "fault": "explode"}, "commit_then_drop", id="no such fault"),
        pytest.param({"call": "*", "fault": "status"}, 'must say "status"', id="no status"),
        pytest.param({"call": "*", "fault": "delay"}, 'must say "seconds"', id="no seconds"),
        pytest.param({"call": "*", "fault": "status", "status": 99}, "200 to 599", id="status 99"),
        pytest.param({"call": "*", "fault": "drop_before", "times": 0}, "from 1", id="no times"),
        pytest.param({"call": "*", "fault": "delay", "seconds": True}, "number", id="true seconds"),
        pytest.param({"call": "*", "fault": "drop_before", "who": "x"}, "'who'", id="unknown part"),
        pytest.param(
            {"call": "login", "fault": "learners_late", "seconds": 1},
            "allLearners",
            id="late login",
        ),
        pytest.param(
            {"call": "*", "fault": "status", "status": 500, "headers": {"X": "a\r\nb"}},
            "one line",
            id="header of two lines",
        ),
        pytest.param(
            {"call": "*", "fault": "status", "status": 500, "headers": {"content-length": "1"}},
            "Content-Length",
            id="header of the framing",
        ),
        pytest.param({"call": "*", "fault": "drop_before", "chance": 0}, "above 0", id="no chance"),
        pytest.param(
            {"call": "*", "fault": "drop_before", "chance": 10}, "up to 1", id="chance in percent"
        ),
        pytest.param(
            {"call": "*", "fault": "drop_before", "chance": True}, "up to 1", id="true chance"
        ),
        pytest.param({"call": "*", "fault": "drop_before", "after": -1}, "from 0", id="after -1"),
        pytest.param({"call": "*", "fault": "drop_before", "after": None}, "from 0", id="null"),
        pytest.param({"call": "*", "fault": "drop_before", "every": 0}, "from 1", id="every 0th"),
        pytest.param({"call": "*", "fault": "drop_before", "every": 1.5}, "from 1", id="every 1.5"),
        pytest.param(
            {"call": "*", "fault": "drop_before", "from_seconds": -1}, "0 to", id="from before"
        ),
        pytest.param(
            {"call": "*", "fault": "drop_before", "for_seconds": 0}, "above 0", id="for no time"
        ),
        pytest.param({"call": "*", "fault": "drop_before", "code": 1.5}, "text", id="odd code"),
        pytest.param("drop_before", "object", id="text"),
    ],
)
def test_a_fault_that_cannot_be_is_refused_with_a_reason(
    sim: RunningSimulator, api: httpx.Client, fault: object, sentence: str
) -> None:
    good = {"call": "*", "fault": "drop_before"}

    refused = api.post("/__sim/faults", json=[good, fault])

    assert refused.status_code == 400
    assert sentence in refused.json()["error"]
    assert sim.faults() == []


def test_a_wrong_fault_in_a_test_raises(sim: RunningSimulator) -> None:
    with pytest.raises(FaultError, match="no 'second'"):
        sim.add_fault("enrolUser", "delay", second=1)
