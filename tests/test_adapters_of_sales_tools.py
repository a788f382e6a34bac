"""Sales tools that tell what an edit of a deal changed: three edits, the second of which wins."""

import pytest

from tests.normal_forms import becomes_won, read, root

EDITS = ("open", "won", "later")


@pytest.mark.parametrize(
    ("deal", "statuses"),
    [
        ("close-deal", ["open", "won", "won"]),
        ("pipedrive-v1-deal", ["open", "won", "won"]),
        ("pipedrive-v2-deal", ["open", "won", "won"]),
        # an edit of something else does not tell the status
        ("monday-deal", ["open", "won", None]),
        ("copper-deal", [None, "won", None]),
    ],
)
def test_a_rule_on_winning_a_deal_matches_the_winning_edit_and_no_other(
    deal: str, statuses: list[str | None]
) -> None:
    forms = [read(f"{deal}-{edit}").form for edit in EDITS]

    assert [root(form, "deal").get("status") for form in forms] == statuses
    assert [becomes_won(form) for form in forms] == [False, True, False]


@pytest.mark.parametrize(
    ("deal", "type", "told"),
    [
        pytest.param(
            "close-deal",
            "deal.updated",
            {
                "ev_4bNm7qWe0rTy3uIo6pAs9d": "2026-04-14 16:20:00.482000+00:00",
                "ev_8kLz1xCv4bNm7qWe0rTy3u": "2026-04-15 10:00:01.057000+00:00",
                "ev_2cVb5nMq8wEr1tYu4iOp7a": "2026-04-15 11:42:30.902000+00:00",
            },
            id="close",
        ),
        pytest.param(
            "pipedrive-v1-deal",
            "deal.updated",
            {
                "1828401/1776183600311002/updated/deal/7712": "2026-04-14 16:20:00+00:00",
                "1828401/1776247201057113/updated/deal/7712": "2026-04-15 10:00:01+00:00",
                "1828401/1776253350902441/updated/deal/7712": "2026-04-15 11:42:30+00:00",
            },
            id="pipedrive, first version",
        ),
        pytest.param(
            "pipedrive-v2-deal",
            "deal.updated",
            {
                "0f4d2c1b-8a7e-4b63-9d15-6e2f3a4b5c6d": "2026-04-14 16:20:00.311000+00:00",
                "6ba407fc-006d-4556-9804-8298e584a288": "2026-04-15 10:00:01.057000+00:00",
                "a1c3e5f7-2b4d-4680-8ace-13579bdf0246": "2026-04-15 11:42:30.902000+00:00",
            },
            id="pipedrive",
        ),
        pytest.param(
            "monday-deal",
            "item.updated",
            {
                "1b7a9c3d5e2f4860b1d3f5a7c9e0b2d4/1483920571/deal_stage": (
                    "2026-04-14 16:20:00.311000+00:00"
                ),
                "7d5b3f1e9c8a4620d4f6b8a0c2e4061f/1483920571/deal_stage": (
                    "2026-04-15 10:00:01.057000+00:00"
                ),
                "9f7d5b3c1a0e4824c6d8e0f2a4b6c8d0/1483920571/text_mkq1": (
                    "2026-04-15 11:42:30.902000+00:00"
                ),
            },
            id="monday",
        ),
        pytest.param(
            "copper-deal",
            "deal.updated",
            {
                "220417/2026-04-14T16:20:00.482Z/update/opportunity/2827698/sha256:": (
                    "2026-04-14 16:20:00.482000+00:00"
                ),
                "220417/2026-04-15T10:00:01.057Z/update/opportunity/2827698/sha256:": (
                    "2026-04-15 10:00:01.057000+00:00"
                ),
                "220417/2026-04-15T11:42:30.902Z/update/opportunity/2827698/sha256:": (
                    "2026-04-15 11:42:30.902000+00:00"
                ),
            },
            id="copper",
        ),
    ],
)
def test_each_edit_is_an_event_of_its_own_with_a_name_that_stays(
    deal: str, type: str, told: dict[str, str]
) -> None:
    """told: an event's identity, without the hash that some end with -> when it happened."""
    events = [read(f"{deal}-{edit}") for edit in EDITS]
    names = ["".join(event.identity.partition("/sha256:")[:2]) for event in events]

    assert names == list(told)
    assert [str(event.occurred_at) for event in events] == list(told.values())
    assert {event.type for event in events} == {type}
