"""HubSpot, Salesforce, Dataverse, Zoho and Freshsales: large CRMs."""

from senders.preset import (
    HASH,
    Auth,
    Batch,
    Encoding,
    Preset,
    SignatureHeader,
    Timestamp,
    Unit,
)

ROWS: tuple[Preset, ...] = (
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
)
