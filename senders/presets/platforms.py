"""GitHub, Slack, Zapier and Make: tools that pass on what happens elsewhere."""

from dataclasses import replace

from senders.preset import (
    Auth,
    BodyKind,
    Guide,
    Handshake,
    Preset,
    Reply,
    ReplyBody,
    SignatureHeader,
    Timestamp,
)
from senders.presets.own_bodies import OWN_BODY

_GROUP = "platforms"
_JSON_OR_FORM = (BodyKind.JSON, BodyKind.FORM)
_AUTHORED = replace(
    OWN_BODY,
    adapter="automation",
    # what is paid and then refunded may be known by the same number
    id=(
        ("header:Idempotency-Key", "type"),
        ("header:Idempotency-Key", "event"),
        ("header:Idempotency-Key",),
    ),
    type="type",
    occurred_at=(),
    body=_JSON_OR_FORM,
)
_AUTHORED_UNDOCUMENTED = (
    "Nothing is signed; the token in the header is the only proof.",
    "Without Idempotency-Key, equal bodies are taken for one event: send something that tells "
    "two apart, or name it in sources.yaml as id. With it, events of one type and one key are one.",
    "The type is the field type, or else event; without either it is received.",
    "For user and password instead of a token, use the preset basic.",
)

ROWS: tuple[Preset, ...] = (
    Preset(
        name="github",
        auth=Auth.HMAC,
        adapter="github",
        signature=SignatureHeader("X-Hub-Signature-256", prefix="sha256="),
        id=(("header:X-GitHub-Delivery",),),
        type="header:X-GitHub-Event",
        body=_JSON_OR_FORM,
        json_fields=("payload",),
        # a ping repeats the address that it calls, with the secret at its end
        forget=("hook.config", "payload.hook.config"),
        guide=Guide(
            title="GitHub",
            group=_GROUP,
            steps=(
                "In the settings of the repository or organization, under Webhooks, add one with "
                "the address as payload URL, content type application/json, and a long random "
                "secret; set the secret to the same text. Choose single events."
            ),
            link="https://docs.github.com/en/webhooks/using-webhooks/creating-webhooks",
            undocumented=(
                "GitHub signs the body alone: neither the event's name nor its id in the headers. "
                "Who has got hold of an old delivery could post it again under a new id.",
                "GitHub signs no time, and its payloads have none in common: an event counts as "
                "having happened when it came.",
                "GitHub does not try again; Redeliver sends the same id, and is a duplicate.",
            ),
        ),
    ),
    # verification tokens and addresses to answer to give power to whoever reads them
    Preset(
        name="slack",
        auth=Auth.HMAC,
        adapter="slack",
        signature=SignatureHeader("X-Slack-Signature", prefix="v0="),
        timestamp=Timestamp(header="X-Slack-Request-Timestamp"),
        signed="v0:{ts}:{body}",
        id=(
            ("event_id",),
            ("command", "trigger_id"),
            ("payload.type", "payload.trigger_id"),
        ),
        occurred_at=("event_time", "header:X-Slack-Request-Timestamp"),
        body=_JSON_OR_FORM,
        json_fields=("payload",),
        forget=(
            *("token", "response_url"),
            *("payload.token", "payload.response_url", "payload.response_urls"),
            *("event.bot_access_token", "payload.bot_access_token"),
        ),
        handshakes=(Handshake.CHALLENGE,),
        reply=Reply(200, ReplyBody.EMPTY),
        guide=Guide(
            title="Slack",
            group=_GROUP,
            steps=(
                "Under api.slack.com/apps, open or make an app, set the secret to its signing "
                "secret (Basic Information), type the address into Event Subscriptions, Slash "
                "Commands or Interactivity, and subscribe to events such as team_join. Add the "
                "scope users:read.email to get addresses."
            ),
            link="https://docs.slack.dev/authentication/verifying-requests-from-slack",
            undocumented=(
                "Commands and what people press have no id of their own: trigger_id is taken for "
                "it, and the whole body where that is missing.",
                "Slack shows nothing to the person: it reads an empty answer.",
            ),
        ),
    ),
    replace(
        _AUTHORED,
        name="zapier",
        guide=Guide(
            title="Zapier",
            group=_GROUP,
            steps=(
                "Add the action Webhooks by Zapier > POST with the address, payload type json, "
                "your fields under Data (type among them, such as order.paid), and the headers "
                "Authorization: Bearer <the secret> and Idempotency-Key: <the id of what the Zap "
                "is about>."
            ),
            link="https://help.zapier.com/hc/en-us/articles/8496326446989",
            undocumented=_AUTHORED_UNDOCUMENTED,
        ),
    ),
    replace(
        _AUTHORED,
        name="make",
        also=("integromat",),
        guide=Guide(
            title="Make",
            group=_GROUP,
            steps=(
                "Add the module HTTP > Make a request with the address, method POST, body type "
                "Raw and content type JSON, your fields in the request content (type among them, "
                "such as order.paid), and the headers Authorization: Bearer <the secret> and "
                "Idempotency-Key: <the id of what the scenario is about>."
            ),
            link="https://apps.make.com/http",
            undocumented=_AUTHORED_UNDOCUMENTED,
        ),
    ),
)
