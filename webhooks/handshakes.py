"""Requests that are no events: how senders ask whether they are heard, before or beside events.

Nothing of them is kept or counted. What proves nothing is told nothing: an echo goes only to who
is proved, and only a WooCommerce ping is answered unproved, with nothing but 200.
"""

import re

from flask import Response, jsonify

from senders.bodies import read_body
from senders.delivery import Delivery, Malformed, UnsupportedType
from senders.preset import Auth, Handshake, Preset
from senders.sources import Source
from senders.verify import path_fits

# https://github.com/woocommerce/woocommerce/blob/trunk/plugins/woocommerce/includes/class-wc-webhook.php
_PING = re.compile(rb"webhook_id=[0-9]{1,20}")
_PING_TYPES = ("", "application/x-www-form-urlencoded")
# the others are of Slack: https://api.slack.com/events/url_verification
_CHALLENGE_KEYS = frozenset({"challenge", "token", "type"})
_LONGEST_CHALLENGE_BODY = 10_000


def fits_address(source: Source, delivery: Delivery) -> bool:
    """Whether the address holds the source's secret; any will do for a source that has none."""
    return not source.path_secrets or path_fits(source, delivery)


def answer_unproved(source: Source, delivery: Delivery) -> Response | None:
    """The answer to a POST that comes before there is any proof; None for every other."""
    if not fits_address(source, delivery):
        return None
    if _is_ping(source.preset, delivery):
        return Response(status=200, mimetype="text/plain")
    # monday.com asks before it has a token to show: the secret in the URL speaks for it
    if source.preset.auth is Auth.JWT and source.path_secrets:
        return answer_challenge(source, delivery)
    return None


def answer_challenge(source: Source, delivery: Delivery) -> Response | None:
    """The answer to a challenge: the same text; None for what is none."""
    challenge = _challenge(source.preset, delivery)
    return None if challenge is None else jsonify(challenge=challenge)


def is_handshake(preset: Preset, delivery: Delivery) -> bool:
    """Whether it is no event but one of these requests, proved or not."""
    if delivery.method != "POST":
        return True
    return _is_ping(preset, delivery) or _challenge(preset, delivery) is not None


def _challenge(preset: Preset, delivery: Delivery) -> str | None:
    if Handshake.CHALLENGE not in preset.handshakes:
        return None
    if len(delivery.body) > _LONGEST_CHALLENGE_BODY or b'"challenge"' not in delivery.body:
        return None
    try:
        said = read_body(preset, delivery)
    except (Malformed, UnsupportedType):
        return None
    if not isinstance(said, dict) or not set(said) <= _CHALLENGE_KEYS:
        return None
    challenge = said.get("challenge")
    return challenge if isinstance(challenge, str) else None


def _is_ping(preset: Preset, delivery: Delivery) -> bool:
    kind = ",".join(delivery.values("Content-Type")).partition(";")[0].strip().lower()
    return (
        Handshake.PING in preset.handshakes
        and not delivery.values(preset.signature.name)
        and kind in _PING_TYPES
        and _PING.fullmatch(delivery.body) is not None
    )
