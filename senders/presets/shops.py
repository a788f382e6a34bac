"""Stripe, Shopify and WooCommerce: orders, payments and refunds."""

from senders.preset import (
    HASH,
    Auth,
    Encoding,
    Guide,
    Handshake,
    Key,
    Preset,
    SignatureHeader,
    Timestamp,
)

_GROUP = "shops and payments"

ROWS: tuple[Preset, ...] = (
    # The key is the secret as it stands there, "whsec_" included; "v0" is a test signature.
    Preset(
        name="stripe",
        auth=Auth.HMAC,
        adapter="stripe",
        signature=SignatureHeader("Stripe-Signature", separator=",", kv="=", take=("v1",)),
        timestamp=Timestamp(field="t"),
        signed="{ts}.{body}",
        id=(("id",),),
        type="type",
        occurred_at=("created",),
        volatile=("pending_webhooks",),
        # whoever reads them can act for the buyer: https://docs.stripe.com/api/payment_intents/object
        forget=("data.object.client_secret", "data.object.confirmation_secret"),
        guide=Guide(
            title="Stripe",
            group=_GROUP,
            steps=(
                "In Workbench > Webhooks, add a destination with the address and the events "
                "checkout.session.completed, checkout.session.async_payment_succeeded and "
                "charge.refunded (for invoices, invoice.paid), and set the secret to its signing "
                "secret, whsec_... as a whole. Say which course in metadata of the session, and "
                "in payment_intent_data[metadata] too: refunds show only that one."
            ),
            link="https://docs.stripe.com/webhooks",
            undocumented=(
                "Stripe refuses only what is too old; here a time in the future is refused too.",
                "A checkout session comes without its line items: order.product is "
                "metadata.product, or the first line where there are lines, or the description.",
                "order.created is a completed session whose payment is still under way.",
                "A subscription's first payment gives order.paid twice, for its session and for "
                "its invoice.",
                "order.id is the payment intent where the object names it; invoices of newer API "
                "versions do not.",
                "refund.amount is what this event gave back, told by previous_attributes.",
                "Thin events name an object and hold nothing of it.",
            ),
        ),
    ),
    # One act of a merchant may give events of several topics under the same event id.
    # The time comes from the body, which is signed: a delivery posted again under another id is
    # no newer than it was.
    Preset(
        name="shopify",
        auth=Auth.HMAC,
        adapter="shopify",
        signature=SignatureHeader("X-Shopify-Hmac-SHA256"),
        encoding=Encoding.BASE64,
        id=(
            ("header:X-Shopify-Event-Id", "header:X-Shopify-Topic", "id"),
            ("header:X-Shopify-Webhook-Id",),
        ),
        type="header:X-Shopify-Topic",
        occurred_at=("updated_at", "processed_at", "created_at", "header:X-Shopify-Triggered-At"),
        remembers=True,
        guide=Guide(
            title="Shopify",
            group=_GROUP,
            steps=(
                "In Settings > Notifications > Webhooks, create one webhook each for Order "
                "payment, Order update and Refund create, in JSON, with the address; set the "
                "secret to the text shown below the list. For webhooks of an app, it is the app's "
                "client secret."
            ),
            link="https://shopify.dev/docs/apps/build/webhooks",
            undocumented=(
                "Shopify signs the body alone: neither the topic nor the ids in the headers. Who "
                "has got hold of an old delivery could post it again under a new id or topic; a "
                "topic that pays, cancels, refunds or deletes an order counts only where the body "
                "bears it out, else it is order.updated.",
                "Shopify signs no time.",
                "A refund comes without the buyer's address: to act on it, wait for order.updated "
                "with order.status refunded.",
                "Whether a refund is full is not said; the order's status tells.",
                "Shopify never says what changed: Usher compares with what it saw last, so in the "
                "first event of an order everything is new.",
                "The headers of Shopify's newer Events, without X-, are not read.",
            ),
        ),
    ),
    Preset(
        name="woocommerce",
        auth=Auth.HMAC,
        adapter="woocommerce",
        signature=SignatureHeader("X-WC-Webhook-Signature"),
        encoding=Encoding.BASE64,
        key=Key(html=True),
        # the delivery's id is made of webhook and second: two orders in one second have the same
        id=(("header:X-WC-Webhook-Delivery-ID", HASH), ("id", HASH)),
        type="header:X-WC-Webhook-Topic",
        occurred_at=("date_modified_gmt", "date_created_gmt"),
        handshakes=(Handshake.PING,),
        remembers=True,
        guide=Guide(
            title="WooCommerce",
            group=_GROUP,
            steps=(
                "In WooCommerce > Settings > Advanced > Webhooks, add one webhook for Order "
                "created and one for Order updated with the address as delivery URL, API version "
                "3, and a secret of letters and digits; set the secret to the same text. Set them "
                "to Active."
            ),
            link="https://woocommerce.com/document/webhooks/",
            undocumented=(
                "WooCommerce signs the body alone: neither the topic nor the delivery's id in the "
                "headers. Who has got hold of an old delivery could post it again under a new id "
                "or topic; what is deleted counts only where the body has nothing but an id.",
                "WooCommerce signs no time, tries each delivery once, and switches a webhook off "
                "after five failures in a row.",
                "A paid order is order.updated with order.status processing or completed, a "
                "refunded one with order.status refunded; shops may have states of their own.",
                "The refund is the first of the order's list, taken for the latest.",
                "WooCommerce never says what changed: Usher compares with what it saw last, so in "
                "the first event of an order everything is new.",
                "The first, unsigned request of a new webhook is answered and not kept.",
            ),
        ),
    ),
)
