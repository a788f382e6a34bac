"""Pipedrive, Close, Copper, monday, Attio and Intercom: tools of sales teams."""

from senders.preset import (
    HASH,
    Algorithm,
    Auth,
    Batch,
    Guide,
    Handshake,
    Key,
    KeyForm,
    Preset,
    SignatureHeader,
    Timestamp,
)

_GROUP = "CRM"
_UNSIGNED_ID = (
    "The header that tells one delivery from another is not signed: who has got hold of an old "
    "delivery could post it again under a new id."
)

ROWS: tuple[Preset, ...] = (
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
        also=("pipedrive-v1", "pipedrive-v2"),
        guide=Guide(
            title="Pipedrive",
            group=_GROUP,
            steps=(
                "In Tools and apps > Webhooks, create a webhook with the address, event action * "
                "and event object deal (or all). Make up a user name and a password, type them "
                "into HTTP Auth username and password, and set the secret to user:password. "
                "Version 2.0 and 1.0 are both read."
            ),
            link="https://pipedrive.readme.io/docs/guide-for-webhooks-v2",
            undocumented=(
                "Pipedrive signs nothing; user and password are the only proof.",
                "Version 1 names no id of the event: the webhook, the time in microseconds and "
                "the object together are taken for it.",
                "A deal names its person by number only; the address needs a look-up or a field "
                "of your own on the deal.",
            ),
        ),
    ),
    Preset(
        name="close",
        auth=Auth.HMAC,
        adapter="close",
        signature=SignatureHeader("close-sig-hash"),
        timestamp=Timestamp(header="close-sig-timestamp"),
        signed="{ts}{body}",
        key=Key(decode=KeyForm.HEX),
        id=(("event.id",),),
        occurred_at=("event.date_updated", "event.date_created"),
        also=("close-crm", "closeio"),
        guide=Guide(
            title="Close",
            group=_GROUP,
            steps=(
                "Create the subscription through Close's API: POST /api/v1/webhook/ with the "
                "address as url and events such as object_type opportunity, action updated. The "
                "answer holds signature_key; set the secret to it as it stands there."
            ),
            link="https://developer.close.com/resources/webhook-subscriptions/",
            undocumented=(
                "Close names no age at which a delivery is too old; 5 minutes are allowed.",
                "Times without a zone are taken for UTC.",
                "Amounts are taken for hundredths in every currency.",
                "Close may put several quick changes into one event; changed and previous then "
                "tell the first state against the last.",
                "An opportunity names its person without an address; the address needs a look-up, "
                "or lead.created, which lists all people of a lead.",
            ),
        ),
    ),
    # Copper sends the pairs of the subscription's `secret` in the body, beside the others.
    Preset(
        name="copper",
        auth=Auth.BODY,
        adapter="copper",
        secret_field="secret",  # noqa: S106 - the name of a field, not a secret
        id=(
            # nobody says how finely Copper's clock counts
            ("subscription_id", "timestamp", "event", "type", "id", HASH),
            ("subscription_id", "event", "type", "id", HASH),
        ),
        occurred_at=("timestamp",),
        batch=Batch("ids", each="id"),
        # it comes all the same where nothing is asked for (auth: none)
        forget=("secret",),
        settings=("secret_field",),
        guide=Guide(
            title="Copper",
            group=_GROUP,
            steps=(
                "Create the subscription through Copper's API: POST /developer_api/v1/webhooks "
                "with the address as target, type opportunity, event update, and "
                '"secret": {"secret": "<a long random text>"}; set the secret to that text. '
                "Under another name than secret, name it in sources.yaml: secret_field. Add "
                '"custom_field_computed_values": true to get the names of choices.'
            ),
            link="https://developer.copper.com/webhooks/overview.html",
            undocumented=(
                "Copper signs nothing; the text in the body is the only proof.",
                "Copper posts each event once, up to 15 minutes late, and never again: what is "
                "sent while Usher is away is lost.",
                "How updated_attributes names your own fields is not documented: they stand under "
                "custom as Copper names them.",
                "Should the time be missing, two equal changes of the same record are taken for "
                "one.",
                "An abandoned opportunity counts as lost.",
                "Only the id and what changed are sent; all else needs a look-up.",
            ),
        ),
    ),
    Preset(
        name="monday",
        auth=Auth.JWT,
        adapter="monday",
        token=SignatureHeader("Authorization"),
        id=(
            ("event.triggerUuid", "event.pulseId", "event.columnId"),
            ("event.triggerUuid",),
            ("runtimeMetadata.actionUuid",),
        ),
        occurred_at=("event.triggerTime",),
        handshakes=(Handshake.CHALLENGE,),
        also=("monday-com", "monday-crm"),
        guide=Guide(
            title="monday.com",
            group=_GROUP,
            steps=(
                "For a webhook of the board (Integrations > Webhooks) or one made with a personal "
                "token, use path_secrets: monday signs nothing there. For one made by an app of "
                "your own, set the secret to the app's signing secret (Developer Center > Basic "
                "information), and PUBLIC_URL to what stands before /hooks/ in the address that "
                "monday calls; should monday send a challenge first, which has no token, use "
                "path_secrets as well. Choose the events item created and column changes."
            ),
            link="https://developer.monday.com/api-reference/reference/webhooks",
            undocumented=(
                "The token tells who calls, and does not cover the body.",
                "The shapes of column values are only known from deliveries: what is not known "
                "stands under custom as it came.",
                "An item is read as a deal whatever the board is for; deal.stage is the label in "
                "the column deal_stage or status, deal.status comes from the labels Won and Lost.",
                "One change may have the same triggerUuid in several webhooks of a board: it "
                "counts once for each item and column.",
            ),
        ),
    ),
    # the same signature stands in both spellings of the header
    Preset(
        name="attio",
        auth=Auth.HMAC,
        adapter="attio",
        signature=SignatureHeader("Attio-Signature"),
        families=("Attio-", "X-Attio-"),
        id=(
            ("header:Idempotency-Key",),
            ("webhook_id", "event.event_type", "event.id.record_id", HASH),
        ),
        batch=Batch("events", each="event"),
        guide=Guide(
            title="Attio",
            group=_GROUP,
            steps=(
                "In Workspace settings > Developers, open or make an integration, add a webhook "
                "with the address and the events record.created and record.updated, and set the "
                "secret to the webhook's signing secret."
            ),
            link="https://docs.attio.com/rest-api/guides/webhooks",
            undocumented=(
                "Attio signs no time, and sends none: an event counts as having happened when it "
                "came.",
                _UNSIGNED_ID,
                "Without Idempotency-Key, equal events are taken for one.",
                "Only ids are sent, and those of objects differ by workspace: what the record "
                "holds needs a look-up.",
            ),
        ),
    ),
    Preset(
        name="intercom",
        auth=Auth.HMAC,
        adapter="intercom",
        algorithm=Algorithm.HMAC_SHA1,
        signature=SignatureHeader("X-Hub-Signature", prefix="sha1="),
        id=(("id",),),
        type="topic",
        occurred_at=("created_at", "first_sent_at"),
        volatile=("delivery_attempts", "delivery_status", "delivered_at"),
        handshakes=(Handshake.VISIT,),
        remembers=True,
        guide=Guide(
            title="Intercom",
            group=_GROUP,
            steps=(
                "In the Developer Hub, open or make an app, type the address into Webhooks, "
                "choose the topics contact.user.created, contact.user.updated or "
                "contact.user.tag.created, and set the secret to the app's client secret (Basic "
                "information)."
            ),
            link="https://developers.intercom.com/docs/webhooks/setting-up-webhooks",
            undocumented=(
                "Intercom signs with SHA-1 and signs no time.",
                "A test sent from the Developer Hub may come unsigned, and is refused.",
                "Intercom never says what changed: Usher compares with what it saw last, so in the "
                "first event of a contact everything is new.",
                "Users and leads are both contacts; contact.custom.role tells which.",
            ),
        ),
    ),
)
