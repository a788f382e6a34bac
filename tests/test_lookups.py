"""Looking things up: what is given, what each failure leads to, and what is written down of it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from coursebox.client import Coursebox
from coursebox.exchange import Exchange
from coursebox.simulator import RunningSimulator, running_simulator
from coursebox.tokens import MemoryTokens
from tests.crm_server import HERE, Crm, Reply, crm
from workers.lookups import Door, LookUpFailed, LookUps, read_definitions

TOKEN = "b7d1c0de-token-of-the-crm"
DEAL = """
crm.deal:
  url: CRM/deals/{id}
  headers: {Authorization: "Bearer ${CRM_TOKEN}"}
  parameters: {id: text}
  private_addresses: [127.0.0.1]
"""


def deal(**keys: str) -> str:
    return DEAL + "".join(f"  {key}: {text}\n" for key, text in keys.items())


@pytest.fixture
def server() -> Iterator[Crm]:
    with crm() as known:
        yield known


def look_up(server: Crm, text: str = DEAL, id: object = 7) -> Any:
    with server.lookups(text, CRM_TOKEN=TOKEN) as lookups:
        return lookups("crm.deal", {"id": id})


def failure(server: Crm, text: str = DEAL, id: object = 7) -> LookUpFailed:
    with pytest.raises(LookUpFailed) as failed:
        look_up(server, text, id)
    return failed.value


# -- what is given ---------------------------------------------------------------------------------


def test_the_whole_reply_is_given_where_no_fields_are_named(server: Crm) -> None:
    server.replies["/deals/7"] = {"id": 7, "people": [{"email": "mira@harbour.example"}]}

    assert look_up(server) == {"id": 7, "people": [{"email": "mira@harbour.example"}]}


def test_fields_are_given_by_name_and_left_out_where_they_are_not(server: Crm) -> None:
    server.replies["/deals/7"] = {"id": 7, "people": [{"email": "mira@harbour.example"}], "x": None}
    fields = "{number: id, first: 'people[0].email', all: 'people[].email', none: a.b, x: x}"

    assert look_up(server, deal(gives=fields)) == {
        "number": 7,
        "first": "mira@harbour.example",
        "all": ["mira@harbour.example"],
        "x": None,
    }


@pytest.mark.parametrize(
    ("place", "reply"),
    [
        ("data.people", {"data": {"people": [{"mail": "a@x.example"}, {}]}}),
        ("$", [{"mail": "a@x.example"}, {}]),
        ("'[0]'", [[{"mail": "a@x.example"}, {}]]),
    ],
    ids=["below keys", "the reply itself", "its first entry"],
)
def test_a_list_is_given_item_by_item(server: Crm, place: str, reply: object) -> None:
    server.replies["/deals/7"] = reply

    assert look_up(server, deal(list=place, gives="{email: mail}")) == [
        {"email": "a@x.example"},
        {},
    ]


def test_a_list_that_is_null_is_empty_and_one_that_is_not_there_is_a_mistake(server: Crm) -> None:
    server.replies = {"/deals/7": {"people": None}, "/deals/8": {"persons": []}}

    assert look_up(server, deal(list="people")) == []
    assert failure(server, deal(list="people"), id=8).decision == "give_up"
    assert "has no list where lookups.yaml says" in failure(server, deal(list="people"), 8).message


# -- pages -----------------------------------------------------------------------------------------


def test_pages_are_followed_by_their_address(server: Crm) -> None:
    server.replies = {
        "/deals/7": {"all": [1], "next": "/deals/7?page=2"},
        "/deals/7?page=2": {"all": [2], "next": f"{server.url}/deals/7?page=3"},
        "/deals/7?page=3": {"all": [3], "next": None},
    }

    assert look_up(server, deal(list="all", paging="{next: next}")) == [1, 2, 3]


def test_pages_are_followed_by_a_mark(server: Crm) -> None:
    server.replies = {
        "/deals/7": {"all": [1], "meta": {"cursor": "a b"}},
        "/deals/7?after=a%20b": {"all": [2], "meta": {"cursor": 9}},
        "/deals/7?after=9": {"all": [3], "meta": {"cursor": ""}},
    }

    paging = "{cursor: meta.cursor, parameter: after}"
    assert look_up(server, deal(list="all", paging=paging)) == [1, 2, 3]


def test_pages_are_followed_by_counting(server: Crm) -> None:
    server.replies = {
        "/deals/7?skip=0": {"all": [1, 2]},
        "/deals/7?skip=2": {"all": [3, 4]},
        "/deals/7?skip=4": {"all": []},
    }

    assert look_up(server, deal(list="all", paging="{offset: skip, page_size: 2}")) == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("paging", "said"),
    [
        ("{next: next, most_pages: 3}", "more than 3 pages"),
        ("{next: next, most_items: 3}", "more than 3 items"),
    ],
)
def test_a_list_that_is_too_long_is_refused_and_not_cut(
    server: Crm, paging: str, said: str
) -> None:
    server.replies["/deals/7"] = {"all": [1, 2], "next": "/deals/7"}

    failed = failure(server, deal(list="all", paging=paging))

    assert (failed.decision, said in failed.message) == ("give_up", True)


def test_a_page_elsewhere_gets_no_key(server: Crm) -> None:
    with crm() as other:
        server.replies["/deals/7"] = {"all": [1], "next": "https://evil.example/"}
        assert failure(server, deal(list="all", paging="{next: next}")).decision == "give_up"

        server.replies["/deals/7"] = {"all": [1], "next": other.url.replace(HERE, "localhost")}
        assert failure(server, deal(list="all", paging="{next: next}")).decision == "give_up"

        assert other.asked == []


@pytest.mark.parametrize("mark", [True, {"a": 1}, "https://[broken/", "mailto:ops@x.example"])
def test_a_mark_that_leads_nowhere_is_a_failure_and_not_the_end(server: Crm, mark: object) -> None:
    server.replies["/deals/7"] = {"all": [1], "next": mark}

    assert failure(server, deal(list="all", paging="{next: next}")).decision == "retry"


def test_a_page_that_was_announced_and_is_gone_is_a_failure_and_not_the_end(server: Crm) -> None:
    server.replies["/deals/7"] = {"all": [1], "next": "/deals/gone"}
    text = deal(list="all", paging="{next: next}", not_found="absent")

    assert failure(server, text).decision == "retry"


def test_where_pages_are_counted_one_that_is_not_there_is_the_end(server: Crm) -> None:
    server.replies = {"/deals/7?skip=0": {"all": [1, 2]}, "/deals/7?skip=2": Reply(status=204)}
    paging = "{offset: skip, page_size: 2}"

    assert look_up(server, deal(list="all", paging=paging, not_found="absent")) == [1, 2]


# -- redirects -------------------------------------------------------------------------------------


def test_a_redirect_within_the_host_is_followed(server: Crm) -> None:
    server.replies = {
        "/deals/7": Reply(status=301, headers={"Location": "/deals/8"}),
        "/deals/8": Reply(status=307, headers={"Location": f"{server.url}/deals/9"}),
        "/deals/9": {"id": 9},
    }

    assert look_up(server) == {"id": 9}


def test_a_redirect_elsewhere_gets_no_key(server: Crm) -> None:
    with crm() as other:
        server.replies["/deals/7"] = Reply(status=302, headers={"Location": f"{other.url}/deals/7"})

        failed = failure(server)

        assert other.asked == []
    assert failed.decision == "give_up"
    assert f"HTTP 302 to {other.url}" in failed.message


def test_a_redirect_without_end_is_given_up(server: Crm) -> None:
    server.replies["/deals/7"] = Reply(status=302, headers={"Location": "/deals/7"})

    assert "more than 3 times" in failure(server).message
    assert len(server.asked) == 4


@pytest.mark.parametrize("location", [{}, {"Location": "javascript:alert(1)"}, {"Location": ":"}])
def test_a_redirect_to_nowhere_is_given_up(server: Crm, location: dict[str, str]) -> None:
    server.replies = {"/deals/7": Reply(status=302, headers=location)}

    assert failure(server).decision == "give_up"


# -- what a failure leads to -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "decision"),
    [
        *((400, "give_up"), (401, "hold"), (403, "hold"), (404, "give_up"), (405, "give_up")),
        *((408, "retry"), (410, "give_up"), (422, "give_up"), (425, "retry"), (429, "retry")),
        *((500, "retry"), (501, "retry"), (502, "retry"), (503, "retry"), (504, "retry")),
        *((304, "give_up"), (600, "retry")),
    ],
)
def test_every_status_has_its_decision(server: Crm, status: int, decision: str) -> None:
    server.replies["/deals/7"] = Reply({"message": "no"}, status)

    failed = failure(server)

    assert failed.decision == decision
    assert f"HTTP {status}" in failed.message
    assert failed.destination == f"lookup:{HERE}"


@pytest.mark.parametrize("status", [404, 410, 204])
def test_nothing_there_is_nothing_where_that_is_allowed(server: Crm, status: int) -> None:
    server.replies["/deals/7"] = Reply({}, status)

    assert look_up(server, deal(not_found="absent")) is None
    assert look_up(server, deal(not_found="absent", list="all")) == []
    assert failure(server, deal(not_found="error")).decision == "give_up"


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b'{"a": NaN}', b'{"a": 1, "a": 2}', b"\xff", b"[" * 200 + b"]" * 200],
    ids=["nothing", "a page", "no number", "a key twice", "no text", "too deep"],
)
def test_what_is_not_strict_json_is_asked_for_again(server: Crm, body: bytes) -> None:
    server.replies["/deals/7"] = Reply(body)

    assert failure(server).decision == "retry"


def test_a_retry_waits_as_long_as_it_is_asked_to(server: Crm) -> None:
    server.replies = {
        "/deals/7": Reply({}, 429, {"Retry-After": "17"}),
        "/deals/8": Reply({}, 403, {"Retry-After": "17"}),
    }

    assert failure(server).retry_after == 17
    assert failure(server, id=8).retry_after is None


def test_a_host_that_is_down_is_tried_again() -> None:
    with crm() as gone:
        pass

    assert failure(gone).decision == "retry"


def test_a_private_address_holds_until_somebody_looks(server: Crm) -> None:
    url = f"http://localhost:{server.port}/"
    text = DEAL.replace("[127.0.0.1]", "[localhost]").replace("CRM/", url)
    inside = Door(lambda host, port: ["169.254.169.254"])

    with (
        LookUps(read_definitions(text), {"CRM_TOKEN": TOKEN}, {}, inside) as lookups,
        pytest.raises(LookUpFailed, match="cloud's metadata") as failed,
    ):
        lookups("crm.deal", {"id": 7})

    assert (failed.value.decision, failed.value.destination) == ("hold", "lookup:localhost")


def test_a_look_up_without_its_key_holds_and_says_why(server: Crm) -> None:
    with server.lookups(DEAL) as lookups:
        with pytest.raises(LookUpFailed, match="CRM_TOKEN is not set") as failed:
            lookups("crm.deal", {"id": 7})
        assert lookups.destination("crm.deal") == "lookup:crm.deal"

    assert (failed.value.decision, failed.value.destination) == ("hold", "lookup:crm.deal")


def test_a_value_that_cannot_be_is_given_up_and_not_sent(server: Crm) -> None:
    assert failure(server, id="..").decision == "give_up"
    assert server.asked == []


def test_a_look_up_that_is_not_there_is_given_up(server: Crm) -> None:
    with server.lookups(DEAL) as lookups, pytest.raises(LookUpFailed) as failed:
        lookups("crm.deals", {})

    assert (failed.value.decision, "no such look-up" in failed.value.message) == ("give_up", True)


# -- what is written down --------------------------------------------------------------------------


def test_exchanges_are_written_down_without_keys(server: Crm) -> None:
    server.replies["/deals/7?api_key=" + TOKEN] = {
        "id": 7,
        "echo": f"Bearer {TOKEN}",
        "token": "x1",
    }
    text = deal().replace("{id}", "{id}?api_key=${CRM_TOKEN}")
    seen: list[Exchange] = []

    with server.lookups(text, CRM_TOKEN=TOKEN) as lookups:
        lookups.recording(seen.append)("crm.deal", {"id": 7})
        lookups("crm.deal", {"id": 7})

    (exchange,) = seen
    assert TOKEN not in repr(exchange)
    assert (exchange.call, exchange.method, exchange.status) == ("crm.deal", "GET", 200)
    assert exchange.path == f"{server.url}/deals/7?api_key=(redacted)"
    assert json.loads(exchange.response) == {
        "id": 7,
        "echo": "Bearer (redacted)",
        "token": "(redacted)",
    }


def test_a_failure_is_written_down_as_well(server: Crm) -> None:
    server.replies["/deals/7"] = Reply(f"refused {TOKEN}".encode(), 500, cut=True)
    seen: list[Exchange] = []

    with (
        server.lookups(DEAL, CRM_TOKEN=TOKEN) as lookups,
        pytest.raises(LookUpFailed) as failed,
    ):
        lookups.recording(seen.append)("crm.deal", {"id": 7})

    assert [(each.status, each.error) for each in seen] == [(None, failed.value.message)]
    assert TOKEN not in repr(seen)


def test_no_message_holds_a_key(server: Crm) -> None:
    text = deal().replace("{id}", "{id}?api_key=${CRM_TOKEN}")
    target = f"/deals/7?api_key={TOKEN}"
    messages = []
    for reply in (
        Reply({"m": TOKEN}, 400),
        Reply({"m": TOKEN}, 401),
        Reply(TOKEN.encode()),
        Reply(status=302, headers={"Location": f"https://x.example/?{TOKEN}"}),
    ):
        server.replies[target] = reply
        messages.append(failure(server, text).message)

    assert len(messages) == 4
    assert TOKEN not in "".join(messages)


# -- Coursebox -------------------------------------------------------------------------------------


@pytest.fixture
def sim() -> Iterator[RunningSimulator]:
    with running_simulator() as simulator:
        yield simulator


@pytest.fixture
def lookups(sim: RunningSimulator) -> Iterator[LookUps]:
    with (
        Coursebox(sim.url, sim.email, sim.password, tokens=MemoryTokens()) as client,
        LookUps({}, {}, {"default": client}, Door()) as found,
    ):
        yield found


def test_the_reads_of_coursebox_are_look_ups(lookups: LookUps) -> None:
    seen: list[Exchange] = []

    courses: Any = lookups.recording(seen.append)("coursebox.courses", {})
    course: Any = lookups("coursebox.course", {"course_id": courses[0]["id"]})
    learners = lookups("coursebox.learners", {"course_id": courses[0]["id"]})

    assert course["id"] == courses[0]["id"]
    assert learners == []
    assert "findCourses" in seen[-1].path


def test_what_coursebox_refuses_has_its_own_decision(lookups: LookUps) -> None:
    with pytest.raises(LookUpFailed) as failed:
        lookups("coursebox.user", {"user_id": "no-such-user"})

    assert (failed.value.decision, failed.value.destination) == ("give_up", "coursebox")


def test_an_empty_id_never_reaches_coursebox(lookups: LookUps, sim: RunningSimulator) -> None:
    with pytest.raises(LookUpFailed, match="empty") as failed:
        lookups("coursebox.learners", {"course_id": ""})

    assert failed.value.decision == "give_up"
    assert sim.calls() == []


def test_without_coursebox_its_look_ups_wait() -> None:
    with LookUps({}, {}, {}, Door()) as lookups, pytest.raises(LookUpFailed) as failed:
        lookups("coursebox.courses", {})

    assert (failed.value.decision, failed.value.destination) == ("hold", "coursebox")
