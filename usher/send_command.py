"""`usher send`: posts a file as a sender would, signed with that sender's secret."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO, Final
from urllib.parse import SplitResult, urlsplit

import click

from senders.preset import BodyKind, Preset
from senders.recorded import NotRecorded, Recorded, parse_header, parse_recorded
from senders.samples import files_of, preset_of_file
from senders.sources import Source
from usher.failing import FOUND_WRONG, Failed
from usher.output import document, remark, say
from usher.posting import Answer, post, signed
from workers.settings import Settings, load_settings
from workers.sources_file import load_sources

EVERYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not bound
# what the receiver can answer, in the order of README.md; its log has the reason in each case
HINTS: Final = {
    400: "The body cannot be read: is it one of this sender's?",
    401: "Has the receiver the same secrets for this source, and the same PUBLIC_URL?",
    404: "Has the receiver this source in its sources.yaml, and was it started?",
    413: "It is longer than the receiver's MAX_BODY_BYTES.",
    415: "The source does not read this Content-Type; `usher sources check` tells what it reads.",
    429: "The receiver asks to slow down.",
    503: "Is Redis there, and has the source its secrets? `usher sources check` tells.",
}
SAMPLES: Final = Path(__file__).parent.parent / "tests" / "samples"


@click.command()
@click.argument("source")
@click.argument("file", type=click.File("rb"), required=False)
@click.option("--url", help="Where to post to (default: this machine's receiver, HOST and PORT).")
@click.option(
    "--header",
    "headers",
    multiple=True,
    metavar="'NAME: VALUE'",
    help="A header beside those that prove the delivery; may be given several times.",
)
@click.option(
    "--count", default=1, show_default=True, type=click.IntRange(1, 100_000), help="How often."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def send(
    source: str,
    file: BinaryIO | None,
    url: str | None,
    headers: Sequence[str],
    count: int,
    as_json: bool,
) -> None:
    """Post a file as a sender would, signed.

    SOURCE is a name of sources.yaml. FILE holds a body, or, with the ending .http, headers, an
    empty line and a body ("-" is standard input). For senders that post forms, JSON is made into
    one. The answer is printed. With --count it is posted several times: an event that is known
    already is answered as a duplicate.
    """
    settings = load_settings()
    sender = _sender(settings, source)
    recorded = _recorded(sender, file, headers)
    address = _address(settings, source, url)
    answers = []
    for _ in range(count):
        delivery = signed(sender, recorded, address, settings.public_url)
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
        _say_what_next(source, answers)


def _sender(settings: Settings, name: str) -> Source:
    sources = load_sources(settings)
    if name not in sources:
        known = ", ".join(sources) or "none"
        raise Failed(f"There is no source {name!r} in {settings.sources_file}.", f"It has: {known}")
    return sources[name]


def _recorded(sender: Source, file: BinaryIO | None, headers: Sequence[str]) -> Recorded:
    """The delivery in the file, with the headers of the command line before its own."""
    if file is None:
        raise Failed("Say which file to post.", _what_to_post(sender))
    name = _name_of(file)
    given = [_header(line) for line in headers]
    try:
        recorded = parse_recorded(name, file.read())
    except NotRecorded as error:
        raise Failed(f"{name} is no recorded delivery: {error}") from None
    kinds = [value for key, value in given if key.lower() == "content-type"]
    replaced = {"content-type", *(key.lower() for key, _ in given)}
    recorded = replace(
        recorded,
        headers=(
            *(pair for pair in given if pair[0].lower() != "content-type"),
            *(pair for pair in recorded.headers if pair[0].lower() not in replaced),
        ),
        content_type=kinds[0] if kinds else recorded.content_type,
    )
    _expect_json(name, sender.preset, recorded)
    return recorded


def _name_of(file: BinaryIO) -> str:
    name = getattr(file, "name", "<stdin>")
    return "standard input" if name in ("<stdin>", 0) else str(name)


def _what_to_post(sender: Source) -> str:
    names = [path.name for path in SAMPLES.iterdir()] if SAMPLES.is_dir() else []
    own = (name for name in names if name.startswith(f"{sender.name}-"))
    of_nobody = sorted(name for name in own if preset_of_file(name) is None)
    samples = (*of_nobody, *files_of(sender.preset, names))
    if not samples:
        return f"For example: usher send {sender.name} body.json"
    folder = SAMPLES.relative_to(Path.cwd()) if SAMPLES.is_relative_to(Path.cwd()) else SAMPLES
    return "\n".join(
        ["For example:", *(f"  usher send {sender.name} {folder / name}" for name in samples)]
    )


def _header(line: str) -> tuple[str, str]:
    found = parse_header(line)
    if found is None:
        raise click.BadParameter(f"{line!r} is no header such as 'X-Topic: orders'")
    return found


def _expect_json(name: str, preset: Preset, recorded: Recorded) -> None:
    """What is no JSON is a slip where only JSON can be meant."""
    if recorded.content_type is not None or preset.body != (BodyKind.JSON,):
        return
    try:
        json.loads(recorded.body)
    except ValueError as error:
        raise Failed(f"{name} is not JSON: {error}") from None


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


def _say_what_next(source: str, answers: Sequence[Answer]) -> None:
    first = answers[0].body
    events = first.get("events") if isinstance(first, dict) else None
    if isinstance(events, list) and events:
        remark(f"What becomes of it: usher events show {events[0]}")
    elif not isinstance(first, dict):
        # senders that insist on an answer of their own
        remark(f"What becomes of it: usher events list --source {source}")
