"""Proved deliveries taken apart: types, identities, times, and bodies that nobody expects."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from senders.delivery import Delivery, Malformed, UnsupportedType
from senders.preset import Auth, Batch, BodyKind, Preset
from senders.presets import PRESETS
from senders.reading import Incoming, read_events
from senders.sources import Source, read_sources
from senders.strict_json import parse

SAMPLES = Path("tests/samples")
SOURCES = {name: Source(name, preset, (b"s",)) for name, preset in PRESETS.items()}


def sample(name: str) -> bytes:
    return (SAMPLES / f"{name}.json").read_bytes()


def delivery(
    body: bytes, content_type: str | None = "application/json", *headers: tuple[str, str]
) -> Delivery:
    typed = () if content_type is None else (("Content-Type", content_type),)
    return Delivery("POST", "/hooks/x", (*typed, *headers), body)


def read(preset: str, body: object, *headers: tuple[str, str]) -> tuple[Incoming, ...]:
    return read_events(
        SOURCES[preset], delivery(json.dumps(body).encode(), "application/json", *headers)
    )


def generic(settings: str) -> Source:
    return read_sources(f"a: {{preset: basic, secrets: [A], {settings}}}", {"A": "u:p"})["a"]


# --- what the senders document --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("preset", "name", "expected"),
    [
        pytest.param(
            "hubspot",
            "hubspot-batch",
            [
                ("33221100/25/3816279340/90210001/1776247200000", "deal.updated", 1776247200),
                ("33221100/26/3816279480/70110002/1776247201500", "contact.updated", 1776247201.5),
                ("33221100/31/3816279511/90210003/1776247202750", "deal.created", 1776247202.75),
            ],
            id="hubspot batch",
        ),
        pytest.param(
            "pipedrive",
            "pipedrive-deal-won",
            [("6ba407fc-006d-4556-9804-8298e584a288", "deal.updated", 1776247201.057)],
            id="pipedrive",
        ),
        pytest.param(
            "typeform",
            "typeform-response",
            [("01KPA1CZ5D3YF3TQG1W0S5VJ7N", "form.submitted", 1776247200)],
            id="typeform",
        ),
    ],
)
def test_recorded_samples_give_their_events(
    preset: str, name: str, expected: list[tuple[str, str, float]]
) -> None:
    events = read_events(SOURCES[preset], delivery(sample(name)))

    assert [(event.identity, event.type, event.occurred_at) for event in events] == [
        (identity, kind, datetime.fromtimestamp(at, UTC)) for identity, kind, at in expected
    ]


def test_each_part_of_a_batch_keeps_only_its_own_body() -> None:
    whole = json.loads(sample("hubspot-batch"))

    events = read_events(SOURCES["hubspot"], delivery(sample("hubspot-batch")))

    assert [json.loads(event.body) for event in events] == whole


def test_a_hubspot_retry_is_the_same_event() -> None:
    batch = json.loads(sample("hubspot-batch"))
    again = [{**part, "attemptNumber": 3} for part in batch]

    assert [event.identity for event in read("hubspot", again)] == [
        event.identity for event in read("hubspot", batch)
    ]


@pytest.mark.parametrize(
    "field", ["portalId", "subscriptionId", "eventId", "objectId", "occurredAt"]
)
def test_hubspot_events_that_differ_in_one_part_of_the_identity_are_two(field: str) -> None:
    part = json.loads(sample("hubspot-batch"))[0]
    other = {**part, field: part[field] + 1}

    first, second = read("hubspot", [part, other])

    assert first.identity != second.identity


def test_hubspot_events_without_an_identity_are_still_the_same_when_sent_again() -> None:
    first, again, other = read(
        "hubspot",
        [
            {"subscriptionType": "deal.creation", "attemptNumber": 0},
            {"subscriptionType": "deal.creation", "attemptNumber": 1},
            {"subscriptionType": "deal.deletion", "attemptNumber": 0},
        ],
    )

    assert first.identity == again.identity != other.identity


def test_a_hubspot_workflow_webhook_is_one_event_known_by_its_object_and_content() -> None:
    body = json.loads(sample("hubspot-deal-workflow"))
    edited = json.loads(sample("hubspot-deal-workflow"))
    edited["properties"]["amount"]["value"] = "1500.00"

    (event,) = read("hubspot", body)
    (reordered,) = read("hubspot", dict(reversed(body.items())))
    (other,) = read("hubspot", edited)

    assert event.type == "deal.workflow"
    assert event.identity.startswith("33221100/90210001/sha256:")
    assert event.identity == reordered.identity != other.identity
    assert event.occurred_at == datetime(2026, 4, 15, 10, 0, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        pytest.param({"subscriptionType": "deal.propertyChange"}, "deal.updated", id="change"),
        pytest.param({"subscriptionType": "contact.creation"}, "contact.created", id="creation"),
        pytest.param({"subscriptionType": "company.deletion"}, "company.deleted", id="deletion"),
        pytest.param(
            {"subscriptionType": "object.propertyChange", "objectTypeId": "0-1"},
            "contact.updated",
            id="new platform",
        ),
        pytest.param(
            {"subscriptionType": "object.propertyChange", "objectTypeId": "2-77"},
            "object.updated",
            id="own object",
        ),
        pytest.param({"subscriptionType": "deal.brandNew"}, "deal.brandNew", id="unknown verb"),
        pytest.param({"subscriptionType": "nonsense"}, "received", id="no dot"),
        pytest.param({"vid": 7, "properties": {}}, "contact.workflow", id="contact workflow"),
        pytest.param({"objectType": "COMPANY"}, "company.workflow", id="company workflow"),
        pytest.param({"objectTypeId": "0-5"}, "ticket.workflow", id="by type id"),
        pytest.param({"email": "a@x.example"}, "object.workflow", id="own body"),
    ],
)
def test_hubspot_types_have_the_names_that_rules_use(body: dict[str, object], kind: str) -> None:
    assert read("hubspot", body)[0].type == kind


@pytest.mark.parametrize(
    ("action", "entity", "kind"),
    [
        ("change", "deal", "deal.updated"),
        ("create", "person", "person.created"),
        ("delete", "organization", "organization.deleted"),
    ],
)
def test_pipedrive_types_have_the_names_that_rules_use(action: str, entity: str, kind: str) -> None:
    meta = {"id": "1", "action": action, "entity": entity}

    assert read("pipedrive", {"meta": meta})[0].type == kind


def test_pipedrive_retries_are_the_same_event_with_and_without_an_id() -> None:
    meta = {"action": "change", "entity": "deal"}
    first, again = (
        read("pipedrive", {"meta": {**meta, "attempt": attempt}, "data": {"id": 5}})[0]
        for attempt in (1, 2)
    )

    assert first.identity == again.identity


def test_the_first_version_of_pipedrive_bodies_is_not_known_by_the_deals_id() -> None:
    def body(micro: int) -> dict[str, object]:
        meta = {"action": "updated", "object": "deal", "id": 7, "webhook_id": 3}
        return {"v": 1, "meta": {**meta, "timestamp": 1776247200, "timestamp_micro": micro}}

    first, second = (read("pipedrive", body(micro))[0] for micro in (1, 2))

    assert first.type == "deal.updated"
    assert first.identity != second.identity


def test_a_typeform_response_without_event_id_is_known_by_its_token() -> None:
    body = json.loads(sample("typeform-response"))
    del body["event_id"]

    assert read("typeform", body)[0].identity == "a3a12ec67a1365927098a606107fac15"


def test_a_standard_webhook_is_known_by_its_header() -> None:
    body = json.loads(sample("standard-webhooks"))

    (event,) = read("standard-webhooks", body, ("Webhook-Id", "msg_1"))

    assert (event.identity, event.type) == ("msg_1", "course.purchased")
    assert event.occurred_at == datetime(2026, 4, 15, 10, 0, 0, 250000, tzinfo=UTC)


def test_an_order_and_its_refund_are_two_events_of_the_shop() -> None:
    text = Path("sources.yaml").read_text(encoding="utf-8")
    shop = read_sources(text, {"SHOP_SECRET": "sample"})["shop"]

    order, refund = (
        read_events(shop, delivery(sample(name)))[0] for name in ("shop-order", "shop-refund")
    )

    assert (order.identity, order.type) == ("evt-20011", "order.paid")
    assert (refund.identity, refund.type) == ("evt-20017", "order.refunded")


# --- generic sources ------------------------------------------------------------------------------


def test_without_paths_the_bodys_content_is_the_identity_and_the_type_is_received() -> None:
    first, same, other = (
        read_events(generic("type: nowhere"), delivery(body))[0]
        for body in (b'{"a":1,"b":2}', b' {"b": 2, "a": 1} ', b'{"a":1,"b":3}')
    )

    assert first.identity == same.identity != other.identity
    assert first.identity.startswith("sha256:")
    assert (first.type, first.occurred_at) == ("received", None)


def test_paths_reach_into_lists_and_headers_and_are_joined_without_mixing_up() -> None:
    source = generic("id: ['items[1].number', 'header:X-Version'], type: 'header:X-Kind'")
    kind = ("X-Kind", "order.paid")

    first = read_events(
        source,
        delivery(b'{"items":[{},{"number":"1/2"}]}', "application/json", ("x-version", "3"), kind),
    )
    second = read_events(
        source,
        delivery(b'{"items":[{},{"number":1}]}', "application/json", ("x-version", "2/3"), kind),
    )

    assert first[0].identity == "1%2F2/3"
    assert second[0].identity == "1/2%2F3"
    assert first[0].type == "order.paid"


@pytest.mark.parametrize(
    "body",
    [b"{}", b'{"n":null}', b'{"n":""}', b'{"n":[]}', b'{"n":{}}', b'{"n":true}', b"[]", b"7"],
    ids=str,
)
def test_an_identity_that_is_not_there_is_replaced_by_the_content(body: bytes) -> None:
    assert read_events(generic("id: n"), delivery(body))[0].identity.startswith("sha256:")


@pytest.mark.parametrize(
    "value", ["x" * 201, "a\nb", "a\x00b", "\u202e1"], ids=["long", "line", "null", "direction"]
)
def test_an_identity_that_is_long_or_not_printable_is_hashed(value: str) -> None:
    (event,) = read_events(generic("id: n"), delivery(json.dumps({"n": value}).encode()))

    assert event.identity.startswith("sha256:")
    assert len(event.identity) == 71


@pytest.mark.parametrize("value", ["", "  ", "x" * 201, "a\nb", 5.5, None, [], {}, True], ids=repr)
def test_a_type_that_is_no_short_text_is_received(value: object) -> None:
    (event,) = read_events(generic("type: t"), delivery(json.dumps({"t": value}).encode()))

    assert event.type == ("5.5" if value == 5.5 else "received")


def test_a_batch_gives_each_part_an_identity_of_its_own() -> None:
    source = generic("batch: data.events, id: number")
    body = b'{"data":{"events":[{"number":1},{"number":2},"text",null,[1]]}}'

    events = read_events(source, delivery(body))

    assert [event.identity for event in events[:2]] == ["1", "2"]
    assert len({event.identity for event in events}) == 5
    assert [event.body for event in events[2:]] == ['"text"', "null", "[1]"]


def test_parts_of_a_batch_known_by_a_header_are_told_apart_by_their_place() -> None:
    source = generic("batch: $, id: 'header:X-Id'")

    events = read_events(source, delivery(b"[1, 1]", "application/json", ("X-Id", "d7")))

    assert [event.identity for event in events] == ["d7/0", "d7/1"]


def test_parts_of_a_batch_that_differ_are_two_events_whatever_they_are_called() -> None:
    source = generic("batch: $, id: number")
    parts = [{"number": 1, "a": 1}, {"number": 1, "a": 2}, {"number": 1, "a": 1}, {"number": 2}]

    found = [event.identity for event in read_events(source, delivery(json.dumps(parts).encode()))]

    assert (found[0], found[2], found[3]) == ("1", "1", "2")
    assert found[1].startswith("1/sha256:")


def test_what_a_header_alone_tells_of_an_event_is_part_of_its_identity() -> None:
    source = generic("type: 'header:X-Topic'")

    paid, again, refunded, unsaid = (
        read_events(source, delivery(b'{"order": 17}', "application/json", *topic))[0].identity
        for topic in (
            [("X-Topic", "paid")],
            [("X-Topic", "paid")],
            [("X-Topic", "refunded")],
            [],
        )
    )

    assert paid == again
    assert len({paid, refunded, unsaid}) == 3


@pytest.mark.parametrize(
    ("preset", "body", "kept"),
    [
        ("stripe", {"data": {"object": {"id": "pi_1", "client_secret": "s"}}}, "pi_1"),
        ("slack", {"event": {"type": "function_executed", "bot_access_token": "s"}}, "function"),
        ("github", {"hook": {"id": 5, "config": {"url": "https://u.example/hooks/g/s"}}}, "5"),
        ("copper", {"event": "new", "secret": "s"}, "new"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_gives_power_to_its_reader_is_not_kept(
    preset: str, body: dict[str, object], kept: str
) -> None:
    source = replace(SOURCES[preset], preset=replace(PRESETS[preset], auth=Auth.NONE))

    (event,) = read_events(source, delivery(json.dumps(body).encode()))

    assert kept in event.body
    assert "secret" not in event.body
    assert not {"token", "config"} & set(event.body.replace("_", '"').split('"'))


def test_a_body_without_the_list_that_the_batch_names_is_one_event() -> None:
    for body in (b'{"ping": true}', b'{"events": "none"}', b"[]", b"null"):
        assert len(read_events(generic("batch: events"), delivery(body))) == 1


def test_an_empty_batch_is_a_good_delivery_without_events() -> None:
    assert read("hubspot", []) == ()


def test_a_hubspot_batch_holds_at_most_a_hundred_events() -> None:
    assert len(read("hubspot", [{}] * 100)) == 100
    with pytest.raises(Malformed, match="101 events, at most 100"):
        read("hubspot", [{}] * 101)


@pytest.mark.parametrize(
    "part", ["text", None, 7, True, [], [[]], {}, {"properties": "x"}], ids=repr
)
@pytest.mark.parametrize("preset", PRESETS)
def test_a_part_of_any_shape_is_still_an_event(preset: str, part: object) -> None:
    row = replace(PRESETS[preset], body=(BodyKind.JSON,))
    whole = [part] if row.batch and row.batch.path == "$" else part

    events = read_events(Source("a", row, (b"s",)), delivery(json.dumps(whole).encode()))

    assert [json.loads(event.body) for event in events] == [part]


# --- what the events of a delivery share ----------------------------------------------------------


def told(row: Preset, body: object, *headers: tuple[str, str]) -> list[object]:
    """The bodies of the events."""
    return [json.loads(event.body) for event in events_of(row, body, *headers)]


def events_of(row: Preset, body: object, *headers: tuple[str, str]) -> tuple[Incoming, ...]:
    whole = json.dumps(body).encode()
    return read_events(Source("a", row), delivery(whole, "application/json", *headers))


ZOHO_LIKE = Preset(
    "zoho-like", Auth.BODY, secret_field="token", batch=Batch("ids", each="id"),
    id=(("channel", "at", "id"),), forget=("query.session",),
)  # fmt: skip


def test_each_item_of_a_list_is_an_event_with_what_they_share() -> None:
    body = {"ids": ["7", "8"], "channel": 1, "at": 5, "query": {"a": 1}}

    events = events_of(ZOHO_LIKE, body)

    assert [event.identity for event in events] == ["1/5/7", "1/5/8"]
    assert [json.loads(event.body) for event in events] == [
        {"channel": 1, "at": 5, "query": {"a": 1}, "id": "7"},
        {"channel": 1, "at": 5, "query": {"a": 1}, "id": "8"},
    ]


def test_a_list_deeper_inside_leaves_the_rest_where_it_is() -> None:
    row = Preset("a", Auth.NONE, batch=Batch("data.events", each="event"))

    assert told(row, {"data": {"events": [1, {"a": 2}], "of": "x"}, "event": "old"}) == [
        {"data": {"of": "x"}, "event": 1},
        {"data": {"of": "x"}, "event": {"a": 2}},
    ]
    assert told(row, {"data": {"events": []}}) == []
    assert told(row, {"data": {"events": "none"}}) == [{"data": {"events": "none"}}]
    whole = replace(row, batch=Batch("$", each="event"))
    assert told(whole, [1, 2]) == [{"event": 1}, {"event": 2}]


def test_events_known_by_a_header_are_told_apart_by_their_place_in_the_list() -> None:
    row = Preset("a", Auth.NONE, batch=Batch("events", each="event"), id=(("header:Key",),))

    events = events_of(row, {"events": [{}, {}]}, ("Key", "k"))

    assert [event.identity for event in events] == ["k/0", "k/1"]


def test_what_the_events_of_a_batch_share_must_not_be_multiplied_without_end() -> None:
    body = {"ids": ["1"] * 1000, "filler": "x" * 20_000}

    with pytest.raises(Malformed, match="too long to be split into its 1000 events"):
        told(ZOHO_LIKE, body)
    assert len(told(ZOHO_LIKE, {**body, "filler": "x" * 19_000})) == 1000


@pytest.mark.parametrize("rest", [{}, {"ids": [1]}], ids=["one event", "a list"])
def test_secrets_and_session_ids_are_no_part_of_an_event_nor_of_its_identity(
    rest: dict[str, object],
) -> None:
    plain = {**rest, "a": [{"token": "kept"}], "query": {"b": 1}}

    bare, full, other = (
        events_of(replace(ZOHO_LIKE, id=()), body)
        for body in (
            plain,
            {**plain, "token": "t-1", "query": {"b": 1, "session": "s-1"}},
            {**plain, "token": "t-2", "query": {"b": 1, "session": {"s-2": 2}}},
        )
    )

    assert bare == full == other


def test_a_field_of_the_name_of_a_secret_is_kept_where_it_proves_nothing() -> None:
    row = Preset("a", Auth.NONE, secret_field="token")

    assert told(row, {"token": "t"}) == [{"token": "t"}]


def test_an_identity_is_read_from_the_family_of_headers_that_is_used() -> None:
    row = Preset("a", Auth.NONE, families=("svix-", "webhook-"), id=(("header:svix-id",),))

    identities = [
        events_of(row, {}, *headers)[0].identity
        for headers in (
            (("svix-id", "s"),),
            (("webhook-id", "w"),),
            (("webhook-id", "w"), ("svix-id", "s")),
        )
    ]

    assert identities == ["s", "w", "s"]


def test_a_form_is_stored_as_json() -> None:
    row = Preset("a", Auth.NONE, body=(BodyKind.FORM,), id=(("contact.id",),), type="type")

    (event,) = read_events(
        Source("a", row),
        delivery(b"type=update&contact%5Bid%5D=7", "application/x-www-form-urlencoded"),
    )

    assert (event.identity, event.type) == ("7", "update")
    assert json.loads(event.body) == {"type": "update", "contact": {"id": "7"}}


# --- content types and strict JSON ----------------------------------------------------------------


@pytest.mark.parametrize(
    "content_type",
    [
        *("application/json", "application/json; charset=utf-8", "APPLICATION/JSON", None, ""),
        *("application/cloudevents+json", "application/vnd.a.b+json;v=1"),
        "application/x-www-form-urlencoded",
    ],
)
def test_json_is_read_under_all_its_names(content_type: str | None) -> None:
    assert len(read_events(SOURCES["basic"], delivery(b'{"a":1}', content_type))) == 1


@pytest.mark.parametrize(
    "content_type",
    [
        *("text/plain", "text/html", "multipart/form-data; boundary=x", "application/xml"),
        *("application/jsonp", "+json", "application/json, text/plain", "application/+json"),
    ],
)
def test_other_content_types_are_not_read(content_type: str) -> None:
    with pytest.raises(UnsupportedType):
        read_events(SOURCES["basic"], delivery(b'{"a":1}', content_type))


def test_a_real_form_is_an_unsupported_type_and_not_malformed_json() -> None:
    with pytest.raises(UnsupportedType):
        read_events(SOURCES["basic"], delivery(b"a=1&b=2", "application/x-www-form-urlencoded"))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        pytest.param(b"", "the body is empty", id="empty"),
        pytest.param(b" \n", "the body is empty", id="white space"),
        pytest.param(b"{", "not valid JSON", id="half"),
        pytest.param(b"{'a': 1}", "not valid JSON", id="single quotes"),
        pytest.param(b'{"a":1}{"b":2}', "not valid JSON", id="two values"),
        pytest.param(b'{"a":"\n"}', "not valid JSON", id="raw line break"),
        pytest.param(b'{"a":"\xff"}', r"not UTF-8 text \(byte 7\)", id="latin-1"),
        pytest.param('{"a":1}'.encode("utf-16"), "not UTF-8", id="utf-16"),
        pytest.param(b"\xed\xa0\x80", "not UTF-8", id="encoded surrogate"),
        pytest.param(b'{"id":["x\\udfff"]}', "not valid Unicode", id="half a pair in a value"),
        pytest.param(b'[{"\\uD800":1}]', "not valid Unicode", id="half a pair in a key"),
        pytest.param(b'"\\ude00\\ud83d"', "not valid Unicode", id="a pair the wrong way round"),
        pytest.param(b'{"a":NaN}', "NaN, which is not JSON", id="NaN"),
        pytest.param(b"[-Infinity]", "-Infinity, which is not JSON", id="Infinity"),
        pytest.param(b"[1e999]", "too large", id="1e999"),
        pytest.param(b"[" + b"9" * 5000 + b"]", "too large", id="huge integer"),
        pytest.param(b'{"a":1,"b":2,"a":3}', 'key "a" twice', id="key twice"),
        pytest.param(b'[{"x":{"a":1,"a":1}}]', 'key "a" twice', id="key twice inside"),
        pytest.param(b"[" * 101 + b"]" * 101, "deeper than 100", id="101 levels"),
        pytest.param(b'{"a":' * 101 + b"1" + b"}" * 101, "deeper than 100", id="101 objects"),
        pytest.param(b"[" * 200_000, "deeper than 100|not valid", id="200,000 levels"),
        pytest.param(b'{"a":' * 100_000, "deeper than 100|not valid", id="100,000 objects"),
    ],
)
def test_what_is_not_strict_json_is_malformed_in_plain_words(body: bytes, message: str) -> None:
    with pytest.raises(Malformed, match=message):
        read_events(SOURCES["basic"], delivery(body))


@pytest.mark.parametrize(
    ("body", "value"),
    [
        pytest.param(b"\xef\xbb\xbf[1]", [1], id="byte order mark"),
        pytest.param(b"[" * 100 + b"]" * 100, None, id="100 levels"),
        pytest.param(b'"\\ud83d\\ude00"', "\U0001f600", id="surrogate pair"),
        pytest.param(b'"\\\\ud800"', "\\ud800", id="escaped backslash"),
        pytest.param(b"12345678901234567890", 12345678901234567890, id="long integer"),
    ],
)
def test_unusual_but_strict_json_is_read(body: bytes, value: object) -> None:
    assert value is None or parse(body) == value
    (event,) = read_events(SOURCES["basic"], delivery(body))

    assert event.body.isascii()
    json.dumps(json.loads(event.body), ensure_ascii=False).encode("utf-8")


# --- whatever comes -------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4)
    ),
    max_leaves=12,
)
KNOWN_KEYS = st.sampled_from(
    [
        *("portalId", "subscriptionId", "eventId", "objectId", "occurredAt", "subscriptionType"),
        *("objectType", "objectTypeId", "propertyName", "propertyValue", "properties", "vid"),
        *("meta", "id", "action", "entity", "object", "timestamp", "data", "previous", "attempt"),
        *("event_id", "event_type", "form_response", "token", "submitted_at", "type"),
    ]
)
FAMILIAR = st.recursive(
    st.none() | st.integers() | st.text(max_size=8) | st.just("deal.propertyChange"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KNOWN_KEYS, inner, max_size=6),
    max_leaves=16,
)
EVERY_SOURCE = [
    *SOURCES.values(),
    generic("id: [id, 'header:X-Id'], type: type, occurred_at: timestamp, batch: data"),
    replace(SOURCES["hubspot"], preset=replace(PRESETS["hubspot"], auth=Auth.NONE)),
]


@given(
    source=st.sampled_from(EVERY_SOURCE),
    body=st.binary(max_size=200)
    | st.text(max_size=60).map(lambda text: text.encode("utf-8", "surrogatepass"))
    | (JSON | FAMILIAR).map(lambda value: json.dumps(value).encode()),
    content_type=st.none() | st.just("application/json") | st.text(max_size=30),
    headers=st.lists(st.tuples(st.sampled_from(["X-Id", "webhook-id"]), st.text(max_size=9))),
)
def test_any_body_gives_events_or_malformed_or_unsupported(
    source: Source, body: bytes, content_type: str | None, headers: list[tuple[str, str]]
) -> None:
    try:
        events = read_events(source, delivery(body, content_type, *headers))
    except (Malformed, UnsupportedType):
        return

    for event in events:
        assert 0 < len(event.identity) <= 200
        assert event.identity.isprintable()
        assert event.type
        assert event.type.isprintable()
        assert event.occurred_at is None or event.occurred_at.tzinfo is UTC
        assert event.body.isascii()
        json.loads(event.body)
