"""Copper's notifications: ids, and pairs of old and new."""

import pytest

from tests.normal_forms import form_of, identity_of, read, read_all, type_of


def test_the_winning_edit_is_read_whole() -> None:
    assert read("copper-deal-won.json").form == {
        "deal": {
            "status": "won",
            "custom": {"Course": "Safety Basics", "win_probability": 100},
            "id": 2827698,
        },
        "changed": ["deal.custom.Course", "deal.status", "deal.custom.win_probability"],
        "previous": {"deal": {"status": "open", "custom": {"win_probability": 70}}},
    }


def test_each_record_of_a_notification_is_an_event() -> None:
    found = read_all("copper-people-created.json")

    assert [(one.type, one.identity.partition("/sha256:")[0], one.form) for one in found] == [
        (
            "contact.created",
            "220417/2026-04-15T12:00:00.001Z/new/person/81204417",
            {"contact": {"id": 81204417}},
        ),
        (
            "contact.created",
            "220417/2026-04-15T12:00:00.001Z/new/person/81204418",
            {"contact": {"id": 81204418}},
        ),
    ]


def test_two_edits_of_one_moment_are_two_events() -> None:
    body = {"subscription_id": 1, "timestamp": "2026-04-15T12:00:00Z", "event": "update"}
    body |= {"type": "opportunity", "id": 5}
    first, again, other = (
        identity_of("copper", {**body, "updated_attributes": {"status": ["Open", status]}})
        for status in ("Lost", "Lost", "Won")
    )

    assert first == again != other


def test_the_secret_is_kept_nowhere() -> None:
    (first, *_) = read_all("copper-people-created.json")

    assert first.body == {
        "type": "person",
        "event": "new",
        "subscription_id": 220417,
        "timestamp": "2026-04-15T12:00:00.001Z",
        "id": 81204417,
    }


@pytest.mark.parametrize(
    ("new", "status"),
    [
        ("Open", "open"),
        ("Won", "won"),
        ("Lost", "lost"),
        ("Abandoned", "lost"),
        ("Paused", None),
        (None, None),
        (5, None),
    ],
    ids=str,
)
def test_a_status_is_open_won_or_lost(new: object, status: str | None) -> None:
    body = {
        "type": "opportunity",
        "event": "update",
        "id": 1,
        "updated_attributes": {"status": ["Open", new]},
    }

    assert form_of("copper", body)["deal"] == ({"id": 1} | ({"status": status} if status else {}))


@pytest.mark.parametrize("pair", [None, "Won", [], ["Won"], ["a", "b", "c"], {}], ids=str)
def test_what_is_no_pair_of_old_and_new_is_only_known_to_have_changed(pair: object) -> None:
    body = {"type": "company", "event": "update", "id": 1, "updated_attributes": {"name": pair}}

    assert form_of("copper", body) == {
        "company": {"id": 1},
        "changed": ["company.name"],
        "previous": {"company": {}},
    }


def test_a_changed_address_is_the_first_one() -> None:
    emails = [
        [{"email": "old@x.example"}],
        [{"email": "new@x.example", "category": "work"}, {"email": "b@x.example"}],
    ]
    body = {"type": "lead", "event": "update", "id": 1, "updated_attributes": {"emails": emails}}

    assert type_of("copper", body) == "lead.updated"
    assert form_of("copper", body) == {
        "contact": {"id": 1, "email": "new@x.example"},
        "changed": ["contact.email"],
        "previous": {"contact": {"email": "old@x.example"}},
    }
