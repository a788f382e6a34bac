"""The senders that Usher knows, one row each."""

from collections.abc import Mapping
from types import MappingProxyType

from senders.preset import (
    HASH,
    Auth,
    Batch,
    Encoding,
    Key,
    KeyForm,
    Preset,
    SignatureHeader,
    Timestamp,
    Unit,
)

_SHAPE = ("id", "type", "occurred_at", "batch")

_ROWS = (
    # v3 signature, which HubSpot sends with CRM events and workflow webhooks alike:
    # https://developers.hubspot.com/docs/api/webhooks/validating-requests
    # eventId alone is "not guaranteed to be unique"; attemptNumber counts HubSpot's retries.
    Preset(
        name="hubspot",
        auth=Auth.HMAC,
        adapter="hubspot",
        signature=SignatureHeader("X-HubSpot-Signature-v3"),
        timestamp=Timestamp(header="X-HubSpot-Request-Timestamp", unit=Unit.MILLISECONDS),
        signed="{method}{url|hubspot}{body}{ts}",
        encoding=Encoding.BASE64,
        id=(
            ("portalId", "subscriptionId", "eventId", "objectId", "occurredAt"),
            (
                "portalId",
                "subscriptionId",
                "eventId",
                "fromObjectId",
                "toObjectId",
                "occurredAt",
            ),
            ("portalId", "objectId", HASH),
            ("portal-id", "vid", HASH),
            ("objectId", HASH),
        ),
        occurred_at=(
            "occurredAt",
            "properties.hs_lastmodifieddate.value",
            "properties.hs_lastmodifieddate",
            "properties.lastmodifieddate.value",
            "properties.lastmodifieddate",
        ),
        batch=Batch("$", most=100),
        volatile=("attemptNumber",),
    ),
    # https://pipedrive.readme.io/docs/guide-for-webhooks-v2
    # In v1 bodies (the ones with meta.object) meta.id is the id of the deal, not of the event.
    Preset(
        name="pipedrive",
        auth=Auth.BASIC,
        adapter="pipedrive",
        id=(
            (
                "meta.webhook_id",
                "meta.timestamp_micro",
                "meta.action",
                "meta.object",
                "meta.id",
            ),
            ("meta.timestamp", "meta.action", "meta.object", "meta.id", HASH),
            ("meta.id",),
        ),
        occurred_at=("meta.timestamp",),
        volatile=("meta.attempt", "retry"),
    ),
    # https://www.typeform.com/developers/webhooks/secure-your-webhooks/
    Preset(
        name="typeform",
        auth=Auth.HMAC,
        adapter="typeform",
        signature=SignatureHeader("Typeform-Signature", prefix="sha256="),
        encoding=Encoding.BASE64,
        id=(("event_id",), ("form_response.token",)),
        occurred_at=("form_response.submitted_at",),
    ),
    # https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
    Preset(
        name="standard-webhooks",
        auth=Auth.HMAC,
        signature=SignatureHeader("webhook-signature", separator=" ", kv=",", take=("v1",)),
        timestamp=Timestamp(header="webhook-timestamp"),
        signed="{header:webhook-id}.{ts}.{body}",
        encoding=Encoding.BASE64,
        key=Key(strip="whsec_", decode=KeyForm.BASE64),
        id=(("header:webhook-id",),),
        type="type",
        occurred_at=("timestamp",),
    ),
    Preset(
        name="hmac",
        auth=Auth.HMAC,
        settings=(
            "signature_header",
            "signature_prefix",
            "algorithm",
            "encoding",
            "signed",
            "timestamp_header",
            "timestamp_unit",
            "tolerance",
            "secret_encoding",
            *_SHAPE,
        ),
    ),
    Preset(name="basic", auth=Auth.BASIC, settings=_SHAPE),
    Preset(name="token", auth=Auth.TOKEN, settings=("header", "prefix", *_SHAPE)),
)

PRESETS: Mapping[str, Preset] = MappingProxyType({row.name: row for row in _ROWS})
