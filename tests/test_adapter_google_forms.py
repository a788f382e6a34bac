"""Google Forms: the script that posts responses, run as it is, and what becomes of them."""

import base64
import json
import shutil
import subprocess
import time
from dataclasses import dataclass

import pytest
from hypothesis import given

from senders.delivery import Delivery, Refused
from senders.presets import PRESETS
from senders.reading import read_events
from senders.sources import Source
from senders.verify import verify
from tests.json_values import json_values
from tests.normal_forms import form_of, read, told, well_formed

KEY = b"a made-up secret of 32 bytes \xff\xfe\x80"
SECRET = "whsec_" + base64.b64encode(KEY).decode()
URL = "https://usher.example/hooks/google"
SOURCE = Source("google", PRESETS["google-forms"], secrets=(KEY,))

with_node = pytest.mark.skipif(shutil.which("node") is None, reason="no node to run the script")


def asked(id: int, title: str, type: str, response: object, *rows: str) -> dict[str, object]:
    return {"id": id, "title": title, "type": type, "response": response, "rows": list(rows)}


FORM = {"id": "1Qm7vXb2kR9tLw4NcYzE8sAfHjD3gPu6", "title": "Sign up for a course"}
# what Google's objects hold when tests/samples/google-forms-response.json is posted
RESPONSE = {
    "id": "2_ABaOnuc8r4Tq1VwXy5Zk",
    "at": "2026-04-15T10:00:00.123Z",
    "email": "ada.lindt@meadow.example",
    "answers": [
        asked(1166974658, "Your name", "TEXT", "Ada Lindt"),
        asked(839337160, "Email", "TEXT", "ada@home.example"),
        asked(1046022312, "Course", "MULTIPLE_CHOICE", "Safety Basics"),
        asked(2005620554, "On which days?", "CHECKBOX", ["Monday", "Tuesday", "any evening"]),
        asked(
            *(441225011, "How well do you know", "GRID", ["well", None, "not at all"]),
            *("Ladders", "Knots", "Ropes"),
        ),
        asked(
            *(900418273, "When could you come?", "CHECKBOX_GRID", [None, ["mornings", "evenings"]]),
            *("April", "May"),
        ),
        asked(77120934, "Certificate", "FILE_UPLOAD", ["1a2B3c4D5e"]),
        asked(518822047, "First day", "DATE", "2026-05-04"),
        asked(330017764, "How sure are you?", "SCALE", "4"),
        asked(610533902, "Anything else?", "PARAGRAPH_TEXT", ""),
    ],
}


@dataclass(frozen=True, slots=True)
class Done:
    """What the script did: its posts as deliveries, and all that it told."""

    deliveries: list[Delivery]
    addresses: list[str]
    mails: list[dict[str, str]]
    pauses: list[int]
    triggers: list[str]
    error: str | None


def run(call: str = "postResponse", **scene: object) -> Done:
    told = {
        "call": call,
        "properties": {"USHER_URL": URL, "USHER_SECRET": SECRET},
        "form": FORM,
        "responses": [RESPONSE],
        "answers": [202],
        **scene,
    }
    ran = subprocess.run(
        ["node", "tests/google_script.js"],
        input=json.dumps(told),
        capture_output=True,
        text=True,
        check=True,
    )
    did = json.loads(ran.stdout)
    posts = did.pop("posts")
    return Done([_delivery(post) for post in posts], [post["url"] for post in posts], **did)


def _delivery(post: dict[str, object]) -> Delivery:
    headers = post["headers"]
    assert isinstance(headers, dict)
    assert post["method"] == "post"
    assert post["followRedirects"] is False
    named = {**headers, "Content-Type": post["contentType"]}
    body = base64.b64decode(str(post["payload"]))
    return Delivery("POST", "/hooks/google", tuple(named.items()), body)


@with_node
def test_the_script_posts_what_the_sample_shows_signed_so_that_it_is_let_in() -> None:
    done = run()

    (delivery,) = done.deliveries
    verify(SOURCE, delivery, now=time.time(), public_url=None)
    (event,) = read_events(SOURCE, delivery)
    assert done.addresses == [URL]
    assert json.loads(delivery.body) == read("google-forms-response.json").body
    assert event.identity == "2_ABaOnuc8r4Tq1VwXy5Zk-1776247200123"
    assert event.type == "form.submitted"
    assert str(event.occurred_at) == "2026-04-15 10:00:00.123000+00:00"
    assert (done.mails, done.pauses, done.error) == ([], [], None)


@with_node
def test_letters_of_any_alphabet_are_signed_as_they_are_sent() -> None:
    answers = [asked(1, "Größe 🌿", "TEXT", "Ä\u2028漢字 “x”")]
    response = {"id": "r", "at": "2026-04-15T10:00:00Z", "email": "", "answers": answers}

    done = run(responses=[response])

    (delivery,) = done.deliveries
    verify(SOURCE, delivery, now=time.time(), public_url=None)
    form = form_of("google-forms", json.loads(delivery.body))
    assert form["answers"] == {
        "1": "Ä\u2028漢字 “x”",
        "Größe 🌿": "Ä\u2028漢字 “x”",
        "größe": "Ä\u2028漢字 “x”",
    }


@with_node
def test_a_response_changed_on_its_way_is_refused() -> None:
    (delivery,) = run().deliveries
    forged = Delivery(
        "POST", delivery.target, delivery.headers, delivery.body.replace(b"Ada", b"Eve")
    )

    with pytest.raises(Refused):
        verify(SOURCE, forged, now=time.time(), public_url=None)


@with_node
def test_an_edited_response_is_another_event_and_the_same_one_is_not() -> None:
    edited = {**RESPONSE, "at": "2026-04-15T11:00:00Z"}

    def identity(response: object) -> str:
        (delivery,) = run(responses=[response]).deliveries
        return read_events(SOURCE, delivery)[0].identity

    assert identity(RESPONSE) == identity(dict(RESPONSE))
    assert identity(edited) != identity(RESPONSE)


@with_node
def test_the_script_tries_three_times_and_each_try_is_the_same_event() -> None:
    done = run(answers=[503, "down", 202])

    read = {read_events(SOURCE, delivery)[0].identity for delivery in done.deliveries}
    for delivery in done.deliveries:
        verify(SOURCE, delivery, now=time.time(), public_url=None)
    assert len(done.deliveries) == 3
    assert len(read) == 1
    assert done.pauses == [5000, 30000]
    assert (done.mails, done.error) == ([], None)


@with_node
@pytest.mark.parametrize(
    ("answers", "tries", "last"),
    [
        ([503, 429, 500], 3, "500 said 500"),
        (["down"] * 3, 3, "Error: Address unavailable: " + URL),
        ([401], 1, "401 said 401"),
        ([404], 1, "404 said 404"),
        ([302], 1, "302 said 302"),
    ],
    ids=["busy", "down", "unauthorized", "unknown source", "sent elsewhere"],
)
def test_the_owner_is_told_by_mail_what_usher_did_not_take(
    answers: list[object], tries: int, last: str
) -> None:
    done = run(answers=answers)

    (mail,) = done.mails
    assert len(done.deliveries) == tries
    assert mail["to"] == "owner@school.example"
    assert mail["subject"] == 'Usher did not take a response of "Sign up for a course"'
    assert RESPONSE["id"] in mail["text"]
    assert f"Try {tries}: {last}" in mail["text"]
    assert SECRET not in mail["text"]
    assert done.error == f"Usher did not take the response: {last}"


@with_node
def test_the_mail_goes_to_whom_the_properties_name() -> None:
    properties = {"USHER_URL": URL, "USHER_SECRET": SECRET, "USHER_ALERT": "ops@school.example"}

    assert [mail["to"] for mail in run(answers=[400], properties=properties).mails] == [
        "ops@school.example"
    ]


@with_node
def test_install_leaves_one_trigger_however_often_it_is_run() -> None:
    done = run("install", triggers=["postResponse", "somebodyElses", "postResponse"])

    assert sorted(done.triggers) == ["postResponse", "somebodyElses"]
    assert done.error is None


@with_node
@pytest.mark.parametrize(
    ("properties", "named"),
    [
        ({}, "USHER_URL"),
        ({"USHER_URL": "http://usher.example", "USHER_SECRET": SECRET}, "USHER_URL"),
        ({"USHER_URL": URL, "USHER_SECRET": "whsec_"}, "USHER_SECRET"),
    ],
    ids=["nothing", "not https", "empty secret"],
)
def test_install_names_the_property_that_is_missing(properties: dict[str, str], named: str) -> None:
    done = run("install", properties=properties)

    assert done.error is not None
    assert named in done.error
    assert done.triggers == []


@with_node
def test_the_newest_response_can_be_posted_by_hand() -> None:
    older = {**RESPONSE, "id": "older"}

    (delivery,) = run("postLatest", responses=[older, RESPONSE]).deliveries

    assert json.loads(delivery.body) == read("google-forms-response.json").body
    assert run("postLatest", responses=[]).error == "The form has no response yet."


def test_answers_of_google_forms_are_found_by_title_and_number() -> None:
    form = told("google-forms-response.json")

    answers = form.pop("answers")
    assert form == {
        "form": {"id": "1Qm7vXb2kR9tLw4NcYzE8sAfHjD3gPu6", "title": "Sign up for a course"},
        "submission": {
            "id": "2_ABaOnuc8r4Tq1VwXy5Zk",
            "submitted_at": "2026-04-15T10:00:00.123000Z",
        },
    }
    assert answers == {
        "email": "ada@home.example",
        "respondent_email": "ada.lindt@meadow.example",
        "1166974658": "Ada Lindt",
        "Your name": "Ada Lindt",
        "your_name": "Ada Lindt",
        "839337160": "ada@home.example",
        "Email": "ada@home.example",
        "1046022312": "Safety Basics",
        "Course": "Safety Basics",
        "course": "Safety Basics",
        "2005620554": ["Monday", "Tuesday", "any evening"],
        "On which days?": ["Monday", "Tuesday", "any evening"],
        "on_which_days": ["Monday", "Tuesday", "any evening"],
        "How well do you know [Ladders]": "well",
        "how_well_do_you_know_ladders": "well",
        "How well do you know [Ropes]": "not at all",
        "how_well_do_you_know_ropes": "not at all",
        "When could you come? [May]": ["mornings", "evenings"],
        "when_could_you_come_may": ["mornings", "evenings"],
        "77120934": ["https://drive.google.com/open?id=1a2B3c4D5e"],
        "Certificate": ["https://drive.google.com/open?id=1a2B3c4D5e"],
        "certificate": ["https://drive.google.com/open?id=1a2B3c4D5e"],
        "518822047": "2026-05-04",
        "First day": "2026-05-04",
        "first_day": "2026-05-04",
        "330017764": "4",
        "How sure are you?": "4",
        "how_sure_are_you": "4",
    }


def test_the_address_that_google_collected_is_email_where_no_question_is_called_so() -> None:
    form = told("google-forms-collected-address.json")

    assert form["form"] == {
        "id": "1Zx9Yw8Vu7Ts6Rq5Po4Nm3Lk2Ji1Hg0",
        "title": "Anmeldung für Kräuterkunde 🌿",
    }
    assert form["answers"] == {
        "email": "jörg.weiß@bücher.example",
        "respondent_email": "jörg.weiß@bücher.example",
        "12": "zwölf",
        "Größe der Gruppe?": "zwölf",
        "größe_der_gruppe": "zwölf",
        "13": "ohne Frage",
        "14": "drei",
    }


@given(response=json_values, value=json_values)
def test_any_response_is_read_without_null(response: object, value: object) -> None:
    item = {"id": value, "title": value, "value": value}
    for shape in (response, {"answers": [item, value]}, {"answers": [{"id": 1, "value": value}]}):
        body = {"type": "form.submitted", "data": {"response": shape, "form": value}}
        assert well_formed("google-forms", body)
