"""Mailchimp and MailerLite: mailing lists."""

from senders.preset import (
    HASH,
    Auth,
    Batch,
    BodyKind,
    Guide,
    Handshake,
    Preset,
    Reply,
    SignatureHeader,
)

ROWS: tuple[Preset, ...] = (
    # https://mailchimp.com/developer/marketing/guides/sync-audience-data-webhooks/
    Preset(
        name="mailchimp",
        auth=Auth.PATH,
        adapter="mailchimp",
        # one person in two audiences has one id, and one second may bring two changes
        id=(
            ("type", "fired_at", "data.id", HASH),
            ("type", "fired_at", "data.new_id", HASH),
            ("type", "fired_at", "data.list_id", "data.email", HASH),
        ),
        occurred_at=("fired_at",),
        body=(BodyKind.FORM,),
        handshakes=(Handshake.VISIT,),
        reply=Reply(status=200),
        remembers=True,
        guide=Guide(
            title="Mailchimp",
            group="mailings",
            steps=(
                "Audience, Manage audience, Settings, Webhooks, Create New Webhook. Paste the "
                "address with the secret as its last part, and choose the events; Mailchimp "
                "visits the address when you save."
            ),
            link="https://mailchimp.com/developer/marketing/guides/sync-audience-data-webhooks/",
            undocumented=(
                "Mailchimp does not sign; the address is the proof.",
                "The time zone of fired_at is not documented; it is read as UTC.",
                "Mailchimp documents the fields of subscribe and unsubscribe alone; those of "
                "profile, upemail, cleaned and campaign are read as they have been seen.",
                "Mailchimp sends no identity of an event; two of the same second with the same "
                "content are one event.",
            ),
        ),
    ),
    # https://developers.mailerlite.com/docs/webhooks
    Preset(
        name="mailerlite",
        auth=Auth.HMAC,
        adapter="mailerlite",
        signature=SignatureHeader("Signature"),
        occurred_at=("subscriber.updated_at", "updated_at", "date"),
        batch=Batch("events"),
        remembers=True,
        guide=Guide(
            title="MailerLite",
            group="mailings",
            steps=(
                "Integrations, Webhooks, or over MailerLite's API: make a webhook with the "
                "address and the events you need. Its secret, shown once, is the secret."
            ),
            link="https://developers.mailerlite.com/docs/webhooks",
            undocumented=(
                "How events are put together when batching is on is not documented in full; a "
                "list called events is read as one event each, in the form they have alone.",
                "MailerLite sends no identity of an event; two with the same content are one "
                "event, so somebody who joins the same group twice within seven days, with "
                "nothing else changed, is seen once.",
                "The time of an event is not sent; the subscriber's updated_at counts.",
                "Webhooks of MailerLite Classic are signed in another way and are not read.",
            ),
        ),
    ),
)
