"""`usher verify`: whether deliveries that were written down are proved, and why not."""

import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

import click

from senders.cases import Case, Unusable, read_case
from senders.delivery import Cause, Malformed, Refused, UnsupportedType
from senders.reading import Incoming, read_events
from senders.verify import verify as verify_delivery
from usher.causes import cause_told
from usher.failing import COULD_NOT_RUN, FOUND_WRONG, Failed
from usher.output import say

UNUSABLE: Final = "unusable_input"
# how a document begins that is laid out over several lines
_SPREAD_OUT: Final = ("{", "[")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said of one delivery; `cause` is None for one that is proved.

    events: what it would come to; None where nobody asked, or they cannot be read (see `detail`).
    """

    cause: str | None
    detail: str = ""
    events: tuple[Incoming, ...] | None = None

    @property
    def shape(self) -> dict[str, object]:
        """As JSON."""
        told: dict[str, object] = {"verified": self.cause is None, "cause": self.cause}
        if self.detail:
            told["detail"] = self.detail
        if self.events is not None:
            told["events"] = len(self.events)
            told["identities"] = [event.identity for event in self.events]
            told["types"] = [event.type for event in self.events]
        return told

    @property
    def words(self) -> str:
        """As a line for a person."""
        if self.cause is None:
            return f"verified{self._events_told()}"
        if self.cause == UNUSABLE:
            return f"{self.cause}: {self.detail}"
        told = cause_told(self.cause)
        return f"{self.cause}: {told.happened} ({self.detail}) {told.cure}"

    def _events_told(self) -> str:
        if self.events is None:
            return f"; {self.detail}" if self.detail else ""
        named = ", ".join(f"{event.type} {event.identity}" for event in self.events)
        return f": {named or 'no event'}"


@click.command()
@click.argument("file", type=click.File("rb"))
@click.option("--events", "with_events", is_flag=True, help="Also say which events it would be.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.pass_context
def verify(ctx: click.Context, file: BinaryIO, with_events: bool, as_json: bool) -> None:
    """Say whether deliveries are proved to come from their sender, and if not, why.

    FILE holds a JSON object, a list of them, or one a line ("-" is standard input). Each names a
    preset and its secrets, and has the method, url, headers and body that came in. No settings,
    no sources.yaml and no Redis are needed, and nothing is kept.

    Exit codes: 0 all are proved, 1 some are not, 2 some cannot be judged as they are written.
    """
    verdicts = []
    for place, written in _written(file.read()):
        verdicts.append(_verdict(written, with_events))
        if as_json:
            click.echo(json.dumps(verdicts[-1].shape))
        else:
            say(f"{place}{verdicts[-1].words}")
    causes = {verdict.cause for verdict in verdicts}
    ctx.exit(COULD_NOT_RUN if UNUSABLE in causes else FOUND_WRONG if causes - {None} else 0)


def _verdict(written: object, with_events: bool) -> Verdict:
    try:
        if isinstance(written, Unusable):
            raise written
        case = read_case(written)
    except Unusable as error:
        return Verdict(UNUSABLE, str(error))
    except RecursionError:
        return Verdict(UNUSABLE, _TOO_DEEP)
    now = time.time() if case.now is None else case.now
    try:
        verify_delivery(case.source, case.delivery, now=now, public_url=case.public_url)
    except Refused as refused:
        return Verdict(refused.cause.value, f"{refused.detail}{_as_of(case, refused)}")
    return _with_events(case) if with_events else Verdict(None)


def _as_of(case: Case, refused: Refused) -> str:
    old = case.now is None and refused.cause is Cause.STALE_TIMESTAMP
    return '; it is judged as of this moment, unless "now" says when it came' if old else ""


def _with_events(case: Case) -> Verdict:
    try:
        return Verdict(None, events=read_events(case.source, case.delivery))
    except (Malformed, UnsupportedType) as error:
        return Verdict(None, f"its events cannot be read: {error}")


def _written(content: bytes) -> Iterator[tuple[str, object]]:
    """Every delivery of the file with its place, or what is wrong with it instead."""
    # half a character becomes text that no body can be: it is found where it matters
    text = content.decode("utf-8-sig", "surrogateescape")
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    if not lines:
        raise Failed("There is nothing to verify: no JSON in it.", "See `usher verify --help`.")
    whole = _parsed(text, 1)
    if isinstance(whole, list):
        yield from _numbered("item", enumerate(whole, 1), len(whole))
    elif not isinstance(whole, Unusable) or lines[0][1].strip() in _SPREAD_OUT:
        yield "", whole
    else:
        found = ((number, _parsed(line, number)) for number, line in lines)
        yield from _numbered("line", found, len(lines))


def _numbered(
    what: str, found: Iterable[tuple[int, object]], many: int
) -> Iterator[tuple[str, object]]:
    for number, value in found:
        place = f"{what} {number}"
        if isinstance(value, Unusable):
            yield f"{place}: ", value
        else:
            yield f"{place}: " if many > 1 else "", value


def _parsed(text: str, first: int) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        where = f"line {first + error.lineno - 1}, column {error.colno}"
        return Unusable(f"this is not JSON: {error.msg} ({where})")
    except (ValueError, RecursionError):
        return Unusable(f"{_TOO_DEEP} (line {first})")


_TOO_DEEP: Final = "this is no JSON that can be read: it is nested too deeply, or a number too long"
