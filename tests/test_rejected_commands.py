"""`usher rejected`: what was refused is explained, and taken in once what was wrong is mended."""

import http.client
import json
import time
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from senders.delivery import Delivery
from senders.signing import sign
from senders.sources import read_sources
from tests.deliveries import ROOT, SECRETS, sample
from tests.engine_room import SECRET_KEY
from tests.running_usher import running_usher
from usher.__main__ import main
from webhooks.app import create_app
from workers.jobs import Doorbell
from workers.settings import Settings
from workers.store import Archive, Counts, Rejected, Request, Store

OTHERS = {name: value.replace("sample", "before") for name, value in SECRETS.items()}
OTHERS["PARTNER_SECRET"] = "whsec_YmVmb3JlIHNlY3JldCBvZiBhIHBhcnRuZXI="
SECRET_IN_PATH = "a-part-of-the-address"
SOURCES = (ROOT / "sources.yaml").read_text(encoding="utf-8") + (
    "\nby-path: {preset: hmac, signature_header: X-Signature, secrets: [SHOP_SECRET], "
    "path_secrets: [IN_PATH]}\n"
    "chat: {preset: slack, secrets: [SHOP_SECRET]}\n"
)
HUBSPOT = b'[{"eventId": 1, "subscriptionType": "deal.creation"}, {"eventId": 2}]'


@dataclass(frozen=True, slots=True)
class Place:
    """A receiver, and the commands beside it."""

    redis_url: str
    store: Store
    folder: Path

    def post(self, delivery: Delivery, secrets: dict[str, str]) -> int:
        """The status that a receiver with these secrets answers."""
        told = Settings.model_validate({"SECRET_KEY": SECRET_KEY, "MAX_BODY_BYTES": "100000"})
        sources = read_sources(SOURCES, secrets)
        app = create_app(told, sources, self.store, Doorbell(self.store.connection))
        answer = app.test_client().open(
            delivery.target,
            method=delivery.method,
            headers=list(delivery.headers),
            data=delivery.body,
        )
        return answer.status_code

    def refuse(self, source: str = "shop", body: bytes | None = None) -> str:
        """The id of a delivery that is refused as long as the receiver has the wrong secrets."""
        known = set(self.ids())
        assert self.post(signed(source, body), OTHERS) == 401
        (new,) = set(self.ids()) - known
        return new

    def ids(self) -> list[str]:
        return [each.id for each in self.kept.list()]

    def usher(
        self, *arguments: str, secrets: dict[str, str] | None = None, stdin: str | None = None
    ) -> Result:
        file = self.folder / "the-sources.yaml"
        file.write_text(SOURCES)
        env = {
            "REDIS_URL": self.redis_url,
            "SECRET_KEY": SECRET_KEY,
            "SOURCES_FILE": str(file),
            "IN_PATH": SECRET_IN_PATH,
            **(SECRETS if secrets is None else secrets),
        }
        return CliRunner().invoke(main, ("rejected", *arguments), input=stdin, env=env)

    def json(self, *arguments: str) -> Any:
        return json.loads(self.usher(*arguments, "--json").stdout)

    @property
    def kept(self) -> Rejected:
        return Rejected(self.store.connection, SECRET_KEY)

    @property
    def archive(self) -> Archive:
        return Archive(self.store.connection)


def signed(source: str, body: bytes | None = None, ago: float = 0.0) -> Delivery:
    """What that sender posts."""
    return sign(
        read_sources(SOURCES, SECRETS | {"IN_PATH": SECRET_IN_PATH})[source],
        sample(source) if body is None else body,
        target=f"/hooks/{source}",
        now=time.time() - ago,
        public_url="http://127.0.0.1:8000",
        event_id="msg_1",
    )


@pytest.fixture
def place(redis_url: str, store: Store, tmp_path: Path) -> Place:
    return Place(redis_url, store, tmp_path)


# -- list and show -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param([], ["bad_signature", "bad_credentials", "missing_header"], id="all"),
        pytest.param(["--source", "shop"], ["bad_signature", "missing_header"], id="source"),
        pytest.param(["--cause", "missing_header"], ["missing_header"], id="cause"),
        pytest.param(["--limit", "1"], ["bad_signature"], id="cut"),
    ],
)
def test_refused_deliveries_are_listed_latest_first_and_can_be_narrowed(
    place: Place, options: list[str], expected: list[str]
) -> None:
    place.post(Delivery("POST", "/hooks/shop", (), b"{}"), SECRETS)
    place.refuse("pipedrive")
    place.refuse("shop")

    assert [each["cause"] for each in place.json("list", *options)] == expected


def test_a_line_of_the_list_says_who_and_why(place: Place) -> None:
    rejection_id = place.refuse()
    place.post(signed("shop"), OTHERS)

    lines = place.usher("list").stdout.splitlines()

    assert lines[1].startswith(rejection_id)
    assert "  2      shop    bad_signature  no signature in X-Signature-256 is right" in lines[1]
    assert lines[-1] == "1 refused delivery"


def test_nothing_refused_is_said_to_be_so(place: Place) -> None:
    assert place.usher("list").stdout == "0 refused deliveries\n"
    assert place.json("list") == []


def test_what_is_shown_says_why_and_what_to_do(place: Place) -> None:
    rejection_id = place.refuse()

    result = place.usher("show", rejection_id[-8:])

    for told in (
        "cause   bad_signature: No signature fits the body and the secret.",
        "detail  no signature in X-Signature-256 is right",
        "to do   Copy the secret from the sender again",
        "address          POST /hooks/shop",
        "from             127.0.0.1",
        '"order"',
    ):
        assert told in result.stdout
    assert f"usher rejected retry {rejection_id[-8:]}" in result.stderr


def test_the_json_of_a_refused_delivery_holds_what_is_shown(place: Place) -> None:
    shown = place.json("show", place.refuse())

    assert (shown["source"], shown["cause"], shown["times"]) == ("shop", "bad_signature", 1)
    assert shown["happened"] == "No signature fits the body and the secret."
    assert shown["cure"].startswith("Copy the secret")
    assert (shown["whole"], shown["size"]) == (True, len(sample("shop")))
    assert shown["request"]["body"] == json.loads(sample("shop"))
    assert shown["first_at"].endswith("Z")


def test_passwords_are_not_shown(place: Place) -> None:
    rejection_id = place.refuse("pipedrive")

    result = place.usher("show", rejection_id)

    assert "Authorization" in result.stdout
    assert "Basic (redacted)" in result.stdout
    assert "dXNoZXI6" not in result.stdout + str(place.json("show", rejection_id))


def test_secrets_in_the_address_are_not_shown(place: Place) -> None:
    delivery = replace(signed("shop"), body=b"{}", target="/hooks/shop/in-the-path?token=q1&a=b")
    place.post(delivery, SECRETS)

    shown = place.json("show", place.ids()[0])

    assert shown["request"]["target"] == "/hooks/shop/(redacted)?token=(redacted)&a=b"


def test_what_was_kept_under_another_key_is_said_not_to_be_readable(place: Place) -> None:
    other = Rejected(place.store.connection, SECRET_KEY + ".")
    came = Request(signed("shop"), "192.0.2.1", time.time())
    rejection_id = other.keep("shop", "bad_signature", "", came, same_as=b"")

    shown, retried = place.usher("show", rejection_id), place.usher("retry", rejection_id)

    assert "it was kept under another SECRET_KEY" in shown.stderr
    assert place.json("show", rejection_id)["request"] is None
    assert (retried.exit_code, "another SECRET_KEY" in retried.stdout) == (1, True)


def test_an_id_that_there_is_not_is_said_so(place: Place) -> None:
    result = place.usher("show", "rej_unheard")

    assert result.exit_code == 1
    assert "There is no refused delivery 'rej_unheard'." in result.stderr


# -- retry -------------------------------------------------------------------------------------


def test_once_the_secret_is_right_a_retry_takes_it_in_and_only_once(place: Place) -> None:
    rejection_id = place.refuse()

    first, again = place.usher("retry", rejection_id), place.usher("retry", rejection_id)

    (event,) = place.archive.events(10)
    assert (first.exit_code, first.stdout) == (
        0,
        f"{rejection_id}  taken in: 1 event: {event.id}\n",
    )
    assert json.loads(event.body) == json.loads(sample("shop"))
    assert again.exit_code == 1
    assert "There is no refused delivery" in again.stderr
    assert place.archive.counts()["shop"] == Counts(accepted=1, pending=1, refused=1)
    assert place.store.connection.redis.llen("rq:queue:usher") == 1
    assert place.json("list") == []


def test_while_the_secret_is_wrong_it_stays_refused(place: Place) -> None:
    rejection_id = place.refuse()

    result = place.usher("retry", rejection_id, secrets=OTHERS)

    assert result.exit_code == 1
    assert result.stdout == (
        f"{rejection_id}  still refused: bad_signature: no signature in X-Signature-256 is right\n"
    )
    assert "1 delivery is still refused." in result.stderr
    assert place.ids() == [rejection_id]
    assert place.archive.events(10) == []


def test_what_the_sender_has_sent_again_meanwhile_is_known_already(place: Place) -> None:
    rejection_id = place.refuse()
    assert place.post(signed("shop"), SECRETS) == 202

    (retried,) = place.json("retry", rejection_id)

    (event,) = place.archive.events(10)
    assert (retried["result"], retried["events"]) == ("duplicate", [event.id])
    assert (retried["accepted"], retried["duplicates"]) == (0, 1)
    assert place.ids() == []


def test_without_a_time_of_its_sender_it_stays_behind_what_came_since(place: Place) -> None:
    body = json.dumps({"event_id": "first"}).encode()
    rejection_id = place.refuse("shop", body)
    since = json.dumps({"event_id": "second"}).encode()
    assert place.post(signed("shop", since), SECRETS) == 202

    place.usher("retry", rejection_id)

    events = {event.identity: event for event in place.archive.events(10)}
    assert events["first"].order < events["second"].order
    assert events["first"].received_at >= events["second"].received_at


@pytest.mark.parametrize(
    ("came_ago", "signed_ago", "result"),
    [
        pytest.param(50_000, 50_000, "accepted", id="in time, long ago"),
        pytest.param(50_000, 60_000, "refused", id="stale when it came"),
        pytest.param(0, 400, "refused", id="stale just now"),
    ],
)
def test_the_age_of_a_signature_is_judged_as_of_the_time_it_came_in(
    place: Place, came_ago: float, signed_ago: float, result: str
) -> None:
    came = Request(signed("partner", ago=signed_ago), "192.0.2.1", time.time() - came_ago)
    rejection_id = place.kept.keep("partner", "bad_signature", "", came, same_as=b"")

    (retried,) = place.json("retry", rejection_id)

    assert retried["result"] == result
    assert retried["cause"] == ("" if result == "accepted" else "stale_timestamp")


def test_the_secret_at_the_end_of_the_address_is_judged_again(place: Place) -> None:
    delivery = signed("by-path", b"{}")
    delivery = replace(delivery, target=f"/hooks/by-path/{SECRET_IN_PATH}", token=SECRET_IN_PATH)
    assert place.post(delivery, SECRETS | {"IN_PATH": "what-stood-there-before"}) == 401

    (retried,) = place.json("retry", place.ids()[0])

    assert (retried["result"], retried["accepted"]) == ("accepted", 1)


def test_every_event_of_a_batch_is_taken_in(place: Place) -> None:
    place.refuse("hubspot", HUBSPOT)

    (retried,) = place.json("retry", place.ids()[0])

    assert (retried["accepted"], len(retried["events"])) == (2, 2)


def test_a_body_that_can_still_not_be_read_stays_refused(place: Place) -> None:
    assert place.post(signed("shop", b"{"), SECRETS) == 400

    (retried,) = place.json("retry", place.ids()[0])

    assert (retried["result"], retried["cause"]) == ("refused", "malformed")


def test_what_was_not_kept_whole_cannot_be_taken_in_and_says_why(place: Place) -> None:
    long = json.dumps({"event_id": "1", "text": "x" * 70_000}).encode()
    rejection_id = place.refuse("shop", long)

    result = place.usher("retry", rejection_id)

    assert result.exit_code == 1
    assert result.stdout == (
        f"{rejection_id}  cannot be taken in: not all of it was kept, as it was too long or broke "
        "off; let the sender send it again\n"
    )
    assert place.ids() == [rejection_id]
    assert "not all of it" in place.usher("show", rejection_id).stdout


def test_a_source_that_is_gone_or_not_started_keeps_it_refused(place: Place) -> None:
    rejection_id = place.refuse()
    came = Request(signed("shop"), "192.0.2.1", time.time())
    of_nobody = place.kept.keep("gone", "bad_signature", "", came, same_as=b"")

    not_started = place.usher("retry", rejection_id, secrets={}).stdout
    gone = place.usher("retry", of_nobody).stdout

    assert "still refused: not_started: environment variable SHOP_SECRET" in not_started
    assert "cannot be taken in: there is no source of this name any more" in gone
    assert "withheld" in place.usher("show", of_nobody).stdout


@pytest.mark.parametrize(
    ("source", "came"),
    [
        pytest.param("chat", Delivery("POST", "/", (), b'{"challenge": "x"}'), id="a challenge"),
        pytest.param("shop", Delivery("GET", "/hooks/shop", (), b""), id="a visit"),
    ],
)
def test_a_question_whether_somebody_is_here_is_never_taken_for_an_event(
    place: Place, source: str, came: Delivery
) -> None:
    rejection_id = place.kept.keep(
        source, "bad_signature", "", Request(came, "192.0.2.1", time.time()), same_as=b""
    )

    result = place.usher("retry", rejection_id)

    assert (result.exit_code, place.archive.events(10)) == (1, [])
    assert "the sender only asked whether somebody is here" in result.stdout


@pytest.mark.parametrize(
    ("answer", "code", "left"),
    [
        pytest.param("y\n", 1, 1, id="yes"),
        pytest.param("n\n", 1, 3, id="no"),
        pytest.param("", 2, 3, id="nobody to ask"),
    ],
)
def test_many_are_judged_first_and_asked_about(
    place: Place, answer: str, code: int, left: int
) -> None:
    place.refuse("shop")
    place.refuse("hubspot", HUBSPOT)
    place.post(Delivery("POST", "/hooks/shop", (), b"{}"), SECRETS)

    result = place.usher("retry", "--all", stdin=answer)

    assert result.exit_code == code
    assert len(place.ids()) == left
    for told in (
        "3 refused deliveries, judged with today's secrets:",
        "taken in: 2, with 3 events",
        "still refused, missing_header: 1",
    ):
        assert told in result.stderr


def test_nothing_is_asked_where_none_can_be_taken_in(place: Place) -> None:
    for body in (b"{}", b"[]"):
        place.post(Delivery("POST", "/hooks/shop", (), body), SECRETS)

    result = place.usher("retry", "--all", stdin="")

    assert result.exit_code == 1
    assert result.stdout.count("still refused: missing_header") == 2
    assert "2 deliveries are still refused." in result.stderr


def test_all_of_one_source_are_taken_in_without_asking_when_told_so(place: Place) -> None:
    other = place.refuse("pipedrive")
    for number in range(3):
        place.refuse("shop", json.dumps({"event_id": number}).encode())

    retried = place.json("retry", "--source", "shop", "--yes")

    assert [each["result"] for each in retried] == ["accepted"] * 3
    assert place.ids() == [other]
    assert [event.identity for event in place.archive.events(10)] == ["2", "1", "0"]


def test_retrying_all_where_there_are_none_is_fine(place: Place) -> None:
    result = place.usher("retry", "--all")

    assert (result.exit_code, result.stdout) == (0, "There are no such refused deliveries.\n")


@pytest.mark.parametrize(
    "arguments", [[], ["rej_1", "--all"], ["--source", "shop", "--all"]], ids=" ".join
)
def test_what_is_meant_must_be_said_in_one_way(place: Place, arguments: list[str]) -> None:
    assert place.usher("retry", *arguments).exit_code == 2


def test_a_delivery_refused_by_a_running_receiver_is_taken_in_beside_it(tmp_path: Path) -> None:
    body = json.dumps({"event_id": "1", "kind": "order.paid"}).encode()
    before = read_sources(SOURCES, OTHERS | {"IN_PATH": SECRET_IN_PATH})["shop"]
    with running_usher(tmp_path) as running:
        running.web()
        delivery = sign(
            before,
            body,
            target="/hooks/shop",
            now=time.time(),
            public_url=running.url,
            event_id="1",
        )
        with closing(http.client.HTTPConnection("127.0.0.1", running.port, timeout=5)) as posted:
            posted.request("POST", delivery.target, delivery.body, dict(delivery.headers))
            status = posted.getresponse().status
        place = Place(running.redis.url, running.store, tmp_path)
        listed = place.json("list")
        # the command has the secret that the receiver was not given yet
        retried = place.usher("retry", "--all", "--json", secrets=OTHERS)

        assert (status, [each["cause"] for each in listed]) == (401, ["bad_signature"])
        assert [each["result"] for each in json.loads(retried.stdout)] == ["accepted"]
        (event,) = running.archive.events(10)
        assert (event.identity, event.type) == ("1", "order.paid")
