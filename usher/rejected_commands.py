"""`usher rejected`: deliveries that were refused: why, what came, and judging them again."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import click

from senders.sources import Source
from usher import words
from usher.causes import cause_told
from usher.failing import FOUND_WRONG, Failed
from usher.finding import short
from usher.masking import body_shown, headers_shown, target_shown
from usher.opening import Usher, opened, read
from usher.output import Column, document, facts, on_terminal, remark, say, table
from usher.rejections import (
    NO_KEY,
    Judged,
    Result,
    Retried,
    find_rejection,
    judge,
    rejection_shape,
    retried_shape,
    take_in,
)
from usher.shapes import iso
from webhooks.address import public_address
from workers.jobs import Doorbell
from workers.secret_key import secret_key
from workers.sources_file import load_sources
from workers.store import Rejected, Rejection, Request

COLUMNS: Final = (
    Column("ID"),
    Column("LAST CAME", from_width=110),
    Column("AGE"),
    Column("TIMES"),
    Column("SOURCE", most=20),
    Column("CAUSE", most=24),
    Column("DETAIL"),
)
BODY_LINES: Final = 40


@click.group()
def rejected() -> None:
    """Deliveries that were refused: why, what came, and judging them again.

    They are kept for three days, encrypted; of each source and cause the latest 100 at most.
    """


@rejected.command("list")
@click.option("--source", help="Only those of this source.")
@click.option("--cause", help="Only those refused for this cause, such as bad_signature.")
@click.option(
    "--limit", default=20, show_default=True, type=click.IntRange(1), help="At most so many."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def list_rejected(source: str | None, cause: str | None, limit: int, as_json: bool) -> None:
    """List refused deliveries, the latest first."""

    def wanted(each: Rejection) -> bool:
        return source in (None, each.source) and cause in (None, each.cause)

    def get(usher: Usher) -> tuple[list[Rejection], Usher] | None:
        return _kept(usher).list(wanted), usher

    listed = read(get, None)
    found = listed[0] if listed else []
    if as_json:
        document([rejection_shape(each) for each in found[:limit]])
    elif listed:
        _print_list(found, limit, listed[1])


def _print_list(found: Sequence[Rejection], limit: int, usher: Usher) -> None:
    shown = found[:limit]
    if shown:
        table(COLUMNS, [_row(each, usher) for each in shown])
        say()
    told = "" if len(found) == len(shown) else f"; {len(shown)} shown"
    say(f"{words.number(len(found), 'refused delivery', 'refused deliveries')}{told}")


def _row(each: Rejection, usher: Usher) -> list[str]:
    at = words.clock(each.last_at, usher.now) if on_terminal() else iso(each.last_at) or "-"
    return [
        short(each.id) if on_terminal() else each.id,
        at,
        words.age(each.last_at, usher.now),
        str(each.times),
        each.source,
        each.cause,
        each.detail,
    ]


@rejected.command("show")
@click.argument("rejection_id", metavar="ID")
@click.option("--full", is_flag=True, help="The whole body, however long.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def show_rejected(rejection_id: str, full: bool, as_json: bool) -> None:
    """Show a refused delivery: why, what to do about it, and what came.

    ID is the id, its beginning, or its last 6 characters or more. Passwords, tokens and secrets
    are not shown.
    """
    with opened() as usher:
        kept = _kept(usher)
        rejection = find_rejection(kept, rejection_id)
        came = kept.request(rejection)
        source = load_sources(usher.settings).get(rejection.source)
    seen = _seen(source, came) if came else None
    if as_json:
        told = cause_told(rejection.cause)
        why = {"happened": told.happened, "cure": told.cure}
        document({**rejection_shape(rejection), **why, "request": seen})
        return
    _print_rejection(rejection, usher)
    if seen is None:
        remark(f"\nWhat came is not to be read: {NO_KEY}.")
    else:
        _print_request(seen, full)
    if rejection.whole:
        remark(f"\nTo judge it again: usher rejected retry {short(rejection.id)}")


def _seen(source: Source | None, came: Request) -> dict[str, Any]:
    preset, delivery = source.preset if source else None, came.delivery
    return {
        "method": delivery.method,
        "target": target_shown(delivery),
        "peer": came.peer,
        "headers": [list(pair) for pair in headers_shown(preset, delivery)],
        "body": body_shown(preset, delivery),
    }


def _print_rejection(rejection: Rejection, usher: Usher) -> None:
    told = cause_told(rejection.cause)
    again = rejection.times > 1
    say(f"Refused delivery {rejection.id}", style="bold")
    facts(
        [
            ("source", rejection.source),
            ("cause", f"{rejection.cause}: {told.happened}"),
            ("detail", rejection.detail),
            ("to do", told.cure),
            ("first came" if again else "came", words.moment(rejection.first_at, usher.now)),
            ("last came", words.moment(rejection.last_at, usher.now) if again else ""),
            ("came", words.number(rejection.times, "time") if again else ""),
            ("body", words.number(rejection.size, "byte")),
            ("kept", "" if rejection.whole else "not all of it: it cannot be taken in any more"),
        ]
    )


def _print_request(seen: dict[str, Any], full: bool) -> None:
    body = seen["body"]
    text = body if isinstance(body, str) else json.dumps(body, indent=2, ensure_ascii=False)
    lines = text.split("\n")
    shown = lines if full else lines[:BODY_LINES]
    say()
    say("Request", style="bold")
    facts(
        [
            ("from", seen["peer"]),
            ("address", f"{seen['method']} {seen['target']}"),
            *((name, value) for name, value in seen["headers"]),
        ]
    )
    say()
    say("Body", style="bold")
    say("\n".join(shown), indent=2)
    if len(shown) < len(lines):
        remark(f"  ... {words.number(len(lines) - len(shown), 'more line')}: --full shows them")


@rejected.command("retry")
@click.argument("ids", metavar="[ID...]", nargs=-1)
@click.option("--source", help="All of this source.")
@click.option("--all", "everything", is_flag=True, help="All that are kept.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def retry(
    ids: tuple[str, ...], source: str | None, everything: bool, yes: bool, as_json: bool
) -> None:
    """Judge refused deliveries again, with today's secrets, as of the time they came in.

    What is proved now is taken in, and happened when it came where its sender tells no time; an
    event that came by itself meanwhile is known already. More than one is shown first, and asked
    about. The exit code is 1 if any is still refused.
    """
    if sum((bool(ids), source is not None, everything)) != 1:
        raise click.UsageError("Say which: ID..., or --source NAME, or --all.")

    def carry_out(usher: Usher) -> list[Retried]:
        kept = _kept(usher)
        judged = _judged(usher, kept, _chosen(kept, ids, source))
        taken = any(each.events is not None for each in judged)
        if taken and len(judged) > 1 and not yes:
            _ask(judged)
        return _retry(usher, kept, judged)

    if ids:
        with opened() as usher:
            retried = carry_out(usher)
    else:
        retried = read(carry_out, [])
    if as_json:
        document([retried_shape(each) for each in retried])
    else:
        _print_retried(retried)
    still = sum(1 for each in retried if not each.taken)
    if still:
        many = words.number(still, "delivery is", "deliveries are")
        raise Failed(f"{many} still refused.", code=FOUND_WRONG)


def _kept(usher: Usher) -> Rejected:
    return Rejected(usher.store.connection, secret_key(usher.settings))


def _chosen(kept: Rejected, ids: Sequence[str], source: str | None) -> list[Rejection]:
    if ids:
        found = (find_rejection(kept, id_) for id_ in ids)
        chosen = list({each.id: each for each in found}.values())
    else:
        chosen = kept.list(lambda each: source in (None, each.source))
    # as they came in: of two at one moment the first counts as the earlier one
    return sorted(chosen, key=lambda each: (each.first_at, each.id))


def _judged(usher: Usher, kept: Rejected, chosen: Sequence[Rejection]) -> list[Judged]:
    sources = load_sources(usher.settings)
    public_url = public_address(usher.settings)
    return [judge(each, kept.request(each), sources, public_url) for each in chosen]


def _retry(usher: Usher, kept: Rejected, judged: Sequence[Judged]) -> list[Retried]:
    doorbell = Doorbell(usher.store.connection)
    retried = []
    for each in judged:
        retried.append(take_in(usher.store, kept, each))
        if accepted := retried[-1].accepted:
            doorbell.ring(accepted.to_ring)
    return retried


@dataclass(frozen=True, slots=True)
class _Outlook:
    """What would become of many."""

    good: int
    events: int
    refused: Counter[str]


def _outlook(judged: Sequence[Judged]) -> _Outlook:
    good = [each.events for each in judged if each.events is not None]
    refused = Counter(each.cause or each.detail for each in judged if each.events is None)
    return _Outlook(len(good), sum(map(len, good)), refused)


def _ask(judged: Sequence[Judged]) -> None:
    outlook = _outlook(judged)
    told = [f"{len(judged)} refused deliveries, judged with today's secrets:"]
    told.append(f"  taken in: {outlook.good}, with {words.number(outlook.events, 'event')}")
    told += [f"  still refused, {why}: {count}" for why, count in outlook.refused.most_common()]
    remark("\n".join([*told, ""]))
    try:
        sure = click.confirm("Take them in?", err=True)
    except click.Abort:
        raise Failed("\nNothing was taken in: say --yes where nobody can be asked.") from None
    if not sure:
        raise Failed("Nothing was taken in.", code=FOUND_WRONG)


def _print_retried(retried: Sequence[Retried]) -> None:
    for each in retried:
        say(f"{each.judged.rejection.id}  {_came_to(each)}")
    if not retried:
        say("There are no such refused deliveries.")


def _came_to(retried: Retried) -> str:
    judged, accepted = retried.judged, retried.accepted
    match retried.result:
        case Result.ACCEPTED if accepted:
            known = f", {accepted.duplicates} known already" if accepted.duplicates else ""
            ids = " ".join(accepted.ids)
            return f"taken in: {words.number(accepted.accepted, 'event')}{known}: {ids}"
        case Result.DUPLICATE if accepted:
            return f"known already: {' '.join(accepted.ids)}"
        case Result.EMPTY:
            return "taken in: it holds no events"
        case Result.REFUSED:
            return f"still refused: {judged.cause}: {judged.detail}"
        case _:
            return f"cannot be taken in: {judged.detail}"
