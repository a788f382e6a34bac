"""HubSpot, Zoho CRM, Freshsales and ActiveCampaign: large CRMs."""

from dataclasses import replace

from senders.preset import (
    HASH,
    Algorithm,
    Auth,
    Batch,
    BodyKind,
    Encoding,
    Guide,
    Preset,
    Reply,
    SignatureHeader,
    Timestamp,
    Unit,
)
from senders.presets.own_bodies import OWN_BODY, STEPS

_VALIDATING = (
    "https://developers.hubspot.com/docs/apps/legacy-apps/authentication/validating-requests"
)

# v3 signature, which HubSpot sends with CRM events and workflow webhooks alike:
# https://developers.hubspot.com/docs/api/webhooks/validating-requests
# eventId alone is "not guaranteed to be unique"; attemptNumber counts HubSpot's retries.
# It does not remember: a burst of events of one record, each of which tells its own change, would
# have to be taken one after the other; and a workflow speaks up because what it waits for has just
# happened.
_HUBSPOT = Preset(
    name="hubspot",
    auth=Auth.HMAC,
    adapter="hubspot",
    signature=SignatureHeader("X-HubSpot-Signature-v3"),
    timestamp=Timestamp(header="X-HubSpot-Request-Timestamp", unit=Unit.MILLISECONDS),
    signed="{method}{url|hubspot}{body}{ts}",
    encoding=Encoding.BASE64,
    id=(
        ("portalId", "subscriptionId", "eventId", "objectId", "occurredAt"),
        ("portalId", "subscriptionId", "eventId", "fromObjectId", "toObjectId", "occurredAt"),
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
    also=("hubspot-v3",),
    guide=Guide(
        title="HubSpot",
        group="CRM",
        steps=(
            "For every change: in the app's settings, open Webhooks, set the address as target "
            "URL and subscribe to the properties that your rules need, such as dealstage. For "
            "whole deals and contacts: in a workflow, add the action Send a webhook (POST, "
            "signed by an app). The secret is the app's client secret. HubSpot signs the address "
            "that it calls as well: set PUBLIC_URL to what stands before /hooks/ in it, and add "
            "no query."
        ),
        link=_VALIDATING,
        undocumented=(
            "HubSpot says what changed, never what was there before: rules can ask that a status "
            "becomes won, not what it was.",
            "Which spellings of encoded characters in the address HubSpot signs beyond the twelve "
            "that it lists: use an address without a query.",
            "A workflow's webhook does not say what changed: ask there that deal.status is won, "
            "not that it becomes won.",
            "A workflow's webhook has no number of its own: it is known by the record and its "
            "content, so a record that is sent again unchanged is taken for the same event.",
        ),
    ),
)
# as HubSpot signed before v3: without a time
_UNTIMED = replace(
    _HUBSPOT,
    algorithm=Algorithm.SHA256_CONCAT,
    signature=SignatureHeader("X-HubSpot-Signature"),
    timestamp=None,
    encoding=Encoding.HEX,
)
_OLDER = (
    "Older than v3 and weaker: without a time in it, a delivery that somebody has recorded can be "
    "posted again, and is then only known by its content. Prefer the preset hubspot wherever the "
    "header X-HubSpot-Signature-v3 comes along. "
)

_ZOHO_WORKFLOW_STEPS = (
    "In Setup > Automation > Actions > Webhooks, make a webhook with the method POST and the "
    "address. Either add a header such as Authorization with the value Bearer <secret>, or give "
    "the source path_secrets and append the secret to the address. As body choose raw JSON and "
    'write, with the merge fields of your module: {"id": "${Deals.Deal Id}", "event": "deal.won", '
    '"deal": {"name": "${Deals.Deal Name}", "stage": "${Deals.Stage}"}, "email": '
    '"${Contacts.Email}", "changed_at": "${Deals.Modified Time}"}. ' + STEPS
)
_FRESHSALES_STEPS = (
    "In Admin Settings > Workflows, add the action Trigger webhook: request type POST, the "
    "address, encoding JSON. Either add the custom header Authorization with Bearer <secret>, or "
    "give the source path_secrets and append the secret to the address. As content choose "
    'Advanced and write, with placeholders of your fields: {"id": "<deal id>", "event": '
    '"deal.won", "deal": {"name": "<deal name>", "stage": "<deal stage>"}, "email": "<contact '
    'email>", "changed_at": "<updated at>"}. ' + STEPS
)

ROWS: tuple[Preset, ...] = (
    _HUBSPOT,
    replace(
        _UNTIMED,
        name="hubspot-v1",
        signed="{secret}{body}",
        require=(("X-HubSpot-Signature-Version", "v1"),),
        also=(),
        guide=Guide(
            title="HubSpot, signature v1",
            group="CRM",
            steps=(
                _OLDER + "For CRM events of an app (Webhooks in the app's settings) whose "
                "deliveries say X-HubSpot-Signature-Version: v1 and bring no v3 signature. The "
                "secret is the app's client secret."
            ),
            link=_VALIDATING,
            undocumented=("How long HubSpot will go on sending signatures of v1.",),
        ),
    ),
    # the URI exactly as it was called: v2 decodes nothing
    replace(
        _UNTIMED,
        name="hubspot-v2",
        signed="{secret}{method}{url}{body}",
        require=(("X-HubSpot-Signature-Version", "v2"),),
        # workflows alone sign so, and bring the whole record
        remembers=True,
        also=("hubspot-workflow",),
        guide=Guide(
            title="HubSpot workflows, signature v2",
            group="CRM",
            steps=(
                _OLDER + "For the workflow action Send a webhook (POST, signed by an app) whose "
                "deliveries say X-HubSpot-Signature-Version: v2 and bring no v3 signature. The "
                "secret is the app's client secret. HubSpot signs the address that it calls as "
                "well: set PUBLIC_URL to what stands before /hooks/ in it."
            ),
            link=_VALIDATING,
            undocumented=("How long HubSpot will go on sending signatures of v2.",),
        ),
    ),
    # https://www.zoho.com/crm/developer/docs/api/v8/notifications/overview.html
    Preset(
        name="zoho",
        auth=Auth.BODY,
        adapter="zoho",
        secret_field="token",  # noqa: S106 - where the secret stands, not the secret
        id=(("channel_id", "server_time", "id", "operation"),),
        occurred_at=("server_time",),
        batch=Batch("ids", each="id"),
        forget=("token",),
        also=("zoho-crm",),
        guide=Guide(
            title="Zoho CRM notifications",
            group="CRM",
            steps=(
                "Make a channel with POST /crm/v8/actions/watch: events such as Deals.edit, the "
                "address as notify_url, a secret of at most 50 characters as token, and "
                "return_affected_field_values true, or rules see only names of fields. A channel "
                "ends after an hour, or at the time given as channel_expiry, a week away at most: "
                "have a schedule in Zoho renew it (PATCH), or events stop without a word."
            ),
            link="https://www.zoho.com/crm/developer/docs/api/v8/notifications/enable.html",
            undocumented=(
                "The shape of a notification is known from deliveries, not from a page on it.",
                "Whether and how often Zoho posts again what was not answered.",
                "How many records one notification can name: up to 1,000 are read.",
                "A deal's status is only known where its stage has one of Zoho's own names, such "
                "as Closed Won; with stages of your own, ask for deal.stage.",
            ),
        ),
    ),
    # https://help.zoho.com/portal/en/kb/crm/automate-business-processes/actions/articles/configuring-webhooks
    replace(
        OWN_BODY,
        name="zoho-workflow",
        body=(BodyKind.JSON, BodyKind.FORM),
        also=("zoho-crm-workflow",),
        guide=Guide(
            title="Zoho CRM workflow webhooks",
            group="CRM",
            steps=_ZOHO_WORKFLOW_STEPS,
            link=(
                "https://help.zoho.com/portal/en/kb/crm/automate-business-processes/actions/"
                "articles/configuring-webhooks"
            ),
            undocumented=(
                "Zoho signs nothing: the secret in the header or in the address is the only proof.",
                "Whether Zoho posts again what was not answered: it tells people by e-mail.",
            ),
        ),
    ),
    # https://crmsupport.freshworks.com/support/solutions/articles/50000002418
    replace(
        OWN_BODY,
        name="freshsales",
        body=(BodyKind.JSON, BodyKind.FORM),
        also=("freshworks-crm",),
        guide=Guide(
            title="Freshsales",
            group="CRM",
            steps=_FRESHSALES_STEPS,
            link="https://crmsupport.freshworks.com/support/solutions/articles/50000002418",
            undocumented=(
                "Freshsales signs nothing: the secret in the header or in the address is the only "
                "proof.",
                "Whether and how often Freshsales posts again what was not answered.",
                "XML, the third encoding that Freshsales offers, is not read.",
            ),
        ),
    ),
    # https://developers.activecampaign.com/page/webhooks
    Preset(
        name="activecampaign",
        auth=Auth.PATH,
        adapter="activecampaign",
        body=(BodyKind.FORM,),
        occurred_at=("date_time",),
        reply=Reply(200),
        remembers=True,
        also=("active-campaign",),
        guide=Guide(
            title="ActiveCampaign",
            group="CRM",
            steps=(
                "In Settings > Developer > Manage webhooks, add a webhook with the address and "
                "its secret last part; choose the events and all four ways in which they can be "
                "started. ActiveCampaign never posts again what was not answered: after an "
                "outage, compare its list of won deals with the learners here."
            ),
            link="https://developers.activecampaign.com/page/webhooks",
            undocumented=(
                "ActiveCampaign signs nothing: the secret in the address is the only proof.",
                "Which answers count as a success: it is told 200. A 410 would switch the webhook "
                "off for good.",
                "Its events have no number, and it may post one twice: an event is known by all "
                "its fields, type, contact and time among them.",
                "What a deal's status numbers mean: 0 is read as open, 1 as won, 2 as lost.",
                "The list updated_fields, which some deliveries bring, is not relied on: what "
                "changed is found by comparing with the last event of the same record.",
                "A time without a zone counts as UTC.",
            ),
        ),
    ),
)
