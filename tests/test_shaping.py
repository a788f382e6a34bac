"""Recorded bodies in the shape in which their sender posts them."""

import json
from email import message_from_bytes
from urllib.parse import parse_qsl

import pytest

from senders.preset import Auth, BodyKind, Preset
from senders.recorded import Recorded
from senders.shaping import FORM, MULTIPART, XML, shape

JSON_KIND = Preset("a", Auth.HMAC)
FORM_KIND = Preset("b", Auth.PATH, body=(BodyKind.FORM,), json_fields=("payload", "more.raw"))
MULTIPART_KIND = Preset("c", Auth.PATH, body=(BodyKind.MULTIPART, BodyKind.FORM))
SOAP_KIND = Preset("d", Auth.PATH, body=(BodyKind.SOAP,))


@pytest.mark.parametrize(
    ("preset", "recorded", "content_type"),
    [
        pytest.param(JSON_KIND, Recorded(b' {"a":  1}'), "application/json", id="JSON"),
        pytest.param(
            FORM_KIND,
            Recorded(b'{"a": 1}', "application/json; charset=utf-8"),
            "application/json; charset=utf-8",
            id="JSON that was recorded as such",
        ),
        pytest.param(FORM_KIND, Recorded(b"a=1&b%5Bc%5D=2"), FORM, id="a form already"),
        pytest.param(SOAP_KIND, Recorded(b"<a/>\n"), XML, id="XML"),
        pytest.param(JSON_KIND, Recorded(b"not JSON"), "application/json", id="nonsense"),
    ],
)
def test_a_body_that_has_its_shape_goes_as_it_is(
    preset: Preset, recorded: Recorded, content_type: str
) -> None:
    shaped = shape(preset, recorded)

    assert (shaped.body, shaped.content_type) == (recorded.body, content_type)


def test_recorded_headers_go_along() -> None:
    recorded = Recorded(b"{}", headers=(("X-Topic", "a"),))

    assert shape(JSON_KIND, recorded).headers == (("X-Topic", "a"),)


def test_the_line_break_at_the_end_of_a_form_is_the_editors() -> None:
    assert shape(FORM_KIND, Recorded(b"a=1&b=2\n")).body == b"a=1&b=2"


FIELDS = {
    "type": "deal_add",
    "deal": {"id": 7, "title": "Sch\u00f6n & gut", "won": True, "lost": None},
    "tags": ["a", "b"],
    "items": [{"sku": "x"}, {"sku": "y"}],
    "payload": {"user": "ada", "n": 1.5},
    "more": {"raw": [1], "text": "t"},
}


def test_json_fields_become_a_form_with_brackets() -> None:
    shaped = shape(FORM_KIND, Recorded(json.dumps(FIELDS).encode()))

    assert shaped.content_type == FORM
    assert parse_qsl(shaped.body.decode("ascii"), keep_blank_values=True) == [
        ("type", "deal_add"),
        ("deal[id]", "7"),
        ("deal[title]", "Sch\u00f6n & gut"),
        ("deal[won]", "true"),
        ("deal[lost]", ""),
        ("tags[]", "a"),
        ("tags[]", "b"),
        ("items[0][sku]", "x"),
        ("items[1][sku]", "y"),
        ("payload", '{"user": "ada", "n": 1.5}'),
        ("more[raw]", "[1]"),
        ("more[text]", "t"),
    ]


def test_a_json_field_that_is_text_already_stays() -> None:
    shaped = shape(FORM_KIND, Recorded(b'{"payload": "{ }", "more": 5}'))

    assert parse_qsl(shaped.body.decode()) == [("payload", "{ }"), ("more", "5")]


def test_json_fields_become_multipart_with_a_boundary_of_their_own() -> None:
    fields = {
        "formID": "1",
        "q[a]": {"first": 'Ada "L"'},
        "upload": {"filename": "a.txt", "content_type": "text/plain", "size": 3},
    }

    shaped = shape(MULTIPART_KIND, Recorded(json.dumps(fields).encode()))

    assert shaped.content_type.startswith(f"{MULTIPART}; boundary=")
    head = f"Content-Type: {shaped.content_type}\r\n\r\n".encode()
    parts = message_from_bytes(head + shaped.body).get_payload()
    assert isinstance(parts, list)
    assert [(part.get_param("name", header="Content-Disposition")) for part in parts] == [
        "formID",
        "q[a][first]",
        "upload",
    ]
    assert [part.get_payload() for part in parts] == ["1", 'Ada "L"', "..."]
    assert (parts[2].get_filename(), parts[2].get_content_type()) == ("a.txt", "text/plain")


@pytest.mark.parametrize(
    "content_type",
    [None, MULTIPART, f"{MULTIPART}; boundary=x1"],
    ids=["not recorded", "without boundary", "with it"],
)
def test_multipart_kept_with_bare_line_feeds_gets_its_crlf_back(content_type: str | None) -> None:
    raw = b'--x1\nContent-Disposition: form-data; name="a"\n\n1\n--x1--\n'

    shaped = shape(MULTIPART_KIND, Recorded(raw, content_type))

    assert shaped.body == raw.replace(b"\n", b"\r\n")
    assert shaped.content_type.replace('"', "") == f"{MULTIPART}; boundary=x1"


def test_half_a_character_in_a_field_is_no_reason_to_fail() -> None:
    shaped = shape(FORM_KIND, Recorded(b'{"a": "\\ud800"}'))

    assert shaped.body == b"a=%3F"
