"""Every key Usher keeps in Redis, in one table.

A name that ends in ":" is a prefix; the rest of the key is written beside it. The Lua scripts are
given the same table as `K`, so that no key is spelled twice.
"""

from typing import Final

KEYS: Final[dict[str, str]] = {
    # unfinished work: id -> time (ms) when someone must look at it again. The one invariant.
    "due": "usher:due",
    # the same entries by priority, for the choice of what is next alone: `due` is what counts
    "due_high": "usher:due:high",
    "due_event": "usher:due:event",
    "due_normal": "usher:due:normal",
    "due_low": "usher:due:low",
    # runs of another Coursebox account than `default` by priority, instead of those above; the
    # accounts that have some now -> the last turn in which one of theirs was chosen
    "due_of": "usher:due:of:",  # + account + ":" + priority
    "due_accounts": "usher:due:accounts",
    # there while some live rule has a priority: only then is by priority chosen at all
    "prioritised": "usher:prioritised",
    # counts choices made by priority: each tenth goes by time alone
    "turns": "usher:turns",
    # the same of each account while there are several: account (or "@events") -> number
    "account_turns": "usher:turns:accounts",
    # what happened: hash per event; index by the time it was received
    "event": "usher:event:",  # + event id
    "events": "usher:events",
    # counts accepted events, so that those of one moment have an order
    "sequence": "usher:sequence",
    # one rule applied to one event or item: hash per run; index by time; list of attempts (JSON)
    "run": "usher:run:",  # + run id
    "runs": "usher:runs",
    "attempts": "usher:attempts:",  # + run id
    # what the look-ups of its rule have told a run: name -> JSON
    "looked": "usher:looked:",  # + run id
    # `once_per`: the run that has the key
    "once": "usher:once:",  # + rule id + ":" + sha1 of the key
    # `limit`: run id -> time (ms) from which it may begin; how many runs of each rule are parked
    # now; set while nobody need be told of it again
    "limit": "usher:limit:",  # + rule id
    "parked": "usher:parked",
    "parked_told": "usher:parked:told:",  # + rule id
    # runs (or events that could not be dispatched) that gave up: id -> time (ms)
    "dead": "usher:dead",
    # identity of an accepted event -> its id, for the length of the duplicate window
    "seen": "usher:seen:",  # + source + ":" + identity
    # "<source> <what>" -> number; what: accepted duplicates pending finished dead ignored refused:*
    "counts": "usher:counts",
    # who is being acted for: claim token; those waiting for the same person, by when it happened
    "learner": "usher:learner:",  # + learner
    "line": "usher:line:",  # + learner
    # course -> "time (ms) sequence" of the last event applied for that learner
    "applied": "usher:applied:",  # + learner
    # what is known of a record whose sender never says what changed (JSON)
    "memory": "usher:memory:",  # + source + ":" + preset + ":" + kind + ":" + record id
    # canonical body of a rule, by its hash: what a run executes, whatever the files say today
    "rule": "usher:rule:",  # + hash
    # rule id -> "on" or "off", and the time (ms) when it last went off (0 = never); "" is there
    # once anything was published
    "switches": "usher:rules:switches",
    # rules that went live together, by the hash of their text; the last ones by generation; which
    # are live (hash: document version generation published_at rules files loader folder commit)
    "snapshot": "usher:rules:snapshot:",  # + document
    "snapshots": "usher:rules:snapshots",
    "live_rules": "usher:rules:live",
    # last good text of each rule file
    "good_rules": "usher:rules:good",
    # the elected loader, as "<1 it has rules | 0> <worker>"; what it refuses today (JSON)
    "rule_loader": "usher:rules:loader",
    "rule_report": "usher:rules:report",
    # worker -> which rules it has, and why not the live ones (JSON)
    "followers": "usher:rules:followers",
    # requests to look at the folder now (JSON), and what came of each
    "rule_requests": "usher:rules:requests",
    "rule_answer": "usher:rules:answer:",  # + request id
    # destinations on hold: name -> JSON; runs that wait for the release
    "holds": "usher:holds",
    "held": "usher:held:",  # + destination
    # the last holds and releases (JSON), newest first
    "hold_history": "usher:holds:history",
    # of each Coursebox account: the shared token (encrypted), the log-in lock, e-mail <-> user id
    "token": "usher:coursebox:token:",  # + account
    "login": "usher:coursebox:login:",  # + account
    # for seconds, a log-in that was just refused: a mark of it, and what there is to say
    "login_refused": "usher:coursebox:login-refused:",  # + account
    "user_ids": "usher:coursebox:user-ids:",  # + account + " " + address
    "emails": "usher:coursebox:emails:",  # + account + " " + address
    # what was seen of its courses: their ids as listed last (JSON); course -> time (ms) when it was
    # looked through, below 0 where it may not be; course -> until when (ms) somebody reads it
    "courses": "usher:coursebox:courses:",  # + account + " " + address
    "courses_read": "usher:coursebox:courses-read:",  # + account + " " + address
    "courses_reading": "usher:coursebox:courses-reading:",  # + account + " " + address
    # the last invitation, "<sending | sent> <time (ms)> <who sends it>", and the same of one before
    "invited": "usher:coursebox:invited:",  # + account + " " + address + ":" + course + ":" + mail
    # who takes a learner out of a course now; user id -> time (ms) of those who were taken out
    "removing": "usher:coursebox:removing:",  # + account + " " + address + ":" + course
    "removed": "usher:coursebox:removed:",  # + account + " " + address + ":" + course
    # "<account> <action> <outcome>" -> number
    "outcomes": "usher:outcomes",
    # account -> why learners may be removed and changed in its portal (JSON)
    "proofs": "usher:coursebox:proofs",
    # of each destination that has a gate: calls whose token is taken -> time (ms) when it is free
    # again; calls in flight -> end (ms) of their lease; who waits for their turn -> ticket, and
    # their last sign of life (ms); until when (ms) nothing is sent there at all
    "gate_tokens": "usher:gate:tokens:",  # + destination
    "gate_flying": "usher:gate:flying:",  # + destination
    "gate_line": "usher:gate:line:",  # + destination
    "gate_alive": "usher:gate:alive:",  # + destination
    "gate_ticket": "usher:gate:ticket:",  # + destination
    "gate_closed": "usher:gate:closed:",  # + destination
    # "<second> <good | bad>" -> calls that ended so, for the circuit
    "gate_health": "usher:gate:health:",  # + destination
    # "<destination> <call> <kind | ok>" -> number of calls
    "gate_calls": "usher:gate:calls",
    # not a key but a channel: whoever waits is told that its turn may have come
    "gate_wake": "usher:gate:wake:",  # + waiter
    # deliveries that were refused: hash per delivery, what came is sealed; per cause and source a
    # ring of "<id> <bytes> <mark>" by time (ms); all rings, as "<cause>:<source>"
    "rejected": "usher:rejected:entry:",  # + id
    "rejected_ring": "usher:rejected:ring:",  # + cause + ":" + source
    "rejected_rings": "usher:rejected:rings",
    # the elected ticker; worker processes: name -> time (ms) of the last sign of life
    "ticker": "usher:ticker",
    "workers": "usher:workers",
    # RQ's own list: only its length is read
    "queue": "rq:queue:usher",
}


def lua_table() -> str:
    """The key table as Lua source: `local K = {...}`."""
    entries = ", ".join(f"{name} = '{key}'" for name, key in KEYS.items())
    return f"local K = {{{entries}}}\n"
