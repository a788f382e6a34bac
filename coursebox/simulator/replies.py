"""What goes back to the caller: results in the shape that is set, refusals, and made-up answers."""

from collections.abc import Mapping

from coursebox.simulator.errors import ERROR_BODIES, ApiError, phrase
from coursebox.simulator.exchange import Reply, json_reply
from coursebox.simulator.faults import GATEWAY_STATUSES, Ending, Fault
from coursebox.simulator.routes import Route
from coursebox.simulator.switches import Profile, Replies, ReplyKey, Switches

EMPTY_WRITES = frozenset({Replies.EMPTY, Replies.WRAPPED_EMPTY})
IN_ONE_KEY = frozenset({Replies.WRAPPED, Replies.WRAPPED_EMPTY})


def shaped(result: object, route: Route, switches: Switches) -> Reply:
    """The result of a call, as `replies` and `reply_key` set it; a log-in has its own switch."""
    if route.writes and switches.replies in EMPTY_WRITES:
        return Reply(204)
    if route.needs_token and switches.replies in IN_ONE_KEY:
        key = route.own if switches.reply_key is ReplyKey.OWN else str(switches.reply_key)
        return json_reply({key: result})
    return json_reply(result)


def refusal(error: ApiError, profile: Profile) -> Reply:
    return json_reply(ERROR_BODIES[profile](error), error.status)


def too_many(retry_after: int) -> Reply:
    """What a caller gets who is faster than `rate_limit`."""
    return gateway_error(429, {"Retry-After": str(retry_after)})


def ended(fault: Fault, reply: Reply | None, profile: Profile) -> Reply | None:
    """What becomes of a reply that this fault met; None is a dropped connection."""
    match fault.plan.ending:
        case Ending.DROPPED:
            return None
        case Ending.STATUS:
            return _made_up(fault, profile)
        case Ending.CUT_SHORT if reply is not None:
            return Reply(reply.status, reply.body[: len(reply.body) // 2] or b"{")
        case _:
            return reply


def _made_up(fault: Fault, profile: Profile) -> Reply:
    headers = dict(fault.headers)
    if fault.retry_after is not None:
        headers["Retry-After"] = f"{fault.retry_after:g}"
    if fault.body is not None:
        return Reply(fault.status, fault.body.encode(), headers=headers)
    if fault.status in GATEWAY_STATUSES:
        return gateway_error(fault.status, headers)
    made_up = ApiError(fault.status, f"Simulated {fault.status}", code=fault.code)
    return Reply(fault.status, refusal(made_up, profile).body, headers=headers)


def gateway_error(status: int, headers: Mapping[str, str]) -> Reply:
    """What a proxy before the application answers: HTML, whatever the caller accepts."""
    line = f"{status} {phrase(status)}"
    text = f"<html><head><title>{line}</title></head><body><h1>{line}</h1></body></html>\n"
    return Reply(status, text.encode(), "text/html", headers)
