"""`usher send`: posts a file as a sender would, signed with that sender's secret."""

import json
from collections.abc import Sequence
from typing import Any, BinaryIO, Final
from urllib.parse import SplitResult, urlsplit

import click

from senders.sources import Source
from usher.failing import FOUND_WRONG, Failed
from usher.output import document, remark, say
from usher.posting import Answer, post, signed
from workers.settings import Settings, load_settings
from workers.sources_file import load_sources

EVERYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not bound
HINTS: Final = {
    401: "Has the receiver the same secret for this source, and the same PUBLIC_URL?",
    404: "Has the receiver this source in its sources.yaml, and was it started?",
    429: "The receiver asks to slow down.",
    503: "The receiver cannot keep events now: is Redis there?",
}


@click.command()
@click.argument("source")
@click.argument("file", type=click.File("rb"))
@click.option("--url", help="Where to post to (default: this machine's receiver, HOST and PORT).")
@click.option(
    "--count", default=1, show_default=True, type=click.IntRange(1, 100_000), help="How often."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def send(source: str, file: BinaryIO, url: str | None, count: int, as_json: bool) -> None:
    """Post a file as a sender would, signed.

    SOURCE is a name of sources.yaml; FILE holds JSON ("-" is standard input). The answer is
    printed. With --count it is posted several times: an event that is known already is answered
    as a duplicate.
    """
    settings = load_settings()
    sender = _sender(settings, source)
    body = _json_of(file)
    address = _address(settings, source, url)
    answers = []
    for _ in range(count):
        delivery = signed(sender, body, address, settings.public_url)
        answers.append(post(address, delivery))
        if not as_json:
            _print(answers[-1])
    if as_json:
        document([_shape(address, answer) for answer in answers])
    refused = sum(1 for answer in answers if not answer.taken)
    if refused:
        hint = next((HINTS.get(answer.status, "") for answer in answers if not answer.taken), "")
        many = f"{refused} of {count} deliveries were" if count > 1 else "The delivery was"
        raise Failed(f"{many} not accepted.", hint, FOUND_WRONG)
    if not as_json:
        _say_what_next(answers)


def _sender(settings: Settings, name: str) -> Source:
    sources = load_sources(settings)
    if name not in sources:
        known = ", ".join(sources) or "none"
        raise Failed(f"There is no source {name!r} in {settings.sources_file}.", f"It has: {known}")
    return sources[name]


def _json_of(file: BinaryIO) -> bytes:
    body = file.read()
    try:
        json.loads(body)
    except ValueError as error:
        name = "standard input" if file.name in ("<stdin>", 0) else file.name
        raise Failed(f"{name} is not JSON: {error}") from None
    return body


def _address(settings: Settings, source: str, url: str | None) -> SplitResult:
    host = EVERYWHERE.get(settings.host, settings.host)
    host = f"[{host}]" if ":" in host else host
    address = urlsplit(url or f"http://{host}:{settings.port}/hooks/{source}")
    try:
        right = address.scheme in ("http", "https") and address.hostname and (address.port or 1)
    except ValueError:
        right = False
    if not right:
        raise click.BadParameter(f"{url!r} is no address such as https://host/hooks/{source}")
    return address


def _shape(address: SplitResult, answer: Answer) -> dict[str, Any]:
    return {"url": address.geturl(), "status": answer.status, "answer": answer.body}


def _print(answer: Answer) -> None:
    body = answer.body if isinstance(answer.body, str) else json.dumps(answer.body)
    say(f"{answer.status} {answer.phrase}  {body}".rstrip())


def _say_what_next(answers: Sequence[Answer]) -> None:
    first = answers[0].body
    events = first.get("events") if isinstance(first, dict) else None
    if isinstance(events, list) and events:
        remark(f"What becomes of it: usher events show {events[0]}")
