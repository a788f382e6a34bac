"""Posting a delivery to a receiver, signed as its sender would: for `usher send` and the demo."""

import http.client
import json
import time
import uuid
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import SplitResult

from senders.delivery import Delivery
from senders.recorded import Recorded
from senders.shaping import shape
from senders.signing import CannotSign, sign
from senders.sources import Source
from usher.failing import Failed

# longer than the receiver may take, which waits for Redis (seconds)
PATIENCE: Final = 30.0
LONGEST_ANSWER: Final = 100_000


@dataclass(frozen=True, slots=True)
class Answer:
    """What the receiver said; `body` is JSON where it was JSON, else text."""

    status: int
    phrase: str
    body: Any

    @property
    def taken(self) -> bool:
        return 200 <= self.status < 300


def signed(
    sender: Source, recorded: Recorded, address: SplitResult, public_url: str | None
) -> Delivery:
    """What that sender would post to this address now: the recorded delivery in its shape, signed.

    Raises Failed where it cannot be signed.
    """
    shaped = shape(sender.preset, recorded)
    target = address.path or "/"
    try:
        return sign(
            sender,
            shaped.body,
            target=f"{target}?{address.query}" if address.query else target,
            now=time.time(),
            public_url=public_url or f"{address.scheme}://{address.netloc}",
            event_id=f"msg_{uuid.uuid4().hex}",
            content_type=shaped.content_type,
            headers=shaped.headers,
        )
    except CannotSign as error:
        raise Failed(f"It cannot be signed: {error}") from None


def post(address: SplitResult, delivery: Delivery) -> Answer:
    """What the receiver answers. Raises Failed where nobody does."""
    kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
    with closing(kind(address.hostname or "", address.port, timeout=PATIENCE)) as connection:
        try:
            # not through a client that tidies the target up: it is signed as it stands
            connection.request(
                delivery.method, delivery.target, delivery.body, dict(delivery.headers)
            )
            answer = connection.getresponse()
            text = answer.read(LONGEST_ANSWER).decode("utf-8", "replace")
        except ConnectionRefusedError:
            where = f"{address.scheme}://{address.netloc}"
            hint = "Start Usher with `usher up`, or say with --url where it is."
            raise Failed(f"Nobody listens at {where}.", hint) from None
        except (OSError, http.client.HTTPException) as error:
            raise Failed(f"{address.geturl()} cannot be reached: {_why(error)}") from None
    return Answer(answer.status, answer.reason, _parsed(text))


def _why(error: Exception) -> str:
    return str(error) or type(error).__name__


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
