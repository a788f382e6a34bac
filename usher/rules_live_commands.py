"""`usher rules status` and `usher rules reload`: which rules are live, and having them read now."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import click

from usher import words
from usher.failing import COULD_NOT_RUN, FOUND_WRONG, Failed
from usher.opening import Usher, opened, operator, read
from usher.output import Column, document, facts, remark, say, table
from usher.shapes import SHOWN_OF_HASH, iso
from workers.store import Follower, Live, Publication

# A worker follows within a second; one that is later than this is behind (seconds).
IN_TIME: Final = 3.0
# The longest wait for the loader to answer (seconds), and how often it is looked for.
ANSWERS_WITHIN: Final = 20.0
LOOK_AGAIN: Final = 0.1
WORKERS: Final = (Column("WORKER"), Column("VERSION"), Column(""))


@dataclass(frozen=True, slots=True)
class Status:
    """What is live, who has it, and what is refused."""

    live: Live | None
    loader: str
    folder: str
    refused: Mapping[str, str]
    workers: tuple[tuple[Follower, bool], ...] = field(default=())

    @property
    def fine(self) -> bool:
        """Whether all that lies in the folder is live everywhere."""
        behind = any(late for _, late in self.workers)
        return self.live is not None and not self.refused and not behind


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def status(ctx: click.Context, as_json: bool) -> None:
    """Say which rules are live, what is refused and why, and which worker is behind.

    Exit code 1 where something is refused, a worker is behind, or nothing is live.
    """
    found = read(_status, None)
    if found is None:
        if as_json:
            document(_shape(Status(None, "", "", {})))
        ctx.exit(FOUND_WRONG)
    _tell(found[0], found[1], as_json)
    if not found[0].fine:
        ctx.exit(FOUND_WRONG)


@click.command()
@click.option(
    "--accept-removal",
    is_flag=True,
    help="Let files go that are not there any more, however many.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def reload(ctx: click.Context, accept_removal: bool, as_json: bool) -> None:
    """Have the rules folder read now, and say what came of it.

    It is read by the worker that loads for all, on its machine.
    """
    with opened() as usher:
        publication = Publication(usher.store.connection)
        if not usher.archive.workers_alive():
            raise Failed("No worker is alive that could read the rules.", words.NO_WORKER)
        request = publication.ask(operator(), accept_removal=accept_removal)
        _wait(publication, request)
        found, now = _when_followed(usher)
    _tell(found, now, as_json)
    if not found.fine:
        ctx.exit(FOUND_WRONG)


def _wait(publication: Publication, request: str) -> None:
    until = time.monotonic() + ANSWERS_WITHIN
    while publication.answered(request) is None:
        if time.monotonic() > until:
            raise Failed(
                f"No worker has answered within {ANSWERS_WITHIN:g} s.",
                "`usher rules status` names the one that loads; its log may say more.",
                COULD_NOT_RUN,
            )
        time.sleep(LOOK_AGAIN)


def _when_followed(usher: Usher) -> tuple[Status, datetime]:
    """How things are once every worker has had the time to follow."""
    until = time.monotonic() + IN_TIME
    while True:
        found, now = _status(usher)
        have = all(not _late(one, found.live) for one, _ in found.workers)
        if have or time.monotonic() > until:
            return found, now
        time.sleep(LOOK_AGAIN)


def _status(usher: Usher) -> tuple[Status, datetime]:
    publication = Publication(usher.store.connection)
    found = publication.live()
    live = found[0] if found else None
    alive = usher.archive.names_of_workers()
    told = {follower.worker: follower for follower in publication.followers()}
    followers = [told.get(worker, Follower(worker)) for worker in alive]
    settled = live is not None and (usher.now - live.published_at).total_seconds() > IN_TIME
    workers = tuple((one, settled and _late(one, live)) for one in followers)
    report = publication.report()
    loader = publication.loader()
    folder = report.folder or (live.folder if live else "")
    return Status(live, loader, folder, usher.archive.refused_rules(), workers), usher.now


def _late(one: Follower, live: Live | None) -> bool:
    return live is not None and one.document != live.document


def _tell(found: Status, now: datetime, as_json: bool) -> None:
    if as_json:
        document(_shape(found))
        return
    live = found.live
    if live is None:
        say("No rules are live yet.", style="bold")
    else:
        count = f"{words.number(live.rules, 'rule')} of {words.number(live.files, 'file')}"
        say(f"{count} live, version {live.version[:SHOWN_OF_HASH]}", style="bold")
    facts(
        [
            ("since", words.moment(live.published_at, now) if live else ""),
            ("commit", live.commit[:SHOWN_OF_HASH] if live else ""),
            ("folder", found.folder),
            ("loaded by", found.loader or "nobody: no worker is alive"),
        ]
    )
    if found.refused:
        say()
        say("Refused; what was live before stays live", style="bold")
        for why in found.refused.values():
            say(why, indent=2)
    if found.workers:
        say()
        table(WORKERS, [_row(one, late) for one, late in found.workers])
    else:
        remark(words.NO_WORKER)


def _row(one: Follower, late: bool) -> list[str]:
    return [one.worker, one.version[:SHOWN_OF_HASH] or "-", "behind" if late else ""]


def _shape(found: Status) -> dict[str, Any]:
    live = found.live
    return {
        "version": live.version if live else None,
        "generation": live.generation if live else None,
        "rules": live.rules if live else 0,
        "files": live.files if live else 0,
        "since": iso(live.published_at) if live else None,
        "commit": (live.commit or None) if live else None,
        "folder": found.folder or None,
        "loader": found.loader or None,
        "refused": [{"file": file, "why": why} for file, why in found.refused.items()],
        "workers": [
            {"worker": one.worker, "version": one.version or None, "behind": late}
            for one, late in found.workers
        ],
        "ok": found.fine,
    }
