"""The simulator as a server: warm connections, many callers, control calls, the page, the end."""

import inspect
import itertools
import json
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest

import coursebox.simulator
from coursebox.simulator import RunningSimulator, SwitchError, running_simulator
from coursebox.simulator.control import CONTROLS
from coursebox.simulator.exchange import Request
from coursebox.simulator.fault_parts import FAULT_PARTS
from coursebox.simulator.faults import PLANS, Fault
from coursebox.simulator.routes import CALL_NAMES
from coursebox.simulator.switches import SWITCHES, Switches

ADA = "ada@customer.example"
DOCUMENTATION = Path(__file__).parent.parent / "docs" / "simulator.md"


@pytest.fixture
def sim() -> Iterator[RunningSimulator]:
    with running_simulator() as running:
        yield running


@pytest.fixture
def api(sim: RunningSimulator) -> Iterator[httpx.Client]:
    with signed_in(sim) as client:
        yield client


@contextmanager
def signed_in(sim: RunningSimulator) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=sim.url, verify=False) as client:  # noqa: S501 (plain http)
        reply = client.post("/auth/login", json={"email": sim.email, "password": sim.password})
        client.headers["X-Access-Token"] = reply.json()["token"]["id"]
        yield client


def create(api: httpx.Client, email: str = ADA) -> httpx.Response:
    user = {"email": email, "firstName": "Ada", "password": "sample-of-a-password"}
    return api.post("/api/wineusers/createAccount", json={"data": {"user": user}})


# connections


def test_a_second_request_goes_over_the_same_connection(
    sim: RunningSimulator, api: httpx.Client
) -> None:
    streams = [api.get("/api/WineUsers/1").extensions["network_stream"] for _ in range(3)]
    ports = {stream.get_extra_info("client_addr") for stream in streams}

    assert len(ports) == 1
    assert {call["connection"] for call in sim.calls()} == {1}


def test_a_refusal_keeps_the_connection_warm(sim: RunningSimulator, api: httpx.Client) -> None:
    for path in ("/nothing", "/api/WineUsers/4711", "/api/Courses/x/allLearners"):
        api.get(path)
    create(api)
    create(api)

    assert {call["connection"] for call in sim.calls()} == {1}


def test_a_dropped_connection_is_followed_by_a_new_one(
    sim: RunningSimulator, api: httpx.Client
) -> None:
    sim.add_fault("getUser", "drop_before")
    with pytest.raises(httpx.RemoteProtocolError):
        api.get("/api/WineUsers/1")

    api.get("/api/WineUsers/1")

    assert [call["connection"] for call in sim.calls()] == [1, 1, 2]


def test_the_end_closes_warm_connections_too() -> None:
    with running_simulator() as sim, signed_in(sim) as api:
        api.get("/api/WineUsers/1")
        url = sim.url
        warm = socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])))
        warm.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert warm.recv(12) == b"HTTP/1.1 200"

    with warm:
        while warm.recv(65536):
            pass  # what was left of the page; then the end of the stream
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)


def test_the_end_does_not_wait_for_a_delay() -> None:
    with ExitStack() as later, ThreadPoolExecutor(1) as pool:
        with running_simulator() as sim:
            api = later.enter_context(signed_in(sim))
            sim.add_fault("getUser", "delay", seconds=3600)
            answer = pool.submit(api.get, "/api/WineUsers/1", timeout=None)
            assert sim.wait_until(lambda: sim.calls()[-1]["fault"] == "delay")

        assert isinstance(answer.exception(), httpx.RemoteProtocolError)


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"POST /auth/login HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"411"),
        (b"POST /auth/login HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"411"),
        (b"POST /auth/login HTTP/1.1\r\nContent-Length: \xb2\r\n\r\n", b"411"),
        (b"POST /auth/login HTTP/1.1\r\nContent-Length: 1000001\r\n\r\n", b"413"),
        (b"POST /auth/login HTTP/1.1\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n", b"413"),
        (b"GET http://[ HTTP/1.1\r\n\r\n", b"404"),
        (b"BREW / HTTP/1.1\r\n\r\n", b"501"),
    ],
    ids=["chunked", "negative", "superscript", "large", "huge", "no address", "no method"],
)
def test_a_request_it_cannot_read_is_turned_away(
    sim: RunningSimulator, request_bytes: bytes, status: bytes
) -> None:
    address = ("127.0.0.1", int(sim.url.rpartition(":")[2]))
    with socket.create_connection(address, timeout=10) as connection:
        connection.sendall(request_bytes)

        assert connection.recv(12) == b"HTTP/1.1 " + status


def test_a_caller_who_leaves_in_the_middle_does_no_harm(
    sim: RunningSimulator, api: httpx.Client
) -> None:
    address = ("127.0.0.1", int(sim.url.rpartition(":")[2]))
    with socket.create_connection(address) as connection:
        connection.sendall(b"POST /auth/login HTTP/1.1\r\nContent-Length: 50\r\n\r\n{")

    assert create(api).status_code == 200


# many callers


def test_many_who_create_the_same_account_make_one(
    sim: RunningSimulator, api: httpx.Client
) -> None:
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: create(api), range(40)))

    assert sorted(answer.status_code for answer in answers) == [200] + [422] * 39
    assert sim.snapshot()["effects"]["accounts"] == {ADA: 1}


@pytest.fixture
def eager_threads() -> Iterator[None]:
    """Threads that interrupt each other at every chance, so that a missing lock shows."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("eager_threads")
def test_calls_in_the_same_instant_do_not_get_in_each_others_way(
    sim: RunningSimulator, api: httpx.Client
) -> None:
    headers = {"content-type": "application/json", "x-access-token": api.headers["X-Access-Token"]}
    together, emails = threading.Barrier(8), [f"p{n}@customer.example" for n in range(300)]

    def create_all(_: int) -> None:
        for email in emails:
            user = {"email": email, "password": "sample-of-a-password"}
            body = json.dumps({"data": {"user": user}}).encode()
            together.wait(timeout=30)
            sim.answer(Request("POST", "/api/wineusers/createAccount", headers, body))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(create_all, range(8)))

    assert sim.snapshot()["effects"]["accounts"] == dict.fromkeys(emails, 1)
    assert len(sim.snapshot()["accounts"]) == len(emails)


def test_many_who_take_the_same_seat_take_one(sim: RunningSimulator, api: httpx.Client) -> None:
    ada = sim.add_person(ADA)

    with ThreadPoolExecutor(20) as pool:
        list(
            pool.map(
                lambda _: api.post("/api/Courses/101/enrolUser", json={"id": 101, "userId": ada}),
                range(40),
            )
        )

    assert sim.learners(101) == [ADA]
    assert sim.snapshot()["effects"]["enrolments"] == {"101": {ADA: 1}}


def test_the_log_says_how_many_calls_ran_at_once(sim: RunningSimulator, api: httpx.Client) -> None:
    sim.add_fault("getUser", "delay", seconds=3600, times=3)

    with ThreadPoolExecutor(3) as pool:
        answers = [pool.submit(api.get, "/api/WineUsers/1", timeout=None) for _ in range(3)]
        assert sim.wait_until(lambda: len(sim.calls(since=1)) == 3)
        sim.end_delays()

    assert all(isinstance(each.exception(), httpx.RemoteProtocolError) for each in answers)
    assert [call["at_once"] for call in sim.calls(since=1)] == [1, 2, 3]


# looking


def test_the_log_tells_the_calls_in_order(sim: RunningSimulator, api: httpx.Client) -> None:
    create(api)
    api.get('/api/Courses/findCourses?pageOptions={"my":true}')
    sim.add_fault("getUser", "drop_before")
    with pytest.raises(httpx.RemoteProtocolError):
        api.get("/api/WineUsers/1")

    calls = api.get("/__sim/calls").json()

    assert [(each["sequence"], each["call"], each["method"], each["status"]) for each in calls] == [
        (1, "login", "POST", 200),
        (2, "createAccount", "POST", 200),
        (3, "findCourses", "GET", 200),
        (4, "getUser", "GET", None),
    ]
    assert calls[1]["request"]["data"]["user"]["email"] == ADA
    assert calls[3]["fault"] == "drop_before"
    assert all(each["time"] <= each["finished"] for each in calls)
    assert [each["sequence"] for each in api.get("/__sim/calls?since=3").json()] == [4]


def test_no_secret_is_ever_shown(sim: RunningSimulator, api: httpx.Client) -> None:
    token = api.headers["X-Access-Token"]
    create(api)
    api.get(f"/api/WineUsers/1?access_token={token}")
    api.get(f"/api/WineUsers/{token}")
    api.get(f"/api/WineUsers/1?q={token}")
    api.get(f"/api/WineUsers/1?q={sim.password}&password=hunter2-sample")
    api.post("/nothing", json=[{"deep": {"newPassword": "hunter2-sample", "note": token}}])
    api.post("/nothing", content=token, headers={"Content-Type": "application/json"})
    api.post(
        "/api/WineUsers/updateMainAttributes?id=1001",
        json={"id": 1001, "attributes": {"credentials": "hunter2-sample"}},
    )

    told = "".join(api.get(path).text for path in ("/__sim/calls", "/__sim/state", "/"))

    assert not [
        secret
        for secret in (token, sim.password, "sample-of-a-password", "hunter2-sample")
        if secret in told
    ]


def test_the_state_tells_who_sits_where(sim: RunningSimulator, api: httpx.Client) -> None:
    ada = sim.add_person(ADA, "Ada", "Byron", courses=[101])

    state = api.get("/__sim/state").json()

    course = state["courses"][0]
    assert (course["id"], course["title"], course["administered"]) == (101, "Safety Basics", True)
    assert [(each["id"], each["email"]) for each in course["learners"]] == [(ada, ADA)]
    assert [each["email"] for each in state["accounts"]] == [ADA]
    assert state["effects"]["enrolments"] == {"101": {ADA: 1}}
    assert state["unenrol_trap"] == {"sprung": False, "times": 0, "courses": [], "springs": []}
    assert state["switches"]["duplicate_account"] == "uniqueness"


def test_looking_is_not_a_call(sim: RunningSimulator, api: httpx.Client) -> None:
    for path in ("/", "/__sim/state", "/__sim/calls", "/__sim/faults", "/__sim/switches"):
        api.get(path)

    assert len(sim.calls()) == 1


# setting


def test_a_reset_forgets_and_sets_anew(sim: RunningSimulator, api: httpx.Client) -> None:
    create(api)

    settings = {"courses": {"7": "Ladders"}, "token_ttl": 9, "administered": []}
    state = api.post("/__sim/reset", json=settings).json()

    assert (state["accounts"], state["calls"], state["effects"]["accounts"]) == ([], 0, {})
    assert [(each["id"], each["administered"]) for each in state["courses"]] == [(7, False)]
    assert state["switches"]["token_ttl"] == 9
    assert api.get("/api/WineUsers/1").status_code == 401


def test_a_reset_without_settings_goes_back_to_those_of_the_start() -> None:
    with running_simulator(courses={7: "Ladders"}, duplicate_account="hidden") as sim:
        sim.reset(courses={8: "Lifting"}, duplicate_account="text")

        sim.reset()

        state = sim.snapshot()
    assert [each["id"] for each in state["courses"]] == [7]
    assert state["switches"]["duplicate_account"] == "hidden"


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"duplicate_acount": "text"}, "no switch is called 'duplicate_acount'"),
        ({"duplicate_account": "maybe"}, "must be one of: uniqueness, text, hidden"),
        ({"token_ttl": 0}, "above 0"),
        ({"token_ttl": True}, "above 0"),
        ({"administered": "101"}, "list of course ids"),
        ({"courses": ["101"]}, "must be an object"),
        ({"courses": {"first": "Ladders"}}, "id cannot be used: 'first'"),
        ({"administered": ["first"]}, "id cannot be used: 'first'"),
        ({"rate_limit": 0}, "whole number from 1, or null"),
        ({"rate_limit": 2.5}, "whole number from 1, or null"),
        ({"failed_logins": True}, "whole number from 1, or null"),
        ({"listing_lag": -1}, "seconds from 0"),
        ({"token_ttl": 1e300}, "above 0"),
        ({"seed": "x"}, "whole number, or null"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_setting_that_cannot_be_is_refused_and_nothing_changes(
    sim: RunningSimulator, api: httpx.Client, settings: dict[str, object], sentence: str
) -> None:
    create(api)

    refused = api.post("/__sim/reset", json=settings)

    assert (refused.status_code, sentence in refused.json()["error"]) == (400, True)
    assert len(sim.snapshot()["accounts"]) == 1


def test_a_wrong_switch_at_the_start_raises() -> None:
    with pytest.raises(SwitchError, match="replies must be one of"), running_simulator(replies="x"):
        pass


def test_people_time_and_invitations_can_be_had_over_http(
    sim: RunningSimulator, api: httpx.Client
) -> None:
    person = {"email": ADA, "first_name": "Ada", "courses": [101, "102"]}
    body = {"courseId": 103, "data": {"courseid": 103, "email": ADA}}

    assert api.post("/__sim/people", json=person).json() == {"id": 1001}
    api.post("/api/Courses/inviteUserForCourse", json=body)
    assert api.post("/__sim/accept", json={"course": 103, "email": ADA}).status_code == 200
    api.post("/__sim/advance", json={"seconds": 2_000_000})

    assert [sim.learners(course) for course in (101, 102, 103, 104)] == [[ADA]] * 3 + [[]]
    assert api.get("/api/WineUsers/1").json()["error"]["code"] == "INVALID_TOKEN"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/__sim/people", {"email": ADA, "courses": [999]}),
        ("/__sim/people", {"email": ADA, "courses": ["x"]}),
        ("/__sim/people", {"email": 5}),
        ("/__sim/accept", {"course": 101, "email": ADA}),
        ("/__sim/accept", {"email": ADA}),
        ("/__sim/advance", {"seconds": -1}),
        ("/__sim/advance", {"seconds": "9"}),
        ("/__sim/reset", []),
    ],
)
def test_a_control_call_that_cannot_be_done_says_why(
    sim: RunningSimulator, api: httpx.Client, path: str, body: object
) -> None:
    refused = api.post(path, json=body)

    assert refused.status_code == 400
    assert len(refused.json()["error"]) > 10
    assert sim.snapshot()["accounts"] == []


def test_an_unknown_control_call_names_the_known_ones(api: httpx.Client) -> None:
    answer = api.get("/__sim/nothing")

    assert answer.status_code == 404
    assert "GET /__sim/state" in answer.json()["error"]


# as a program


def start_program(*lines: str) -> subprocess.Popen[str]:
    code = "\n".join(
        ["from functools import partial", "from coursebox.simulator import serve", *lines]
    )
    return subprocess.Popen(
        [sys.executable, "-u", "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parent.parent,
    )


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT], ids=lambda each: each.name)
def test_it_serves_until_a_signal_and_leaves_quietly(ending: signal.Signals) -> None:
    with start_program("serve(port=0, replies='wrapped')") as program:
        assert program.stdout is not None
        url = program.stdout.readline().strip()
        with httpx.Client(base_url=url, verify=False) as client:  # noqa: S501 (plain http)
            assert client.get("/__sim/state").json()["switches"]["replies"] == "wrapped"
            program.send_signal(ending)
            output, errors = program.communicate(timeout=20)

    assert (program.returncode, output, errors) == (0, "", "")


# documentation


def test_every_switch_has_a_field_and_a_default_that_it_takes() -> None:
    defaults = Switches()

    for name, switch in SWITCHES.items():
        assert switch.read(getattr(defaults, name)) == getattr(defaults, name)
    assert tuple(SWITCHES) == Switches.__match_args__


def test_every_part_of_a_fault_can_be_read() -> None:
    assert tuple(FAULT_PARTS) == Fault.__match_args__


def test_every_switch_says_what_values_it_takes() -> None:
    assert all(bool(switch.values) is not bool(switch.form) for switch in SWITCHES.values())


@pytest.mark.parametrize(
    "text",
    [DOCUMENTATION.read_text(), inspect.getdoc(coursebox.simulator) or ""],
    ids=["page", "docstring"],
)
def test_the_documentation_names_all_there_is(text: str) -> None:
    values = [value for switch in SWITCHES.values() for value in switch.values]

    for word in itertools.chain(SWITCHES, values, PLANS, FAULT_PARTS, CALL_NAMES):
        assert re.search(rf"\b{word}\b", text), word


def test_the_page_has_the_tables_of_the_code() -> None:
    written = {name: _written(getattr(Switches(), name)) for name in SWITCHES}
    rows = [
        *(f"| `{name}` | `{written[name]}` | {each.meaning} |" for name, each in SWITCHES.items()),
        *(f"| `{name}` | {each.meaning} |" for name, each in PLANS.items()),
        *(
            f"| `{name}` | {each.default}{' ' if each.default else ''}| {each.meaning} |"
            for name, each in FAULT_PARTS.items()
        ),
    ]

    lines = DOCUMENTATION.read_text().splitlines()

    assert [row for row in rows if row not in lines] == []


def test_the_page_names_every_control_call_and_no_other() -> None:
    text = DOCUMENTATION.read_text()

    named = set(re.findall(r"^\| `([A-Z]+ /__sim/\w+)` \|", text, re.MULTILINE))

    assert named == {f"{method} {path}" for method, path in CONTROLS}


def test_the_page_explains_what_the_state_and_the_log_hold(
    sim: RunningSimulator, api: httpx.Client
) -> None:
    text = DOCUMENTATION.read_text()
    state = api.get("/__sim/state").json()
    effects = state.pop("effects")
    known = {"now", "switches"}  # the time, and what the table of switches explains

    names = [*(set(state) - known), *(f"effects.{name}" for name in effects), *sim.calls()[0]]

    assert [name for name in names if f"`{name}`" not in text] == []


def _written(value: object) -> str:
    return "null" if value is None else f"{value:.0f}" if isinstance(value, float) else str(value)
