"""The simulator's page: what a person who tries out rules sees, and that it is safe to look at."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import httpx
import pytest

from coursebox.simulator import SWITCHES, RunningSimulator, running_simulator

VOID = frozenset({"meta", "link", "br"})


@pytest.fixture
def sim() -> Iterator[RunningSimulator]:
    with running_simulator() as running:
        yield running


@pytest.fixture
def api(sim: RunningSimulator) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=sim.url, verify=False) as client:  # noqa: S501 (plain http)
        given = {"email": sim.email, "password": sim.password}
        token = client.post("/auth/login", json=given).json()["token"]["id"]
        client.headers["X-Access-Token"] = token
        yield client


class Nesting(HTMLParser):
    """The elements still open at the end, and those closed out of turn."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.open and self.open[-1] == tag:
            self.open.pop()
        else:
            self.wrong.append(tag)


def page_of(api: httpx.Client) -> str:
    reply = api.get("/")
    assert reply.headers["Content-Type"] == "text/html; charset=utf-8"
    return reply.text


def words(page: str) -> str:
    """What is read on the page, without its markup."""
    body = page[page.index("<body>") :]
    return " ".join(re.sub(r"<[^>]*>", " ", body).split())


def invite(api: httpx.Client, email: str, course: int = 102) -> None:
    body = {"courseId": course, "data": {"courseid": course, "email": email}}
    assert api.post("/api/Courses/inviteUserForCourse", json=body).status_code == 200


def test_learners_stand_in_their_course_the_newest_first(
    sim: RunningSimulator, api: httpx.Client
) -> None:
    early = sim.add_person("early@customer.example", "Early", "Bird", courses=[101])
    sim.advance(7200)
    late = sim.add_person("late@customer.example", "Late", "Owl")
    api.post("/api/Courses/101/enrolUser", json={"id": 101, "userId": late})

    seen = words(page_of(api))

    assert re.search(
        rf"Safety Basics 2 learners · 101 Late Owl late@customer.example enrolled \d s ago new · "
        rf"{late} Early Bird early@customer.example added by hand 2 h ago · {early} First Aid",
        seen,
    )
    assert "2 people with an account · 2 calls · 1 log-in" in seen


def test_a_learner_who_is_listed_later_is_marked(sim: RunningSimulator, api: httpx.Client) -> None:
    sim.switch(listing_lag=60)
    ada = sim.add_person("ada@customer.example")
    api.post("/api/Courses/101/enrolUser", json={"id": 101, "userId": ada})
    before = words(page_of(api))

    sim.advance(60)

    assert "not listed yet" in before
    assert "not listed yet" not in words(page_of(api))


def test_invitations_wait_until_they_are_accepted(sim: RunningSimulator, api: httpx.Client) -> None:
    invite(api, "grace@customer.example")
    invite(api, "grace@customer.example")
    waiting = words(page_of(api))

    sim.accept_invitation(102, "grace@customer.example")

    accepted = words(page_of(api))
    assert "Invitations waiting (1)" in waiting
    assert re.search(r"grace@customer.example First Aid \(102\) \d s ago new 2", waiting)
    assert "Invitations waiting" not in accepted
    assert "grace@customer.example by invitation" in accepted


def test_the_last_twenty_calls_are_shown_the_newest_first(
    sim: RunningSimulator, api: httpx.Client
) -> None:
    for number in range(2001, 2031):
        api.get(f"/api/WineUsers/{number}")
    sim.add_fault("getUser", "drop_before", match="3000")
    with pytest.raises(httpx.RemoteProtocolError):
        api.get("/api/WineUsers/3000")

    page = page_of(api)

    shown = re.findall(r"<code>GET /api/WineUsers/(\d+)</code>", page)
    assert shown == ["3000", *(str(number) for number in range(2030, 2011, -1))]
    assert re.search(r"getUser dropped drop_before 1 GET /api/WineUsers/3000", words(page))
    assert re.search(r"getUser 404 1 GET /api/WineUsers/2030", words(page))


@pytest.mark.parametrize(
    ("query", "unenrol", "sentence"),
    [
        ("", "one", "a DELETE without userid has emptied a course: Safety Basics (101)"),
        ("?userid=", "one", "a DELETE with an empty userid has emptied"),
        ("?userID=1001", "one", "a DELETE whose userid was misspelt has emptied"),
        ("?userid=1001", "everybody", "a DELETE with a correct userid, as the switch"),
    ],
)
def test_a_sprung_trap_is_an_alert(
    sim: RunningSimulator, api: httpx.Client, query: str, unenrol: str, sentence: str
) -> None:
    sim.switch(unenrol=unenrol)
    sim.add_person("ada@customer.example", courses=[101])
    quiet = page_of(api)

    api.delete(f"/api/Courses/101/users{query}")

    page = page_of(api)
    (alert,) = re.findall(r'<p class="alarm" role="alert">([^<]*)</p>', page)
    assert sentence in alert
    assert "1 seat lost" in alert
    assert "Trap sprung!" in page
    assert "role=" not in quiet


def test_a_locked_api_user_is_an_alert(sim: RunningSimulator, api: httpx.Client) -> None:
    sim.switch(failed_logins=1)

    api.post("/auth/login", json={"email": sim.email, "password": "wrong"})

    assert "The API user is locked" in words(page_of(api))


def test_switches_and_trouble_in_line_are_shown(sim: RunningSimulator, api: httpx.Client) -> None:
    sim.switch(duplicate_account="hidden", administered=[101, 102], token_ttl=90)
    sim.add_fault("enrolUser", "status", status=502, every=3)

    seen = words(page_of(api))

    assert "duplicate_account hidden (changed) createAccount for an e-mail" in seen
    assert "administered 101, 102 (changed)" in seen
    assert "token_ttl 90 (changed)" in seen
    assert "replies bare good replies" in seen
    assert "status enrolUser times null, every 3, status 502 0" in seen
    assert [name for name in SWITCHES if f" {name} " not in seen] == []


def test_what_others_wrote_is_shown_as_text(sim: RunningSimulator, api: httpx.Client) -> None:
    nasty = "<script>alert('1')</script>\"&"
    sim.reset(courses={101: nasty})
    sim.add_person(f"{nasty}@x.example", nasty, nasty, courses=[101])
    sim.add_fault("login", "status", status=500, match=nasty, body=nasty, times=None)
    api.get(f"/{nasty}")
    token = api.post("/auth/login", json={"email": sim.email, "password": sim.password})
    api.headers["X-Access-Token"] = token.json()["token"]["id"]
    invite(api, "a<b>@c.d", 101)

    page = page_of(api)

    nesting = Nesting()
    nesting.feed(page)
    assert "<script" not in page
    assert page.count("&lt;script&gt;alert(") >= 5
    assert (nesting.open, nesting.wrong) == ([], [])


def test_nothing_is_fetched_from_elsewhere(sim: RunningSimulator, api: httpx.Client) -> None:
    sim.add_person("ada@customer.example", courses=[101])

    page = page_of(api)

    assert set(re.findall(r'(?:src|href)="([^"]*)"', page)) == {"data:,", "/?paused"}
    assert "url(" not in page
    assert "<script" not in page


def test_a_browser_is_told_to_run_no_script(api: httpx.Client) -> None:
    policy = api.get("/").headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "script-src" not in policy


def test_it_reloads_until_that_is_stopped(api: httpx.Client) -> None:
    assert 'http-equiv="refresh"' in api.get("/").text
    assert 'http-equiv="refresh"' not in api.get("/?paused").text
    assert 'href="/"' in api.get("/?paused").text


def test_a_crowd_does_not_make_it_endless(sim: RunningSimulator, api: httpx.Client) -> None:
    for number in range(60):
        sim.add_person(f"p{number}@customer.example", courses=[101])

    seen = words(page_of(api))

    assert "60 learners · 101" in seen
    assert "and 10 who came earlier" in seen
    assert "p59@customer.example" in seen
    assert "p9@customer.example" not in seen
