"""Pipedrive's deals in both versions of its webhooks."""

import pytest

from tests.normal_forms import form_of, identity_of, read


def test_the_winning_edit_of_the_first_version_is_read_whole() -> None:
    assert read("pipedrive-v1-deal-won.json").form == {
        "deal": {
            "id": 7712,
            "name": "Lakeside Clinic: First Aid",
            "amount": 980,
            "currency": "EUR",
            "status": "won",
            "stage": 5,
            "pipeline": 1,
            "owner_id": 12597982,
            "contact_id": 179,
            "company_id": 130,
            "closed_at": "2026-04-15T10:00:00Z",
            "custom": {
                "creator_user_id": 12597982,
                "person_name": "Jon Vale",
                "org_name": "Lakeside Clinic",
                "owner_name": "Olga Berg",
                "add_time": "2026-04-02 08:14:09",
                "update_time": "2026-04-15 10:00:01",
                "stage_change_time": "2026-04-15 10:00:00",
                "won_time": "2026-04-15 10:00:00",
                "active": True,
                "deleted": False,
                "visible_to": "3",
                "email_messages_count": 2,
                "formatted_value": "€980",
                "weighted_value": 980,
                "products_count": 1,
                "3f1c0a7be54d9281c6f0aa12d7e85b3390cc41fe": "jon.vale@lakeside.example",
                "c2d87f3e1a0b4695d8e7f6a5b4c3d2e1f0a9b8c7": "41",
            },
        },
        "changed": [
            "deal.status",
            "deal.stage",
            "deal.custom.update_time",
            "deal.custom.stage_change_time",
            "deal.closed_at",
            "deal.custom.won_time",
        ],
        "previous": {
            "deal": {
                "status": "open",
                "stage": 4,
                "custom": {
                    "update_time": "2026-04-14 16:20:00",
                    "stage_change_time": "2026-04-14 16:20:00",
                },
            }
        },
    }


def test_both_versions_agree_on_what_they_both_say() -> None:
    first, second = (read(f"pipedrive-v{n}-deal-won.json").form["deal"] for n in (1, 2))

    assert isinstance(first, dict)
    assert isinstance(second, dict)
    assert {**first, "custom": None} == {**second, "custom": None}


def test_a_later_edit_tells_only_what_it_changed() -> None:
    form = read("pipedrive-v2-deal-later.json").form

    assert form["changed"] == ["deal.amount", "deal.custom.update_time"]
    assert form["previous"] == {
        "deal": {"amount": 980, "custom": {"update_time": "2026-04-15T10:00:01Z"}}
    }


@pytest.mark.parametrize("status", ["deleted", "", None, 5, ["won"], {}], ids=str)
def test_a_status_that_is_neither_open_nor_won_nor_lost_is_absent(status: object) -> None:
    body = {"meta": {"action": "change", "entity": "deal"}, "data": {"id": 1, "status": status}}

    assert form_of("pipedrive", body) == {"deal": {"id": 1}}


@pytest.mark.parametrize("volatile", [{"retry": 3}, {"meta": {"attempt": 3}}], ids=str)
def test_a_retry_of_the_first_version_is_the_same_event(volatile: dict[str, object]) -> None:
    body = {
        "meta": {"action": "updated", "object": "deal", "id": 7, "timestamp": 1776247201},
        "current": {"id": 7},
    }
    again = {**body, **volatile, "meta": {**body["meta"], **volatile.get("meta", {})}}  # type: ignore[dict-item]

    assert identity_of("pipedrive", again) == identity_of("pipedrive", body)
