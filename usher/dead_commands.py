"""`usher dead`: the dead letters: what gave up, why, and how it is tried again."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

import click

from rulebook import Book, SnapshotError
from usher import words
from usher.dead_letters import DeadLetter, find_letter, letter_shape, letters
from usher.events_commands import event_rows, print_body
from usher.failing import FOUND_WRONG, Failed
from usher.finding import short
from usher.given_events import preset_names
from usher.opening import Usher, opened, operator, read
from usher.output import Column, document, facts, on_terminal, remark, say, table
from usher.run_text import item, print_attempts
from usher.shapes import SHOWN_OF_HASH, attempts_shape, body_shape, event_shape, iso
from usher.todays_rule import Change, NoSuccessor, change_of
from workers.rulebooks import live_snapshot
from workers.store import Attempt, Publication
from workers.store.replays import replay_with

COLUMNS = (
    Column("ID"),
    Column("GAVE UP", from_width=110),
    Column("AGE"),
    Column("RULE", most=20),
    Column("LEARNER", most=26),
    Column("REASON"),
)
# how many are told one by one before many are replayed
EXAMPLES = 5


@click.group()
def dead() -> None:
    """What gave up, why, and trying it again.

    A dead letter is a run that gave up, or an event that could not be given to the rules.
    """


@dead.command("list")
@click.option("--rule", help="Only dead letters of the rule with this id.")
@click.option("--source", help="Only dead letters of this source.")
@click.option(
    "--limit", default=20, show_default=True, type=click.IntRange(1), help="At most so many."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def list_dead(rule: str | None, source: str | None, limit: int, as_json: bool) -> None:
    """List dead letters, the latest first."""

    def wanted(letter: DeadLetter) -> bool:
        return rule in (None, letter.rule) and source in (None, letter.source)

    def get(usher: Usher) -> tuple[list[DeadLetter], int, datetime] | None:
        found = list(islice(letters(usher.archive, wanted), limit))
        return found, len(usher.archive.dead()), usher.now

    listed = read(get, None)
    if as_json:
        document([letter_shape(letter) for letter in listed[0]] if listed else [])
    elif listed:
        _print_list(*listed)


def _print_list(found: Sequence[DeadLetter], total: int, now: datetime) -> None:
    if found:
        table(COLUMNS, [_row(letter, now) for letter in found])
        say()
    shown = "" if len(found) == total else f"; {len(found)} shown"
    say(f"{words.number(total, 'dead letter')}{shown}")


def _row(letter: DeadLetter, now: datetime) -> list[str]:
    at = letter.gave_up_at
    return [
        short(letter.id) if on_terminal() else letter.id,
        (words.clock(at, now) if on_terminal() else iso(at) or "-") if at else "-",
        words.age(at, now) if at else "-",
        letter.rule or "-",
        letter.learner or "-",
        letter.reason,
    ]


@dead.command("show")
@click.argument("letter_id", metavar="ID")
@click.option("--full", is_flag=True, help="The whole body of the event, however long.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def show_dead(letter_id: str, full: bool, as_json: bool) -> None:
    """Show a dead letter: why it gave up, what is done, what is left, every attempt, the event.

    ID is the id, its beginning, or its last 6 characters or more.
    """
    with opened() as usher:
        letter = find_letter(usher, letter_id)
        attempts = usher.archive.attempts(letter.id) if letter.run else ()
    if as_json:
        document(_full_shape(letter, attempts))
        return
    _print_letter(letter, usher.now)
    if letter.run:
        print_attempts(attempts, usher.now)
    if letter.event:
        say()
        say(f"Event {letter.event.id}", style="bold")
        facts(event_rows(letter.event, usher.now))
        print_body(letter.event, full)
    again = "try what is left again" if letter.run else "give it to the rules again"
    remark(f"\nTo {again}: usher dead replay {short(letter.id)}")


def _full_shape(letter: DeadLetter, attempts: Sequence[Attempt]) -> dict[str, object]:
    event = letter.event
    return {
        **letter_shape(letter),
        "attempts": attempts_shape(attempts),
        "event": {**event_shape(event), "body": body_shape(event)} if event else None,
    }


def _print_letter(letter: DeadLetter, now: datetime) -> None:
    say(f"Dead letter {letter.id}", style="bold")
    run = letter.run
    facts(
        [
            ("why", letter.reason),
            ("gave up", words.moment(run.finished_at, now) if run and run.finished_at else ""),
            ("rule", f"{run.rule}, version {run.rule_hash[:SHOWN_OF_HASH]}, {run.file}:{run.line}"
             if run else "none: the event could not be given to the rules"),
            ("learner", letter.learner),
            ("item", item(run) if run else ""),
            ("replayed", words.number(run.replays, "time") if run and run.replays else ""),
            *(("done", f"{words.does(s)}: {words.came_to(s)}") for s in letter.done),
            ("done" if not letter.done else "", "nothing" if run and not letter.done else ""),
            *(("left", f"{words.does(s)}: {words.came_to(s)}") for s in letter.left),
        ]
    )  # fmt: skip


@dead.command("replay")
@click.argument("ids", metavar="[ID...]", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every dead letter.")
@click.option("--rule", help="With --all: only those of the rule with this id.")
@click.option(
    "--with-todays-rule", "todays", is_flag=True, help="Go on with the rule as it is live now."
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def replay(
    ids: tuple[str, ...],
    everything: bool,
    rule: str | None,
    todays: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Try dead letters again: only what is left to do, with the rule as it was.

    More than one is shown first, and asked about. With today's rule, what it would do otherwise is
    shown first in any case.
    """
    if bool(ids) == everything or (rule and not everything):
        raise click.UsageError("Say either which (ID...), or --all, which may have --rule.")

    def carry_out(usher: Usher) -> Replayed:
        chosen = _chosen(usher, ids, rule)
        if todays:
            return _replay_today(usher, chosen, yes=yes)
        if len(chosen) > 1 and not yes:
            _ask(chosen)
        return _replay(usher, chosen)

    if everything:
        replayed = read(carry_out, Replayed((), 0))
    else:
        with opened() as usher:
            replayed = carry_out(usher)
    if as_json:
        document([_replayed_shape(replayed, letter, done) for letter, done in replayed.letters])
    else:
        _print_replayed(replayed)
    if replayed.left_out:
        told = words.number(replayed.left_out, "dead letter was", "dead letters were")
        raise Failed(f"{told} left as they are.", code=FOUND_WRONG)
    if not all(done for _, done in replayed.letters):
        raise Failed("Not all of them were dead letters any more.", code=FOUND_WRONG)


@dataclass(frozen=True, slots=True)
class Replayed:
    """Which letters were meant, and whether each one was still dead and now lives again."""

    letters: Sequence[tuple[DeadLetter, bool]]
    workers: int
    left_out: int = 0
    # the version of today's rule by the id of the letter that goes on with it
    versions: Mapping[str, str] = field(default_factory=dict)


def _replayed_shape(replayed: Replayed, letter: DeadLetter, done: bool) -> dict[str, object]:
    version = replayed.versions.get(letter.id)
    shape: dict[str, object] = {"id": letter.id, "replayed": done}
    return {**shape, "rule_version": version} if version else shape


def _replay(usher: Usher, chosen: Sequence[DeadLetter]) -> Replayed:
    by = operator()
    done = [
        (letter, usher.store.replay(letter.id, letter.run.steps if letter.run else (), by))
        for letter in chosen
    ]
    return Replayed(done, usher.archive.workers_alive())


def _replay_today(usher: Usher, chosen: Sequence[DeadLetter], *, yes: bool) -> Replayed:
    changes, refused = _changes(usher, [letter for letter in chosen if letter.run])
    unread = [letter for letter in chosen if not letter.run]
    for letter, why in refused:
        remark(f"{letter.id}  {why}")
    if refused and not (changes or unread):
        raise Failed("Nothing was replayed.", code=FOUND_WRONG)
    told = [line for change in changes for line in change.lines]
    told += [f"{letter.id}  {letter.would}" for letter in unread]
    remark("\n".join(told))
    if changes and not yes:
        _confirm("\nGo on with today's rule?")
    by, connection = operator(), usher.store.connection
    done = [(each.letter, replay_with(connection, each.run, by, each.to)) for each in changes]
    others = _replay(usher, unread)
    versions = {each.letter.id: each.to.rule_hash[:SHOWN_OF_HASH] for each in changes}
    return Replayed([*done, *others.letters], others.workers, len(refused), versions)


def _changes(
    usher: Usher, chosen: Sequence[DeadLetter]
) -> tuple[list[Change], list[tuple[DeadLetter, str]]]:
    """How each letter would go on with today's rule, and why the others cannot."""
    changes: list[Change] = []
    refused: list[tuple[DeadLetter, str]] = []
    if not chosen:
        return changes, refused
    book, preset = _live(usher), preset_names(usher.settings)
    for letter in chosen:
        try:
            changes.append(change_of(usher, letter, book, preset))
        except NoSuccessor as error:
            refused.append((letter, str(error)))
    return changes, refused


def _live(usher: Usher) -> Book:
    try:
        found = live_snapshot(Publication(usher.store.connection))
    except SnapshotError as error:
        raise Failed(f"The live rules cannot be read: {error}.") from error
    if found is None:
        raise Failed("No rules are live yet.", "Is `usher up` running?", FOUND_WRONG)
    return Book(found[1].rules, commit=found[1].commit)


def _chosen(usher: Usher, ids: Sequence[str], rule: str | None) -> list[DeadLetter]:
    if ids:
        found = (find_letter(usher, id_) for id_ in ids)
        return list({letter.id: letter for letter in found}.values())
    return list(letters(usher.archive, lambda letter: rule in (None, letter.rule)))


def _ask(chosen: Sequence[DeadLetter]) -> None:
    left = Counter(words.plain(step.action) for letter in chosen for step in letter.left)
    again = sum(1 for letter in chosen if not letter.run)
    kinds = [f"{action}: {count}" for action, count in left.most_common()]
    if again:
        kinds.append(f"give the event to the rules again: {again}")
    told = [f"{len(chosen)} dead letters would be tried again. What is left to do in them:"]
    told += [f"  {kind}" for kind in kinds]
    told += ["", "What is done already is not done again. The latest:"]
    told += [f"  {short(letter.id)}  {letter.would}" for letter in chosen[:EXAMPLES]]
    if len(chosen) > EXAMPLES:
        told.append(f"  ... and {len(chosen) - EXAMPLES} more")
    remark("\n".join([*told, ""]))
    _confirm("Try them again?")


def _confirm(question: str) -> None:
    try:
        sure = click.confirm(question, err=True)
    except click.Abort:
        raise Failed("\nNothing was replayed: say --yes where nobody can be asked.") from None
    if not sure:
        raise Failed("Nothing was replayed.", code=FOUND_WRONG)


def _print_replayed(replayed: Replayed) -> None:
    for letter, done in replayed.letters:
        version = replayed.versions.get(letter.id)
        what = f"with today's rule, version {version}" if version else letter.would
        told = f"replayed: {what}" if done else "not a dead letter any more"
        say(f"{letter.id}  {told}")
    if not replayed.letters:
        say("There are no such dead letters.")
    elif not replayed.workers:
        remark(words.NO_WORKER)
