"""`usher coursebox confirm`: an operator says that a portal is known."""

from dataclasses import asdict
from datetime import datetime

import click

from coursebox.policy import FirstUse
from usher import words
from usher.failing import FOUND_WRONG, Failed
from usher.opening import Usher, opened
from usher.output import document, remark, say
from usher.portal_access import Access, access, account_option
from usher.portal_records import as_json_option
from usher.proving import Kept, keep_proof, revoke_proof
from workers.portals import FIRST_USE, destination


@click.command()
@account_option
@click.option("--why", default="", help="How it is known, for everybody who wonders later.")
@click.option("--revoke", is_flag=True, help="Take back what was checked or confirmed.")
@as_json_option
def confirm(account: str, why: str, revoke: bool, as_json: bool) -> None:
    """Say that it is known what this portal does when a learner is removed or changed.

    Until then, or until `usher coursebox check --course ID` has seen it, such steps wait. It counts
    for the address in the settings; a portal at another address is another one.
    """
    if not revoke and not why.strip():
        raise click.UsageError("Say --why.")
    to = access(account)
    with opened(start=True) as usher:
        if revoke:
            _revoke(usher, to, as_json)
        else:
            _confirm(usher, to, why.strip(), as_json)


def _confirm(usher: Usher, to: Access, why: str, as_json: bool) -> None:
    kept = keep_proof(usher, to.account, to.address, "confirmed", why)
    if as_json:
        told = {"account": to.account, **asdict(kept.proof), "runs_freed": kept.freed}
        document(told)
        return
    say(f"Kept: learners may be removed and changed in {to.address}.")
    tell_freed(kept)


def tell_freed(kept: Kept) -> None:
    """Says how many runs go on."""
    if kept.freed:
        say(f"{words.number(kept.freed, 'run')} that waited for it can go on.")
        if not kept.workers:
            remark(words.NO_WORKER)


def _revoke(usher: Usher, to: Access, as_json: bool) -> None:
    was = revoke_proof(usher, to.account, to.address)
    if as_json:
        document({"account": to.account, "revoked": asdict(was) if was else None})
    if was is None:
        text = f"Nothing was kept for {to.address}, so there is nothing to take back."
        raise Failed(text, _still(to), FOUND_WRONG)
    if as_json:
        return
    since = words.clock(datetime.fromisoformat(was.at), usher.now)
    say(f"Taken back what was {was.how} by {was.by} at {since}: {was.why}")
    place = destination(to.account, FIRST_USE)
    say(_still(to) or f"Steps that remove or change a learner wait from now on, at {place}.")


def _still(to: Access) -> str:
    if to.policy.first_use is not FirstUse.CONFIRMED:
        return ""
    variable = to.variable("COURSEBOX_FIRST_USE")
    return f"{variable} is confirmed in the settings, so learners are removed all the same."
