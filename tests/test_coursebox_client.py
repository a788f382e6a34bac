"""The client over real HTTP: against the simulator, and against a scripted server for the answers
that the simulator does not give."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from coursebox.address import check_address
from coursebox.calls import Call
from coursebox.client import Coursebox, Exchange, Learner
from coursebox.directory import MemoryDirectory, OnlyNews
from coursebox.errors import CourseboxError, Decision, Failure, InvalidArgument, Kind
from coursebox.ids import IdType, clean_course_id, clean_id, json_id, same_id
from coursebox.people import full_name, tidy_email
from coursebox.redaction import GONE, LONGEST_BODY
from coursebox.replies import read_account, read_learners, read_list, read_record, read_token
from coursebox.simulator import SAMPLE_PASSWORD, RunningSimulator
from coursebox.tokens import MemoryTokens, Token

ADA = "ada@customer.example"
LEARNER_PASSWORD = "Aa1!learner-sample"


# a server that answers as it is told


@dataclass
class Asked:
    method: str
    target: str
    headers: dict[str, str]
    body: str


@dataclass
class Script:
    """What the server answers, in order; the last answer counts on. None drops the connection."""

    answers: list[tuple[int, dict[str, str], str] | None]
    asked: list[Asked] = field(default_factory=list)
    url: str = ""

    def next(self) -> tuple[int, dict[str, str], str] | None:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def scripted(*answers: tuple[int, dict[str, str], str] | None) -> Iterator[Script]:
    script = Script(list(answers))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            script.asked.append(Asked(self.command, self.path, dict(self.headers), body))
            answer = script.next()
            if answer is None:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            status, headers, text = answer
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        do_GET = do_POST = do_DELETE = answer

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    script.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield script
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def says(body: object, status: int = 200) -> tuple[int, dict[str, str], str]:
    return status, {"Content-Type": "application/json"}, json.dumps(body)


TOKEN = says({"token": {"id": "sample-token-of-the-script", "ttl": 1000, "userId": 9}})


def to_script(script: Script, **more: object) -> Coursebox:
    given = {"tokens": MemoryTokens(), **more}
    return Coursebox(script.url, "api@portal.example", "sample-pass-phrase", **given)  # type: ignore[arg-type]


# against the simulator


@pytest.fixture
def exchanges() -> list[Exchange]:
    return []


@pytest.fixture
def client(sim: RunningSimulator, exchanges: list[Exchange]) -> Iterator[Coursebox]:
    with open_client(sim, record=exchanges.append) as client:
        yield client


def open_client(sim: RunningSimulator, **more: object) -> Coursebox:
    given = {"tokens": MemoryTokens(), "timeout": 5.0, **more}
    return Coursebox(sim.url, sim.email, sim.password, **given)  # type: ignore[arg-type]


def called(sim: RunningSimulator) -> list[object]:
    return [call["call"] for call in sim.calls()]


def test_an_account_is_made_and_its_id_comes_back(sim: RunningSimulator, client: Coursebox) -> None:
    made = client.create_account(" Ada@Customer.example ", "Ada", "Lovelace", LEARNER_PASSWORD)

    assert made.user_id is not None
    record = client.user(made.user_id)
    assert (record["email"], record["lastName"]) == (ADA, "Lovelace")


def test_a_learner_is_enrolled_listed_and_removed(sim: RunningSimulator, client: Coursebox) -> None:
    user_id = str(sim.add_person(ADA))

    client.enrol_user(101, user_id)
    listed = client.learners("101")
    client.remove_user("101", user_id)

    assert listed == (Learner(user_id, ADA),)
    assert sim.learners(101) == []
    assert sim.snapshot()["unenrol_trap"]["sprung"] is False  # type: ignore[index]


def test_an_invitation_carries_names_and_words(sim: RunningSimulator, client: Coursebox) -> None:
    client.invite(ADA, 101, "Ada", "Lovelace", title="Welcome", body="Come in")

    effects = sim.snapshot()["effects"]
    assert effects["invitation_mails"] == {"101": {ADA: 1}}  # type: ignore[index]


def test_only_the_given_attributes_are_changed(
    sim: RunningSimulator, client: Coursebox, exchanges: list[Exchange]
) -> None:
    user_id = str(sim.add_person(ADA, "Ada", "Lovelace"))

    client.update_user(user_id, {"lastName": "King"})

    assert client.user(user_id)["firstName"] == "Ada"
    sent = json.loads(next(each.request for each in exchanges if each.call == "update_user"))
    assert sent == {"id": int(user_id), "attributes": {"lastName": "King"}}


def test_the_reads_give_plain_records(sim: RunningSimulator, client: Coursebox) -> None:
    courses = client.courses()
    course = client.course("https://portal.example/courses/101/about")
    activities = course["activities"]
    assert isinstance(activities, list)
    activity = client.activity(str(activities[0]["id"]))
    admins = client.admins(101)

    assert {str(each["id"]) for each in courses} >= {"101"}
    assert str(course["id"]) == "101"
    assert activity["courseId"] == 101
    assert [each["email"] for each in admins] == [sim.email]


@pytest.mark.parametrize("replies", ["bare", "wrapped", "empty"])
@pytest.mark.parametrize("token_reply", ["nested", "text", "flat"])
@pytest.mark.parametrize("learner_rows", ["flat", "nested"])
def test_every_form_of_reply_is_read(
    sim: RunningSimulator, client: Coursebox, replies: str, token_reply: str, learner_rows: str
) -> None:
    sim.reset(replies=replies, token_reply=token_reply, learner_rows=learner_rows)
    user_id = str(sim.add_person("bo@customer.example", courses=[101]))

    made = client.create_account(ADA, "Ada", "Lovelace", LEARNER_PASSWORD)

    assert (made.user_id is None) is (replies == "empty")
    assert client.learners(101) == (Learner(user_id, "bo@customer.example"),)
    assert client.user(user_id)["email"] == "bo@customer.example"
    assert len(client.courses()) > 1


# the log-in


def test_one_log_in_serves_all_calls(sim: RunningSimulator, client: Coursebox) -> None:
    client.courses()
    client.courses()
    client.recording(lambda _: None).courses()

    assert called(sim) == ["login", "findCourses", "findCourses", "findCourses"]


def test_many_threads_log_in_once(sim: RunningSimulator, client: Coursebox) -> None:
    sim.add_fault("login", "delay_reply", seconds=0.1)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: client.courses(), range(8)))

    assert called(sim).count("login") == 1


def test_the_token_is_renewed_at_nine_tenths_of_its_life(sim: RunningSimulator) -> None:
    sim.reset(token_ttl=1000.0)
    now = [1_000_000.0]
    client = open_client(sim, clock=lambda: now[0])

    for at in (0.0, 899.0, 901.0):
        now[0] = 1_000_000.0 + at
        client.courses()
    client.close()

    assert called(sim) == ["login", "findCourses", "findCourses", "login", "findCourses"]


def test_a_token_that_ran_out_early_costs_one_log_in(
    sim: RunningSimulator, client: Coursebox
) -> None:
    sim.reset(token_ttl=1000.0)
    client.courses()
    sim.advance(2000.0)

    client.courses()

    assert called(sim) == ["login", "findCourses", "findCourses", "login", "findCourses"]


def test_a_token_that_is_not_even_known_any_more_costs_one_log_in(sim: RunningSimulator) -> None:
    tokens = MemoryTokens()
    tokens.put(Token("forgotten-sample", fetched_at=0.0))
    client = open_client(sim, tokens=tokens)

    client.courses()
    client.close()

    assert called(sim) == ["findCourses", "login", "findCourses"]


def test_a_write_that_met_an_expired_token_is_made_exactly_once(
    sim: RunningSimulator, client: Coursebox
) -> None:
    sim.reset(token_ttl=1000.0)
    user_id = str(sim.add_person(ADA))
    client.courses()
    sim.advance(2000.0)
    before: list[str] = []

    client.enrol_user(101, user_id, before=lambda: before.append("called"))

    assert sim.snapshot()["effects"]["enrolments"] == {"101": {ADA: 1}}  # type: ignore[index]
    assert before == ["called", "called"]


def test_a_course_of_others_is_a_permission_denied_after_one_more_log_in(
    sim: RunningSimulator, client: Coursebox
) -> None:
    sim.reset(administered=["102"])

    with pytest.raises(CourseboxError) as caught:
        client.learners(101)

    error = caught.value
    assert (error.kind, error.decision) == (Kind.PERMISSION_DENIED, Decision.GIVE_UP)
    assert "administrator of that course" in str(error)
    assert called(sim) == ["login", "allLearners", "login", "allLearners"]
    assert client.learners(102) == ()


def test_a_refused_log_in_holds_and_is_not_repeated(sim: RunningSimulator) -> None:
    tokens = MemoryTokens()
    client = Coursebox(sim.url, sim.email, "not-the-sample", tokens=tokens)

    with pytest.raises(CourseboxError) as caught, client:
        client.enrol_user(101, "7")

    error = caught.value
    assert (error.kind, error.decision, error.ambiguous) == (
        Kind.LOGIN_FAILED,
        Decision.HOLD,
        False,
    )
    assert called(sim) == ["login"]


@pytest.mark.parametrize(
    ("answer", "kind", "decision"),
    [
        ((302, {"Location": "/home"}, ""), Kind.LOGIN_UNREADABLE, Decision.HOLD),
        ((200, {"Content-Type": "text/html"}, "<html>"), Kind.LOGIN_UNREADABLE, Decision.HOLD),
        (says({"welcome": True}), Kind.LOGIN_UNREADABLE, Decision.HOLD),
        (says({"token": {"id": "bad\r\nHeader: x"}}), Kind.LOGIN_UNREADABLE, Decision.HOLD),
        ((204, {}, ""), Kind.LOGIN_UNREADABLE, Decision.HOLD),
        ((503, {"Retry-After": "9"}, ""), Kind.UNAVAILABLE, Decision.RETRY),
        (None, Kind.CONNECTION_LOST, Decision.RETRY),
    ],
    ids=["redirect", "html", "no token", "token with a line end", "empty", "503", "dropped"],
)
def test_a_log_in_that_gives_no_token_says_what_to_do(
    answer: tuple[int, dict[str, str], str] | None, kind: Kind, decision: Decision
) -> None:
    with (
        scripted(answer) as script,
        to_script(script) as client,
        pytest.raises(CourseboxError) as caught,
    ):
        client.create_account(ADA, "Ada", "Lovelace", LEARNER_PASSWORD)

    assert (caught.value.kind, caught.value.decision) == (kind, decision)
    assert caught.value.ambiguous is False
    assert [asked.target for asked in script.asked] == ["/auth/login"]


# what goes over the wire

WIRE: dict[str, tuple[Callable[[Coursebox], object], str, str, object]] = {
    "create_account": (
        lambda it: it.create_account(ADA, "Ada", "L", "pw", offer_code="X"),
        "POST",
        "/api/wineusers/createAccount",
        {
            "data": {
                "user": {"firstName": "Ada", "lastName": "L", "email": ADA, "password": "pw"},
                "offerCode": "X",
                "marketingEmails": False,
                "is18Plus": True,
            }
        },
    ),
    "user": (lambda it: it.user("a/b c"), "GET", "/api/WineUsers/a%2Fb%20c", None),
    "update_user": (
        lambda it: it.update_user("7", {"city": "Bonn"}),
        "POST",
        "/api/WineUsers/updateMainAttributes?id=7",
        {"id": 7, "attributes": {"city": "Bonn"}},
    ),
    "invite": (
        lambda it: it.invite(ADA, "196716", "Ada", "L"),
        "POST",
        "/api/Courses/inviteUserForCourse",
        {
            "data": {"firstName": "Ada", "lastName": "L", "courseid": 196716, "email": ADA},
            "courseId": 196716,
            "title": "",
            "body": "",
        },
    ),
    "enrol_user": (
        lambda it: it.enrol_user("019e0e54-71de-7111-908a-b74bc0fdab64", "7"),
        "POST",
        "/api/Courses/019e0e54-71de-7111-908a-b74bc0fdab64/enrolUser",
        {"id": "019e0e54-71de-7111-908a-b74bc0fdab64", "userId": 7},
    ),
    "remove_user": (
        lambda it: it.remove_user(101, "7"),
        "DELETE",
        "/api/Courses/101/users?userid=7",
        None,
    ),
    "courses": (
        lambda it: it.courses(),
        "GET",
        "/api/Courses/findCourses?pageOptions=%7B%22my%22%3Atrue%7D",
        None,
    ),
    "course": (lambda it: it.course(101), "GET", "/api/Courses/findCourse?id=101", None),
    "activity": (lambda it: it.activity("5"), "GET", "/api/Activities/5", None),
    "learners": (lambda it: it.learners(101), "GET", "/api/Courses/101/allLearners", None),
    "admins": (
        lambda it: it.admins(101),
        "GET",
        "/api/WineUsers/getUserForMentio"
        "?params=%7B%22all%22%3Atrue%2C%22ids%22%3A%22101%22%7D",
        None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WIRE)
def test_each_call_goes_out_exactly_as_the_guide_says(name: str) -> None:
    act, method, target, body = WIRE[name]

    with scripted(TOKEN, says([{"id": 1}])) as script:
        client = to_script(script)
        with client, suppress(CourseboxError):  # the answer is not what each of them expects
            act(client)

    login, asked = script.asked
    assert (login.target, json.loads(login.body)["password"]) == (
        "/auth/login",
        "sample-pass-phrase",
    )
    assert "X-Access-Token" not in login.headers
    assert (asked.method, asked.target) == (method, target)
    assert (json.loads(asked.body) if asked.body else None) == body
    assert asked.headers["X-Access-Token"] == "sample-token-of-the-script"
    assert asked.headers["Accept"] == "application/json"
    assert "Authorization" not in asked.headers


@pytest.mark.parametrize(
    ("id_type", "text", "sent"),
    [
        ("auto", "7", 7),
        ("auto", "007", "007"),
        ("auto", "0", 0),
        ("auto", "7a", "7a"),
        ("auto", "\u0667", "\u0667"),
        ("auto", str(2**53), str(2**53)),
        ("auto", "9" * 100, "9" * 100),
        ("string", "7", "7"),
        ("int", "7", 7),
    ],
)
def test_an_id_is_sent_in_the_type_it_has(id_type: str, text: str, sent: object) -> None:
    assert json_id(text, IdType(id_type), "enrol_user") == sent


def test_an_id_that_must_be_a_number_and_is_not_is_refused() -> None:
    with pytest.raises(InvalidArgument, match="whole numbers"):
        json_id("abc", IdType.INT, "enrol_user")


@pytest.mark.parametrize("value", ["", "  ", None, True, 1.5, [], "..", ".", "a\nb", "x" * 201])
def test_what_cannot_be_an_id_never_leaves(value: object) -> None:
    with scripted(TOKEN) as script, to_script(script) as client:
        for act in (client.user, client.activity):
            with pytest.raises(InvalidArgument):
                act(value)  # type: ignore[arg-type]
        with pytest.raises(InvalidArgument):
            client.remove_user(101, value)  # type: ignore[arg-type]
        with pytest.raises(InvalidArgument):
            client.remove_user(value, "7")  # type: ignore[arg-type]
        with pytest.raises(InvalidArgument):
            client.enrol_user(101, value)  # type: ignore[arg-type]

    assert script.asked == []


ODD_IDS = [
    "undefined", "null", "None", "NaN", "true", "FALSE", "[object Object]", "0", "000", "-1", "-",
    "007", "*", "%", "1,2", "1 2", "1%2C2", "7&userid=8", "7?x", "7/8", "a.b", "1e3", "0x65",
    "\u0667", "\uff17", "id\u200b7", "9" * 65, 10**300, 10**5000,
    "00000000-0000-0000-0000-000000000000", "{{ id }}", "${ id }", "<id>", "'7'",
]  # fmt: skip


def shown(value: object) -> str:
    return f"{value!r:.20}" if isinstance(value, str) else "a huge number"


@pytest.mark.parametrize("value", ODD_IDS, ids=shown)
def test_an_odd_id_stands_in_no_write(value: Any) -> None:
    with scripted(TOKEN) as script, to_script(script) as client:
        for act in (
            lambda: client.remove_user(101, value),
            lambda: client.remove_user(value, "7"),
            lambda: client.enrol_user(101, value),
            lambda: client.enrol_user(value, "7"),
            lambda: client.update_user(value, {"city": "Bonn"}),
            lambda: client.invite(ADA, value, "Ada", "L"),
            lambda: client.learners(value),
        ):
            with pytest.raises(InvalidArgument):
                act()

    assert script.asked == []


@pytest.mark.parametrize(
    "link", ["https://my.portal.example/courses/undefined", "https://my.portal.example/?id=%2A"]
)
def test_an_odd_id_in_a_link_is_none(link: str) -> None:
    with pytest.raises(InvalidArgument):
        clean_course_id(link, "enrol")


def test_uuids_are_the_same_in_capitals() -> None:
    uuid = "019e0e54-71de-7111-908a-b74bc0fdab64"

    assert same_id(uuid, uuid.upper())
    assert not same_id("abc", "ABC")
    assert not same_id(None, None)


@pytest.mark.parametrize(
    ("link", "course_id"),
    [
        ("https://my.portal.example/courses/196716/about", "196716"),
        ("https://my.portal.example/courses/019e0e54-71de-7111-908a-b74bc0fdab64", None),
        (" HTTPS://my.portal.example/en/course/7?x=1 ", "7"),
        ("https://my.portal.example/open?courseId=12", "12"),
        (101, "101"),
        (" 101 ", "101"),
    ],
)
def test_a_course_may_be_given_by_its_link(link: object, course_id: str | None) -> None:
    expected = course_id or "019e0e54-71de-7111-908a-b74bc0fdab64"

    assert clean_course_id(link, "enrol") == expected


@pytest.mark.parametrize(
    "link",
    [
        "https://my.portal.example/",
        "https://my.portal.example/courses/",
        "https://my.portal.example/courses/../x",
        "https://[broken",
    ],
)
def test_a_link_to_no_course_is_refused(link: str) -> None:
    with pytest.raises(InvalidArgument):
        clean_course_id(link, "enrol")


def test_ids_are_compared_as_text() -> None:
    assert clean_id(7, "the user id", "user") == clean_id(" 7", "the user id", "user") == "7"


# what comes back


@pytest.mark.parametrize("name", ["courses", "learners", "admins"])
@pytest.mark.parametrize(
    "body", [{"hello": 1}, "text", {"data": {"data": {"data": {"data": []}}}}, 7]
)
def test_a_list_in_an_unknown_form_is_an_error_not_an_empty_list(name: str, body: object) -> None:
    with (
        scripted(TOKEN, says(body)) as script,
        to_script(script) as client,
        pytest.raises(CourseboxError) as caught,
    ):
        WIRE[name][0](client)

    assert caught.value.kind is Kind.UNEXPECTED


@pytest.mark.parametrize(
    ("body", "entries"),
    [
        ([1], [1]),
        ({"data": [1]}, [1]),
        ({"result": {"learners": [1], "total": 1}}, [1]),
        ({"users": []}, []),
        ({"items": [1], "page": {"x": 1}}, [1]),
        (None, []),
        ({"nothing": []}, None),
        ("text", None),
    ],
)
def test_lists_are_found_in_their_wrapping(body: object, entries: object) -> None:
    assert read_list(body) == entries


@pytest.mark.parametrize(
    ("entry", "learner"),
    [
        ({"id": 5, "email": "Ada@Customer.example "}, Learner("5", ADA)),
        ({"userId": "u5", "email": ADA}, Learner("u5", ADA)),
        ({"id": 1, "user": {"id": 5, "email": ADA}}, Learner("5", ADA)),
        ({"id": 1, "userId": 5, "user": {"email": ADA}}, Learner("5", ADA)),
        ({"id": 5}, Learner("5", None)),
        ({"email": ADA}, Learner(None, ADA)),
        ({"id": True, "email": ADA}, Learner(None, ADA)),
    ],
)
def test_a_learner_is_read_out_of_each_form(entry: dict[str, object], learner: Learner) -> None:
    assert read_learners([entry, "noise"]) == (learner,)


@pytest.mark.parametrize(
    "more",
    [{"count": 2}, {"total": 40}, {"totalCount": 2}, {"hasMore": True}, {"hasNextPage": True}],
    ids=str,
)
def test_a_page_is_not_taken_for_the_whole_list(more: dict[str, object]) -> None:
    row = {"id": 7, "email": ADA}

    assert read_learners({**more, "data": [row]}) is None
    assert read_learners({"data": {**more, "items": [row]}}) is None


@pytest.mark.parametrize(
    "whole",
    [{"count": 1}, {"total": 1}, {"count": "2"}, {"hasMore": False}, {"limit": 50}],
    ids=str,
)
def test_a_list_that_says_how_long_it_is_is_read(whole: dict[str, object]) -> None:
    assert read_learners({**whole, "data": [{"id": 7, "email": ADA}]}) == (Learner("7", ADA),)


def test_a_list_that_names_nobody_is_not_taken_for_an_empty_course() -> None:
    assert read_learners([{"name": "Ada"}]) is None
    assert read_learners([]) == ()


@pytest.mark.parametrize(
    ("body", "user_id"),
    [
        ({"id": 5, "email": ADA}, "5"),
        ({"user": {"id": 5}}, "5"),
        ({"data": {"user": {"id": 5}}}, "5"),
        ({"result": {"userId": "u5"}}, "u5"),
        ({"id": "a-token", "ttl": 60, "userId": 5}, "5"),
        ({"id": "a-token", "ttl": 60}, None),
        ({"token": {"id": "a-token", "ttl": 60, "userId": 5}}, "5"),
        ({"token": {"id": "a-token", "ttl": 60}, "user": {"id": 5}}, "5"),
        ({"id": 6, "email": "somebody.else@customer.example"}, None),
        ({"success": True}, None),
        ([{"id": 5}], None),
        (None, None),
    ],
)
def test_the_id_of_a_new_account_is_found_or_admitted_missing(
    body: object, user_id: object
) -> None:
    assert read_account(body, ADA) == user_id


@pytest.mark.parametrize(
    ("body", "token"),
    [
        ({"token": {"id": "t", "ttl": 60, "userId": 9}}, Token("t", 1.0, 60.0, "9")),
        ({"token": "t"}, Token("t", 1.0)),
        ({"id": "t", "ttl": 60, "userId": "u"}, Token("t", 1.0, 60.0, "u")),
        ({"token": "t", "userId": 9}, Token("t", 1.0, None, "9")),
        ({"data": {"token": {"id": "t"}}}, Token("t", 1.0)),
        ({"token": {"id": "t", "ttl": -1}}, Token("t", 1.0)),
        ({"token": {}}, None),
        ({"token": ""}, None),
        ([], None),
    ],
)
def test_the_token_is_read_out_of_each_form(body: object, token: Token | None) -> None:
    assert read_token(body, 1.0) == token


def test_a_record_comes_out_of_its_wrapping() -> None:
    assert read_record({"data": {"id": 1, "x": 2}}) == {"id": 1, "x": 2}
    assert read_record({"id": 1}) == {"id": 1}
    assert read_record([]) is None


# trouble on the way

FAULTS: dict[str, tuple[dict[str, object], Kind, bool]] = {
    "dropped": ({"fault": "drop_before"}, Kind.CONNECTION_LOST, True),
    "done and dropped": ({"fault": "commit_then_drop"}, Kind.CONNECTION_LOST, True),
    "hidden 500": ({"fault": "status", "status": 500}, Kind.SERVER_ERROR, True),
    "502": ({"fault": "status", "status": 502}, Kind.BAD_GATEWAY, True),
    "503": ({"fault": "status", "status": 503}, Kind.UNAVAILABLE, False),
    "429": ({"fault": "status", "status": 429, "retry_after": 7}, Kind.RATE_LIMITED, False),
    "half a JSON": ({"fault": "malformed_json"}, Kind.UNREADABLE, True),
    "too slow": ({"fault": "delay", "seconds": 30}, Kind.TIMED_OUT, True),
}


@pytest.mark.parametrize("name", FAULTS)
def test_trouble_in_a_write_says_whether_it_may_have_happened(
    sim: RunningSimulator, exchanges: list[Exchange], name: str
) -> None:
    fault, kind, ambiguous = FAULTS[name]
    user_id = str(sim.add_person(ADA))
    client = open_client(sim, record=exchanges.append, timeout=0.3)
    client.courses()
    sim.add_fault("enrolUser", **fault)  # type: ignore[arg-type]

    with pytest.raises(CourseboxError) as caught, client:
        client.enrol_user(101, user_id)

    assert (caught.value.kind, caught.value.ambiguous) == (kind, ambiguous)
    assert caught.value.retry_after == (7.0 if name == "429" else None)
    assert exchanges[-1].call == "enrol_user"
    assert exchanges[-1].status == caught.value.status or exchanges[-1].status == 200
    assert bool(exchanges[-1].error) is (exchanges[-1].status is None)


def test_a_refused_connection_is_not_ambiguous() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        tokens = MemoryTokens()
        tokens.put(Token("sample", fetched_at=0.0))

        client = Coursebox(url, "a@b.example", "x", tokens=tokens)
        with client, pytest.raises(CourseboxError) as caught:
            client.enrol_user(101, "7")

    assert (caught.value.kind, caught.value.ambiguous) == (Kind.UNREACHABLE, False)
    assert caught.value.decision is Decision.RETRY


def test_redirects_are_not_followed() -> None:
    with (
        scripted(TOKEN, (307, {"Location": "/api/elsewhere"}, "")) as script,
        to_script(script) as client,
        pytest.raises(CourseboxError) as caught,
    ):
        client.enrol_user(101, "7")

    assert (caught.value.kind, caught.value.decision) == (Kind.REDIRECTED, Decision.HOLD)
    assert len(script.asked) == 2


def test_cookies_are_not_kept() -> None:
    baked = (200, {"Set-Cookie": "access_token=stale; Path=/"}, TOKEN[2])
    with scripted(baked, says([])) as script, to_script(script) as client:
        client.courses()

    assert "Cookie" not in script.asked[1].headers


def test_connections_are_kept_warm(sim: RunningSimulator, client: Coursebox) -> None:
    client.courses()
    client.courses()

    assert len({call["connection"] for call in sim.calls()}) == 1


# the hooks


def test_what_before_raises_stops_the_request(sim: RunningSimulator, client: Coursebox) -> None:
    def stop() -> None:
        raise PermissionError("no longer ours")

    with pytest.raises(PermissionError):
        client.invite(ADA, 101, "Ada", "L", before=stop)

    assert called(sim) == ["login"]


@dataclass
class WatchedGate:
    """Says what passes it, and how it went."""

    happened: list[str]

    @contextmanager
    def passing(self, call: Call, *, begun: bool = False) -> Iterator["WatchedGate"]:
        self.happened.append(call.name)
        yield self
        self.happened.append("out")

    def sent(self) -> None:
        self.happened.append("sent")

    def answered(self, failure: Failure | None) -> None:
        self.happened.append(failure.kind if failure else "good")


def test_every_request_passes_the_gate_and_before_comes_inside_it(sim: RunningSimulator) -> None:
    gate = WatchedGate([])
    sim.add_fault("inviteUserForCourse", "status", status=503)

    with open_client(sim, gate=gate) as client, pytest.raises(CourseboxError):
        client.invite(ADA, 101, "Ada", "L", before=lambda: gate.happened.append("before"))

    login = ["login", "sent", "good", "out"]
    assert gate.happened == [*login, "invite", "before", "sent", "unavailable", "out"]


def test_it_knows_its_own_account(sim: RunningSimulator, client: Coursebox) -> None:
    own = next(str(each["id"]) for each in client.admins(101))
    other = str(sim.add_person(ADA))

    assert client.is_own(own, None)
    assert client.is_own(None, sim.email.upper())
    assert not client.is_own(other, ADA)
    assert "getUser" not in called(sim)


def test_it_knows_its_own_account_where_the_log_in_does_not_tell_the_id(
    sim: RunningSimulator, client: Coursebox
) -> None:
    own = next(str(each["id"]) for each in client.admins(101))
    other = str(sim.add_person(ADA))
    with (
        scripted(
            says({"token": "sample"}),
            says({"id": own, "email": "API@portal.example"}),
            says({"id": other, "email": ADA}),
        ) as script,
        to_script(script) as lonely,
    ):
        assert lonely.is_own(own, None)
        assert not lonely.is_own(other, None)


# what is recorded


def test_an_exchange_tells_what_was_asked_and_answered(
    client: Coursebox, exchanges: list[Exchange]
) -> None:
    client.learners(101)

    last = exchanges[-1]
    assert (last.call, last.method, last.path) == (
        "learners",
        "GET",
        "/api/Courses/101/allLearners",
    )
    assert (last.status, last.request, last.response, last.error) == (200, "", "[]", "")
    assert last.ms >= 0
    json.dumps(asdict(last))


def test_no_exchange_holds_a_secret(sim: RunningSimulator, exchanges: list[Exchange]) -> None:
    tokens = MemoryTokens()
    client = open_client(sim, tokens=tokens, record=exchanges.append)

    made = client.create_account(ADA, "Ada", "Lovelace", LEARNER_PASSWORD)
    client.enrol_user(101, made.user_id or "")
    client.learners(101)
    client.close()

    token = tokens.get()
    assert token is not None
    stored = json.dumps([asdict(each) for each in exchanges])
    assert [each.call for each in exchanges][:2] == ["login", "create_account"]
    for secret in (SAMPLE_PASSWORD, LEARNER_PASSWORD, token.id):
        assert secret not in stored
    assert json.loads(exchanges[0].request) == {"email": sim.email, "password": GONE}


@pytest.mark.parametrize(
    "answer",
    [
        says({"error": {"statusCode": 422, "message": f"{LEARNER_PASSWORD} is too long"}}, 422),
        says({"error": {"statusCode": 400, "details": {"raw": f'"{LEARNER_PASSWORD}"'}}}, 400),
        (400, {"Content-Type": "text/plain"}, f'{{"password":"{LEARNER_PASSWORD}"'),
        (400, {"Content-Type": "text/html"}, f"<pre>{LEARNER_PASSWORD[:12]}</pre>"),
        says({"id": 5, "password": "another-hash", "token": {"id": "another-token"}}),
        says({"id": "another-token", "ttl": 60, "userId": 5}),
        says({"user": {"id": 5, "accessToken": "another-token"}}),
        (200, {"Content-Type": "text/plain"}, "sample-token-of-the-script"),
    ],
    ids=["too long", "details", "raw body", "part", "hash", "flat token", "nested", "token echoed"],
)
def test_what_coursebox_echoes_is_neither_recorded_nor_told(
    answer: tuple[int, dict[str, str], str],
) -> None:
    exchanges: list[Exchange] = []
    told = ""
    with scripted(TOKEN, answer) as script, to_script(script, record=exchanges.append) as client:
        try:
            client.create_account(ADA, "Ada", "L", LEARNER_PASSWORD)
        except CourseboxError as error:
            told = f"{error} {error!r}"

    stored = json.dumps([asdict(each) for each in exchanges]) + told
    for secret in ("learner-sam", "another-", "sample-token", "sample-pass"):
        assert secret not in stored


def test_a_log_in_in_an_unknown_form_is_recorded_as_a_shape_alone() -> None:
    exchanges: list[Exchange] = []
    with scripted(says({"jwt": ["top-sample"]})) as script:
        client = to_script(script, record=exchanges.append)
        with client, pytest.raises(CourseboxError):
            client.courses()

    assert json.loads(exchanges[0].response) == {"jwt": [GONE]}


def test_recorded_bodies_are_cut() -> None:
    exchanges: list[Exchange] = []
    many = [{"id": number, "email": f"p{number}@customer.example"} for number in range(3_000)]
    with scripted(TOKEN, says(many), says({"bio": "x" * 9_000})) as script:
        client = to_script(script, record=exchanges.append)
        assert len(client.learners(101)) == 3_000
        client.user("7")
        client.close()

    assert all(len(each.response) <= LONGEST_BODY for each in exchanges)
    assert "and 2980 more" in exchanges[1].response
    assert exchanges[2].response.endswith("…")


def test_neither_client_nor_token_shows_a_secret_in_its_repr(client: Coursebox) -> None:
    shown = repr(client) + repr(vars(client)) + repr(Token("sample-token", 0.0))

    assert SAMPLE_PASSWORD not in shown
    assert "sample-token" not in shown


# addresses, names, small keepers


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("https://learn.customer.example", "https://learn.customer.example"),
        ("https://learn.customer.example/ ", "https://learn.customer.example"),
        ("https://learn.customer.example:8443", "https://learn.customer.example:8443"),
        ("http://127.0.0.1:8300/", "http://127.0.0.1:8300"),
        ("http://localhost:8300", "http://localhost:8300"),
        ("http://[::1]:8300", "http://[::1]:8300"),
    ],
)
def test_an_address_is_taken_down_to_its_origin(url: str, base: str) -> None:
    assert check_address(url) == base


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://learn.customer.example", "not https"),
        ("http://127.0.0.1.customer.example", "not https"),
        ("ftp://learn.customer.example", "does not begin with https"),
        ("learn.customer.example", "does not begin with https"),
        ("https://", "names no host"),
        ("https://learn.customer.example/api", "has a path"),
        ("https://learn.customer.example/../x", "has a path"),
        ("https://learn.customer.example?x=1", "behind the host"),
        ("https://learn.customer.example#x", "behind the host"),
        ("https://me:sample@learn.customer.example", "user name or password"),
        ("https://learn.customer.example:99999", "cannot be read"),
        ("https://[::1", "cannot be read"),
        ("", "does not begin with https"),
    ],
)
def test_an_address_that_will_not_do_is_refused_with_the_reason(url: str, why: str) -> None:
    with pytest.raises(InvalidArgument, match=why) as caught:
        check_address(url)

    assert "sample" not in str(caught.value)


@pytest.mark.parametrize(
    "value", ["", "ada", "a b@c.example", "@c.example", "a@", "a@b@c", None, 7]
)
def test_what_is_no_address_is_refused(value: object) -> None:
    with pytest.raises(InvalidArgument, match="not an e-mail address"):
        tidy_email(value, "enrol")


@pytest.mark.parametrize(
    ("first", "last", "email", "names"),
    [
        ("Ada", "Lovelace", "x@y.example", ("Ada", "Lovelace")),
        (" Ada  King ", "", "x@y.example", ("Ada", "King")),
        ("", "", "ada.lovelace+lms@y.example", ("Ada", "Lovelace")),
        ("", "", "jean-luc.picard7@y.example", ("Jean-Luc", "Picard")),
        ("", "", "jean-luc@y.example", ("Jean", "Luc")),
        ("", "", "anna_van_der_berg@y.example", ("Anna", "van der Berg")),
        ("", "", "e.o'neil@y.example", ("E", "O'Neil")),
        ("", "", "\u00e9lodie.dupr\u00e9@y.example", ("\u00c9lodie", "Dupr\u00e9")),
        ("", "", "info@acme.example", ("Info", "Acme")),
        ("", "", "sales@mail.acme.co.uk", ("Sales", "Acme")),
        (" ", "\t", "ada@y.example", ("Ada", "Learner")),
        ("ludwig", "van Beethoven", "l@y.example", ("ludwig", "van Beethoven")),
        ("CLAIRE", "d'ARC", "c@y.example", ("CLAIRE", "d'ARC")),
        ("", "", "ada@y.example", ("Ada", "Learner")),
        ("", "", "12345@y.example", ("Learner", "Learner")),
        ("", "Lovelace", "ada@y.example", ("Ada", "Lovelace")),
        ("Ada", "", "ada.lovelace@y.example", ("Ada", "Lovelace")),
        ("Grace", "", "ada.lovelace@y.example", ("Grace", "Learner")),
        ("A\x00d\na", "", "ada@y.example", ("A", "d a")),
        ("x" * 500, "Y", "ada@y.example", ("x" * 100, "Y")),
    ],
)
def test_names_fall_back_on_the_address(
    first: str, last: str, email: str, names: tuple[str, str]
) -> None:
    assert full_name(first, last, email) == names


@pytest.mark.parametrize("password", ["", "x" * 73, "é" * 37])
def test_a_password_that_coursebox_would_echo_is_never_sent(password: str) -> None:
    with scripted(TOKEN) as script:
        client = to_script(script)
        with client, pytest.raises(InvalidArgument, match="72 bytes"):
            client.create_account(ADA, "Ada", "L", password)

    assert script.asked == []


def test_a_value_that_json_cannot_hold_is_refused(client: Coursebox) -> None:
    for value in (float("nan"), object()):
        with pytest.raises(InvalidArgument, match="JSON"):
            client.update_user("7", {"city": value})


def test_a_directory_behind_only_news_is_told_each_pair_once() -> None:
    class Counting(MemoryDirectory):
        told = 0

        def learn(self, email: str, user_id: str) -> None:
            self.told += 1
            super().learn(email, user_id)

    behind = Counting()
    directory = OnlyNews(behind)
    for user_id in ("5", "5", "6"):
        directory.learn(ADA, user_id)

    assert behind.told == 2
    assert (directory.user_id(ADA), directory.email("5")) == ("6", ADA)


def test_dropping_a_token_leaves_a_newer_one() -> None:
    tokens = MemoryTokens()
    tokens.put(Token("new", 0.0))

    tokens.drop("old")
    kept = tokens.get()
    tokens.drop("new")

    assert kept is not None
    assert tokens.get() is None


def test_a_client_given_from_outside_is_used(sim: RunningSimulator) -> None:
    seen: list[str] = []
    with httpx.Client(event_hooks={"request": [lambda it: seen.append(it.url.path)]}) as http:
        open_client(sim, http=http).courses()

    assert seen == ["/auth/login", "/api/Courses/findCourses"]
