"""Bodies of every kind as one JSON value; hostile ones as Malformed, and as nothing else."""

import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from senders.bodies import read_body
from senders.delivery import Delivery, Malformed, UnsupportedType
from senders.preset import Auth, Batch, BodyKind, Preset
from senders.strict_json import deeper_than

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=XX"
XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'


def preset(*kinds: BodyKind, json_fields: Sequence[str] = (), batch: str = "") -> Preset:
    return Preset(
        "x",
        Auth.NONE,
        body=kinds,
        json_fields=tuple(json_fields),
        batch=Batch(batch) if batch else None,
    )


ANY = preset(*BodyKind)
PRESETS = {kind: preset(kind) for kind in BodyKind}


def delivery(body: bytes, content_type: str | None) -> Delivery:
    headers = () if content_type is None else (("Content-Type", content_type),)
    return Delivery("POST", "/hooks/x", headers, body)


def read(body: bytes | str, content_type: str | None, row: Preset = ANY) -> object:
    raw = body.encode() if isinstance(body, str) else body
    return read_body(row, delivery(raw, content_type))


def form(body: bytes | str, charset: str = "") -> object:
    return read(body, FORM + (f"; charset={charset}" if charset else ""), PRESETS[BodyKind.FORM])


# -- Which kind it is ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", '{"a": "1"}'),
        ("Application/JSON ; charset=utf-8", '{"a": "1"}'),
        ("application/vnd.shop.v2+json", '{"a": "1"}'),
        (None, '{"a": "1"}'),
        ("", '{"a": "1"}'),
        (FORM, "a=1"),
        (FORM + "; charset=UTF-8", "a=1"),
        (FORM, '{"a": "1"}'),
        (MULTIPART, '--XX\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--XX--\r\n'),
        ("text/xml; charset=utf-8", "<Envelope><Body><x><a>1</a></x></Body></Envelope>"),
        ("application/soap+xml", "<Envelope><Body><x><a>1</a></x></Body></Envelope>"),
        ("application/xml", "<Envelope><Body><x><a>1</a></x></Body></Envelope>"),
    ],
)
def test_the_content_type_says_how_a_body_is_read(content_type: str | None, body: str) -> None:
    assert read(body, content_type) == {"a": "1"}


@pytest.mark.parametrize(
    ("row", "content_type", "message"),
    [
        pytest.param(
            PRESETS[BodyKind.JSON], "text/plain", "reads application/json only", id="json alone"
        ),
        pytest.param(
            PRESETS[BodyKind.JSON], FORM, "application/json only, not forms", id="not forms"
        ),
        pytest.param(PRESETS[BodyKind.FORM], "application/json", f"reads {FORM} only", id="form"),
        pytest.param(
            preset(BodyKind.JSON, BodyKind.FORM),
            "text/xml",
            f"reads application/json or {FORM} only",
            id="two kinds",
        ),
        pytest.param(PRESETS[BodyKind.SOAP], MULTIPART, "reads text/xml only", id="soap"),
    ],
)
def test_a_type_that_the_sender_does_not_use_is_refused_with_those_it_does(
    row: Preset, content_type: str, message: str
) -> None:
    with pytest.raises(UnsupportedType) as told:
        read("a=1", content_type, row)

    assert message in str(told.value)


def test_a_source_of_json_reads_what_curl_calls_a_form() -> None:
    assert read("[1]", FORM, PRESETS[BodyKind.JSON]) == [1]
    assert read("7", FORM, PRESETS[BodyKind.JSON]) == 7
    assert read("7", FORM) == {"7": ""}


# -- Forms -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "value"),
    [
        pytest.param("a=1&b=2", {"a": "1", "b": "2"}, id="plain"),
        pytest.param("a=1+2%2B3&b%20c=%C3%A9", {"a": "1 2+3", "b c": "é"}, id="percent"),
        pytest.param("a=é", {"a": "é"}, id="raw UTF-8"),
        pytest.param("a&b=&=c", {"a": "", "b": "", "": "c"}, id="without name or value"),
        pytest.param("a=b=c&&d=1&", {"a": "b=c", "d": "1"}, id="more of = and &"),
        pytest.param("a=100%&b=%zz", {"a": "100%", "b": "%zz"}, id="percent of nothing"),
        pytest.param(
            "contact[id]=7&contact[fields][1]=x&contact[fields][2]=",
            {"contact": {"id": "7", "fields": {"1": "x", "2": ""}}},
            id="nested",
        ),
        pytest.param("c%5Bd%5D=1", {"c": {"d": "1"}}, id="escaped brackets"),
        pytest.param("t[]=a&t[]=b&u[]=c", {"t": ["a", "b"], "u": ["c"]}, id="lists"),
        pytest.param("x[t][]=a", {"x": {"t": ["a"]}}, id="nested list"),
        pytest.param("t=a&t=b&t[]=c", {"t": ["a", "b", "c"]}, id="repeated"),
        pytest.param("a[b=1", {"a[b": "1"}, id="open bracket"),
        pytest.param("a]b=1&[a]=2&]=3", {"a]b": "1", "[a]": "2", "]": "3"}, id="stray brackets"),
        pytest.param("a[][]=1", {"a[][]": "1"}, id="list of lists"),
        pytest.param("a[][b]=1", {"a[][b]": "1"}, id="list of objects"),
        pytest.param("a[b]c=1", {"a[b]c": "1"}, id="text after brackets"),
        pytest.param("__proto__[x]=1", {"__proto__": {"x": "1"}}, id="proto"),
        pytest.param("a=1&a[b]=2", {"a": "1", "a[b]": "2"}, id="value, then nested"),
        pytest.param("a[b]=2&a=1", {"a[b]": "2", "a": "1"}, id="nested, then value"),
        pytest.param(
            "a[b]=1&a[b][c]=2&a[d]=3", {"a": {"b": "1", "d": "3"}, "a[b][c]": "2"}, id="below"
        ),
        pytest.param("a[]=1&a[0]=2", {"a": ["1"], "a[0]": "2"}, id="list and object"),
        pytest.param("a" + "[b]" * 20 + "=1", {"a" + "[b]" * 20: "1"}, id="nested too deep"),
    ],
)
def test_brackets_nest_and_odd_names_stay_as_they_are(body: str, value: object) -> None:
    assert form(body) == value


def test_a_form_in_latin_1_is_read_when_it_says_so() -> None:
    assert form(b"a=%E9&b=\xe9", "ISO-8859-1") == {"a": "é", "b": "é"}


@pytest.mark.parametrize(
    ("body", "charset", "error", "message"),
    [
        pytest.param(b"", "", Malformed, "empty", id="empty"),
        pytest.param(b" \r\n", "", Malformed, "empty", id="blank"),
        pytest.param(b"a=%E9", "", Malformed, "not UTF-8", id="latin-1 in silence"),
        pytest.param(b"a=%ED%A0%80", "", Malformed, "not UTF-8", id="half a surrogate pair"),
        pytest.param(b"a=1", "utf-16", UnsupportedType, "UTF-8 or ISO", id="another charset"),
        pytest.param(b"a=1", "rot13", UnsupportedType, "UTF-8 or ISO", id="no charset"),
        pytest.param(b"a=1&" * 2001, "", Malformed, "more than 2000 fields", id="too many"),
    ],
)
def test_a_form_that_cannot_be_read_says_why(
    body: bytes, charset: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        form(body, charset)


def test_as_many_fields_as_are_allowed_are_read() -> None:
    assert form("&".join(f"f{n}=1" for n in range(2000))) == {f"f{n}": "1" for n in range(2000)}


# -- Multipart -------------------------------------------------------------------------------------


def part(content: bytes, *headers: str) -> bytes:
    return b"--XX\r\n" + "\r\n".join(headers).encode() + b"\r\n\r\n" + content + b"\r\n"


def multipart(*parts: bytes, end: bytes = b"--XX--\r\n") -> object:
    return read(b"".join(parts) + end, MULTIPART, PRESETS[BodyKind.MULTIPART])


def field(name: str, content: bytes = b"1", *headers: str) -> bytes:
    return part(content, f'Content-Disposition: form-data; name="{name}"', *headers)


def test_a_multipart_form_is_read_like_any_form() -> None:
    assert multipart(
        field("formID", b"7"),
        field("q3[first]", "Zoë".encode()),
        field("q3[last]", b"two\r\nlines"),
        field("tick[]", b"a"),
        field("tick[]", b"b"),
        field("old", b"\xe9", "Content-Type: text/plain; charset=iso-8859-1"),
        field("empty", b""),
    ) == {
        "formID": "7",
        "q3": {"first": "Zoë", "last": "two\r\nlines"},
        "tick": ["a", "b"],
        "old": "é",
        "empty": "",
    }


def test_of_a_file_its_name_type_and_size_are_kept() -> None:
    said = 'Content-Disposition: form-data; name="cv"; filename="cv.pdf"'

    assert multipart(
        part(b"\xff" * 3000, said, "Content-Type: application/pdf"), field("cv[x]")
    ) == {
        "cv": {"filename": "cv.pdf", "content_type": "application/pdf", "size": 3000},
        "cv[x]": "1",
    }


@pytest.mark.parametrize(
    ("body", "message"),
    [
        pytest.param(b"", "not readable", id="empty"),
        pytest.param(b"a=1", "not readable", id="a form"),
        pytest.param(field("a"), "not readable", id="no end"),
        pytest.param(field("a")[:30], "not readable", id="broken off"),
        pytest.param(part(b"1") + b"--XX--", "not readable", id="no disposition"),
        pytest.param(
            part(b"1", "Content-Disposition: form-data") + b"--XX--", "no name", id="no name"
        ),
        pytest.param(field("a", b"\xe9") + b"--XX--", "not UTF-8", id="latin-1"),
        pytest.param(field("a") * 501 + b"--XX--", "more than 500 parts", id="too many"),
    ],
)
def test_a_multipart_form_that_cannot_be_read_says_why(body: bytes, message: str) -> None:
    with pytest.raises(Malformed, match=message):
        multipart(body, end=b"")


@pytest.mark.parametrize("content_type", ["multipart/form-data", "multipart/form-data; boundary="])
def test_without_a_boundary_nothing_is_read(content_type: str) -> None:
    with pytest.raises(Malformed, match="boundary"):
        read(field("a") + b"--XX--", content_type)


# -- SOAP ------------------------------------------------------------------------------------------


def soap(content: str, batch: str = "", head: str = "") -> object:
    body = f"{head}<s:Envelope xmlns:s='urn:s' {XSI}><s:Body>{content}</s:Body></s:Envelope>"
    return read(body, "text/xml", preset(BodyKind.SOAP, batch=batch))


NOTIFICATION = (
    "<Notification><Id>04l{0}</Id><sObject xsi:type='sf:Opportunity' xmlns:sf='urn:sf'>"
    "<sf:Id>006{0}</sf:Id><sf:Amount>12.5</sf:Amount><sf:NextStep xsi:nil='true'/>"
    "<sf:Description/></sObject></Notification>"
)


def test_an_outbound_message_is_read_with_its_notifications_as_a_list() -> None:
    one, two = (
        {
            "Id": f"04l{n}",
            "sObject": {
                "type": "Opportunity",
                "Id": f"006{n}",
                "Amount": "12.5",
                "NextStep": None,
                "Description": "",
            },
        }
        for n in (1, 2)
    )
    head = "<notifications xmlns='urn:o'><OrganizationId>00D1</OrganizationId>"

    single = soap(head + NOTIFICATION.format(1) + "</notifications>", "Notification")
    double = soap(
        head + NOTIFICATION.format(1) + NOTIFICATION.format(2) + "</notifications>", "Notification"
    )

    assert single == {"OrganizationId": "00D1", "Notification": [one]}
    assert double == {"OrganizationId": "00D1", "Notification": [one, two]}


@pytest.mark.parametrize(
    ("content", "batch", "value"),
    [
        pytest.param("<n><a>1</a><a>2</a><b/></n>", "", {"a": ["1", "2"], "b": ""}, id="repeated"),
        pytest.param("<n>text</n>", "", {}, id="text alone"),
        pytest.param("<n><a> 1 <!-- 2 --></a></n>", "", {"a": " 1 "}, id="spaces and comments"),
        pytest.param("<n><a>&lt;&#233;<![CDATA[<]]></a></n>", "", {"a": "<é<"}, id="escapes"),
        pytest.param("<n x='1'><a y='2'>3</a></n>", "", {"a": "3"}, id="attributes"),
        pytest.param("<n xsi:type='a'><type>b</type></n>", "", {"type": "b"}, id="two types"),
        pytest.param("<n><m><a>1</a></m></n>", "m.a", {"m": {"a": ["1"]}}, id="list inside"),
        pytest.param("<n><m>1</m></n>", "m.a", {"m": "1"}, id="no list inside"),
        pytest.param("<n><a>1</a></n><o/>", "", {"a": "1"}, id="the first element"),
    ],
)
def test_elements_become_objects_lists_and_texts(content: str, batch: str, value: object) -> None:
    assert soap(content, batch) == value


BOMB = "".join(f'<!ENTITY b{n} "{f"&b{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        pytest.param("", "not valid XML", id="empty"),
        pytest.param("<a>", "not valid XML", id="broken off"),
        pytest.param("{}", "not valid XML", id="JSON"),
        pytest.param("<a/>", "not a SOAP envelope", id="no envelope"),
        pytest.param("<Envelope/>", "not a SOAP envelope", id="no body"),
        pytest.param("<Envelope><Body/></Envelope>", "not a SOAP envelope", id="empty body"),
        pytest.param("<!DOCTYPE a><a/>", "DOCTYPE", id="DOCTYPE"),
        pytest.param(
            "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", "DOCTYPE", id="DOCTYPE elsewhere"
        ),
        pytest.param(
            "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>",
            "DOCTYPE",
            id="entity of a file",
        ),
        pytest.param(
            f'<!DOCTYPE a [<!ENTITY b0 "b">{BOMB}]><a>&b9;</a>', "DOCTYPE", id="entity bomb"
        ),
        pytest.param("<a>&x;</a>", "not valid XML", id="unknown entity"),
        pytest.param("<a>&#xD800;</a>", "not valid XML", id="half a surrogate pair"),
        pytest.param("<a>\x00</a>", "not valid XML", id="NUL"),
        pytest.param(
            "<Envelope><Body>" + "<a>" * 102 + "</a>" * 102 + "</Body></Envelope>",
            "deeper than 100",
            id="102 levels",
        ),
        pytest.param("<a>" * 100_000 + "</a>" * 100_000, "not a SOAP", id="100,000 levels"),
    ],
)
def test_what_is_no_soap_message_is_malformed(body: str, message: str) -> None:
    with pytest.raises(Malformed, match=message):
        read(body, "text/xml")


def test_an_encoding_that_the_message_names_has_no_say() -> None:
    head = "<?xml version='1.0' encoding='iso-8859-1'?>"

    assert soap("<n><a>é</a></n>", head=head) == {"a": "é"}
    with pytest.raises(Malformed, match="not UTF-8"):
        read((head + "<a>é</a>").encode("latin-1"), "text/xml")


# -- JSON inside -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "value"),
    [
        pytest.param('{"q1": "Ada"}', {"q1": "Ada"}, id="object"),
        pytest.param("[1]", [1], id="list"),
        pytest.param("7", "7", id="number"),
        pytest.param('"a"', '"a"', id="text"),
        pytest.param("{", "{", id="broken"),
        pytest.param('{"a": NaN}', '{"a": NaN}', id="NaN"),
        pytest.param('{"a":1,"a":2}', '{"a":1,"a":2}', id="key twice"),
        pytest.param("[" * 98 + "]" * 98, None, id="98 levels"),
        pytest.param("[" * 99 + "]" * 99, "[" * 99 + "]" * 99, id="99 levels"),
    ],
)
def test_json_in_a_field_is_read_in_place_when_it_is_strict(said: str, value: object) -> None:
    row = preset(BodyKind.JSON, json_fields=["form.raw", "missing", "form.list[3].x"])

    found = read(json.dumps({"form": {"raw": said, "id": 1}}), None, row)

    expected = json.loads(said) if value is None else value
    assert found == {"form": {"raw": expected, "id": 1}}
    assert not deeper_than(found, 100)


# -- Whatever comes --------------------------------------------------------------------------------

PIECES = st.sampled_from(
    [
        *(
            b"a",
            b"=",
            b"&",
            b"[",
            b"]",
            b"[]",
            b"%",
            b"%E9",
            b"%00",
            b"\x00",
            b"\xff",
            b" ",
            b"\r\n",
        ),
        *(b"--XX", b"--XX--", b"Content-Disposition: form-data; name=a", b'; filename="x"'),
        *(b"Content-Type: text/plain; charset=utf-16", b"\r\n\r\n", b"\n"),
        *(b"<Envelope>", b"<Body>", b"<a>", b"</a>", b"</Body>", b"</Envelope>", b"<a/>", b"&amp;"),
        *(b"<!DOCTYPE a>", b"<?xml version='1.0' encoding='utf-7'?>", b"<![CDATA[", b"]]>"),
        *(b"{", b"}", b'"a"', b":", b"1e999", b",", b"\\ud800", b"NaN"),
    ]
)
TYPES = st.sampled_from(
    [
        *(
            None,
            "application/json",
            FORM,
            MULTIPART,
            "text/xml",
            "multipart/form-data; boundary=--",
        ),
        *(FORM + "; charset=latin-1", FORM + "; charset*=utf-8''%FF", "multipart/form-data"),
        *('multipart/form-data; boundary="\\"', "multipart/form-data; boundary*=x'y'%ED%A0%80"),
    ]
)


@given(
    row=st.sampled_from(
        [ANY, *PRESETS.values(), preset(*BodyKind, json_fields=["a"], batch="a.a")]
    ),
    body=st.binary(max_size=200) | st.lists(PIECES, max_size=30).map(b"".join),
    content_type=TYPES | st.text(st.characters(max_codepoint=255), max_size=40),
)
def test_any_bytes_of_any_type_give_a_value_or_are_refused(
    row: Preset, body: bytes, content_type: str | None
) -> None:
    try:
        value = read_body(row, delivery(body, content_type))
    except (Malformed, UnsupportedType):
        return

    assert not deeper_than(value, 100)
    json.dumps(value, allow_nan=False, ensure_ascii=False).encode("utf-8")
