"""Close's opportunities, leads and people in the names of the normal form."""

import pytest

from tests.normal_forms import form_of, read, type_of


def test_the_winning_edit_is_read_whole() -> None:
    assert read("close-deal-won.json").form == {
        "deal": {
            "id": "oppo_7H4mQxT1bV9cZ2nK5wYr8L",
            "lead_id": "lead_9Zd3yRt6uPq1wEe4rTy7Ui",
            "contact_id": "cont_4Rt8yUi2oPa5sDf9gHj3Kl",
            "owner_id": "user_2bKp5nMv8cXz1aSd4fGh7j",
            "pipeline": "Training",
            "stage": "Signed",
            "status": "won",
            "amount": 1490,
            "currency": "EUR",
            "closed_at": "2026-04-15T00:00:00Z",
            "custom": {
                "organization_id": "orga_3sDf6gHj9kLm2nBv5cXz8q",
                "lead_name": "Harbour Ltd",
                "contact_name": "Mira Sol",
                "user_name": "Olga Berg",
                "pipeline_id": "pipe_6xCv9bNm2qWe5rTy8uIo1p",
                "status_id": "stat_5gHj8kLz1xCv4bNm7qWe0r",
                "status_display_name": "Signed",
                "value_formatted": "€1,490",
                "value_period": "one_time",
                "annualized_value": 149000,
                "expected_value": 149000,
                "confidence": 100,
                "note": "Safety Basics for the crew",
                "date_created": "2026-04-02T08:14:09.121000+00:00",
                "date_updated": "2026-04-15T10:00:01.057000+00:00",
                "created_by": "user_2bKp5nMv8cXz1aSd4fGh7j",
                "created_by_name": "Olga Berg",
                "updated_by": "user_2bKp5nMv8cXz1aSd4fGh7j",
                "updated_by_name": "Olga Berg",
                "integration_links": [],
                "cf_8vBnM2qWeRtY5uIoP1aSdF": "mira.sol@harbour.example",
            },
        },
        "company": {"id": "lead_9Zd3yRt6uPq1wEe4rTy7Ui", "name": "Harbour Ltd"},
        "contact": {"id": "cont_4Rt8yUi2oPa5sDf9gHj3Kl", "name": "Mira Sol"},
        "changed": [
            "deal.custom.confidence",
            "deal.custom.date_updated",
            "deal.closed_at",
            "deal.custom.expected_value",
            "deal.custom.status_display_name",
            "deal.custom.status_id",
            "deal.stage",
            "deal.status",
        ],
        "previous": {
            "deal": {
                "stage": "Offer sent",
                "status": "open",
                "custom": {
                    "status_id": "stat_1aSd4fGh7jKl0zXc3vBn6m",
                    "status_display_name": "Offer sent",
                    "confidence": 70,
                    "expected_value": 104300,
                    "date_updated": "2026-04-14T16:20:00.482000+00:00",
                },
            }
        },
    }


def test_a_later_edit_tells_only_what_it_changed_in_whole_units() -> None:
    form = read("close-deal-later.json").form

    assert form["deal"]["amount"] == 1690  # type: ignore[index]
    assert form["previous"]["deal"]["amount"] == 1490  # type: ignore[index]
    assert "deal.status" not in form["changed"]  # type: ignore[operator]


def test_a_new_lead_is_a_company_with_its_first_reachable_person() -> None:
    found = read("close-lead-created.json")

    assert found.type == "lead.created"
    assert found.form == {
        "company": {
            "id": "lead_9Zd3yRt6uPq1wEe4rTy7Ui",
            "name": "Harbour Ltd",
            "domain": "harbour.example",
            "custom": {
                "Source": "Fair",
                "organization_id": "orga_3sDf6gHj9kLm2nBv5cXz8q",
                "display_name": "Harbour Ltd",
                "description": "",
                "status_id": "stat_0zXc3vBn6mQw9eRt2yUi5o",
                "status_label": "Potential",
                "addresses": [],
                "opportunities": [],
                "tasks": [],
                "integration_links": [],
                "contact_ids": ["cont_1pOi4uYt7rEw0qLk3jHg6f", "cont_4Rt8yUi2oPa5sDf9gHj3Kl"],
                "contacts": [
                    {
                        "id": "cont_1pOi4uYt7rEw0qLk3jHg6f",
                        "lead_id": "lead_9Zd3yRt6uPq1wEe4rTy7Ui",
                        "name": "Front desk",
                        "title": "",
                        "emails": [],
                        "phones": [
                            {
                                "type": "office",
                                "phone": "+49301234500",
                                "phone_formatted": "+49 30 1234500",
                            }
                        ],
                        "urls": [],
                    },
                    {
                        "id": "cont_4Rt8yUi2oPa5sDf9gHj3Kl",
                        "lead_id": "lead_9Zd3yRt6uPq1wEe4rTy7Ui",
                        "name": "Mira Sol",
                        "title": "HR",
                        "emails": [
                            {
                                "type": "office",
                                "email": "mira.sol@harbour.example",
                                "is_unsubscribed": False,
                            }
                        ],
                        "phones": [],
                        "urls": [],
                    },
                ],
                "cf_3jHg6fDs9aPo2iUy5tRe8w": "Fair",
                "date_created": "2026-04-02T08:14:09.121000+00:00",
                "date_updated": "2026-04-02T08:14:09.121000+00:00",
            },
        },
        "contact": {
            "id": "cont_4Rt8yUi2oPa5sDf9gHj3Kl",
            "company_id": "lead_9Zd3yRt6uPq1wEe4rTy7Ui",
            "name": "Mira Sol",
            "email": "mira.sol@harbour.example",
            "custom": {"title": "HR", "urls": []},
        },
    }


def close(kind: str, action: str, **event: object) -> dict[str, object]:
    return {"event": {"object_type": kind, "action": action, **event}}


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("active", "open"),
        ("won", "won"),
        ("lost", "lost"),
        ("other", None),
        (None, None),
        ([], None),
    ],
    ids=str,
)
def test_a_status_is_open_won_or_lost(status: object, expected: str | None) -> None:
    form = form_of(
        "close", close("opportunity", "created", data={"id": "o", "status_type": status})
    )

    assert form["deal"] == ({"id": "o"} | ({"status": expected} if expected else {}))


def test_a_lost_opportunity_was_closed_on_the_day_it_was_lost() -> None:
    data = {"id": "o", "date_won": None, "date_lost": "2026-04-16"}

    assert form_of("close", close("opportunity", "created", data=data)) == {
        "deal": {"id": "o", "closed_at": "2026-04-16T00:00:00Z"}
    }


def test_a_deleted_object_without_data_keeps_its_id() -> None:
    body = close("opportunity", "deleted", data={}, object_id="oppo_1")

    assert type_of("close", body) == "deal.deleted"
    assert form_of("close", body) == {"deal": {"id": "oppo_1"}}


def test_a_person_has_the_first_address_and_phone_and_what_was_before() -> None:
    body = close(
        "contact",
        "updated",
        data={
            "id": "c",
            "lead_id": "l",
            "emails": [{"type": "office"}, {"email": "new@x.example"}],
            "phones": [{"phone": "+49"}],
        },
        changed_fields=["emails"],
        previous_data={"emails": [{"email": "old@x.example"}]},
    )

    assert form_of("close", body) == {
        "contact": {"id": "c", "company_id": "l", "email": "new@x.example", "phone": "+49"},
        "changed": ["contact.email"],
        "previous": {"contact": {"email": "old@x.example"}},
    }


def test_a_changed_field_of_your_own_is_named_without_the_word_custom_twice() -> None:
    body = close(
        "opportunity",
        "updated",
        data={"id": "o", "custom.cf_1": "new"},
        changed_fields=["custom.cf_1"],
        previous_data={"custom.cf_1": "old"},
    )

    assert form_of("close", body) == {
        "deal": {"id": "o", "custom": {"cf_1": "new"}},
        "changed": ["deal.custom.cf_1"],
        "previous": {"deal": {"custom": {"cf_1": "old"}}},
    }


def test_other_objects_keep_the_type_that_close_gives_them() -> None:
    body = close("activity.email", "sent", data={"id": "acti_1"})

    assert type_of("close", body) == "activity.email.sent"
    assert form_of("close", body) == {}
