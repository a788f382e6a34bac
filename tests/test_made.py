"""What the reply to a new account proves: its id, and that the account is older than the call."""

import json

import pytest

from coursebox.made import Made, read_made
from coursebox.replies import Reply

ANSWERED = "Wed, 15 Apr 2026 10:00:07 GMT"
SENT = {"email": "ada@customer.example", "firstName": "Ada", "lastName": "Lovelace"}


def made(date: str = ANSWERED, **shown: object) -> Made:
    """What is read of a reply with that user in it."""
    user = {"id": 7, "email": SENT["email"], **shown}
    return read_made(Reply.of(200, {"Date": date}, json.dumps(user)), SENT)


@pytest.mark.parametrize(
    "shown",
    [
        pytest.param({"createdAt": "2024-02-01T09:30:00.000Z"}, id="text"),
        pytest.param({"created": "2024-02-01T09:30:00"}, id="text without a zone"),
        pytest.param({"createdAt": 1_706_779_800}, id="seconds"),
        pytest.param({"createdAt": 1_706_779_800_000}, id="milliseconds"),
        pytest.param({"user": {"id": 7, "createdAt": "2024-02-01T09:30:00Z"}}, id="inside"),
    ],
)
def test_a_time_long_before_the_answer_shows_an_account_that_was_there(
    shown: dict[str, object],
) -> None:
    found = made(**shown)

    assert found.user_id == "7"
    assert found.older == "Coursebox answered with an account made on 2024-02-01 09:30 UTC"


@pytest.mark.parametrize(
    ("shown", "date"),
    [
        pytest.param({"createdAt": "2026-04-15T10:00:05Z"}, ANSWERED, id="just now"),
        pytest.param({"createdAt": "2026-04-15T09:59:30Z"}, ANSWERED, id="within the minute"),
        pytest.param({"createdAt": "2027-01-01T00:00:00Z"}, ANSWERED, id="later"),
        pytest.param({"createdAt": "2024-02-01T09:30:00Z"}, "", id="no date"),
        pytest.param({"createdAt": "2024-02-01T09:30:00Z"}, "yesterday", id="no date at all"),
        pytest.param({"createdAt": "long ago"}, ANSWERED, id="no time"),
        pytest.param({"createdAt": True}, ANSWERED, id="a flag"),
        pytest.param({"createdAt": -1e300}, ANSWERED, id="beyond all times"),
        pytest.param({"firstName": " ada ", "lastName": "LOVELACE"}, ANSWERED, id="same names"),
        pytest.param({"firstName": "", "lastName": None}, ANSWERED, id="names not told"),
    ],
)
def test_what_proves_nothing_leaves_the_account_new(shown: dict[str, object], date: str) -> None:
    assert made(date, **shown) == Made("7")


def test_other_names_show_an_account_that_was_there() -> None:
    assert "other names" in made(firstName="Augusta").older


@pytest.mark.parametrize("text", ["", "null", "[]", '"made"'])
def test_a_reply_without_a_user_tells_no_id(text: str) -> None:
    assert read_made(Reply.of(200, {"Date": ANSWERED}, text), SENT) == Made(None)
