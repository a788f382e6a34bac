"""Form plug-ins of WordPress."""

from senders.preset import (
    HASH,
    Auth,
    BodyKind,
    Guide,
    Preset,
    Reply,
    SignatureHeader,
    Timestamp,
)

ROWS: tuple[Preset, ...] = (
    # https://docs.gravityforms.com/triggering-webhooks-on-form-submissions/
    Preset(
        name="gravity-forms",
        auth=Auth.TOKEN,
        adapter="gravity_forms",
        body=(BodyKind.JSON, BodyKind.FORM),
        # an entry that is sent again after a change has its old number
        id=(("id", HASH),),
        occurred_at=("date_updated", "date_created"),
        settings=("header", "prefix"),
        also=("gravityforms",),
        guide=Guide(
            title="Gravity Forms",
            group="forms",
            steps=(
                "With the Webhooks Add-On, open the form's Settings > Webhooks > Add New: paste "
                "the address, POST, JSON, and under Request Headers add Authorization with the "
                "custom value Bearer and the secret. Under Request Body choose Select Fields, and "
                "name them: email, first_name, course; add id (Entry ID), form_id and "
                "date_created as well."
            ),
            link="https://docs.gravityforms.com/triggering-webhooks-on-form-submissions/",
            undocumented=(
                "Gravity Forms signs nothing: the header, or a secret last part of the address, "
                "is the proof.",
                "With All Fields the body has the fields' numbers and no texts of questions.",
                "The times of an entry are taken as UTC.",
                "Choices of a multi select field are read where they come as a JSON list.",
            ),
        ),
    ),
    # https://wpforms.com/docs/how-to-install-and-use-the-webhooks-addon-with-wpforms/
    # X-WPForms-Webhook-Id is the number of the webhook, not of what it sends.
    Preset(
        name="wpforms",
        auth=Auth.HMAC,
        adapter="wpforms",
        signature=SignatureHeader(
            "X-WPForms-Webhook-Signature", separator=",", kv="=", take=("v",)
        ),
        timestamp=Timestamp(field="t"),
        signed="{ts}.{body}",
        id=(("entry_id", HASH),),
        occurred_at=("entry_date",),
        guide=Guide(
            title="WPForms",
            group="forms",
            steps=(
                "With the Webhooks addon, open the form's Settings > Webhooks: paste the address, "
                "POST, Request Format JSON, and the secret. Under Request Body name the fields: "
                "email, first_name, course; add entry_id with the custom value {entry_id}."
            ),
            link="https://wpforms.com/docs/how-to-install-and-use-the-webhooks-addon-with-wpforms/",
            undocumented=(
                "In the format FORM the signature is not made of the bytes that are sent: only "
                "JSON can be accepted.",
                "Without entry_id an event is known by the hash of its answers: the same answers "
                "sent in again within a week count as the same event.",
                "Ticked boxes come as one text, each on a line of its own, and stay so.",
            ),
        ),
    ),
    # https://elementor.com/help/form-submission-integrations/
    Preset(
        name="elementor",
        auth=Auth.PATH,
        adapter="elementor",
        body=(BodyKind.FORM,),
        # the visitor sees an error for any other answer
        reply=Reply(status=200),
        guide=Guide(
            title="Elementor Pro Forms",
            group="forms",
            steps=(
                "In the form widget, add Webhook to Actions After Submit, paste the address with "
                "its secret last part, and switch on Advanced Data. Give each field an ID under "
                "Advanced: email, first_name, course. Under Meta Data keep Date and Time."
            ),
            link="https://elementor.com/help/form-submission-integrations/",
            undocumented=(
                "Elementor signs nothing: the address is the secret.",
                "A submission has no number: it is known by the hash of what is sent. Without "
                "date and time among its meta data, the same answers sent in again within a week "
                "count as the same event.",
                "Date and time are written in the site's own zone and form: they are not read, "
                "and the time of acceptance counts.",
                "Without Advanced Data there are labels only, and tick boxes are one text.",
                "Several files are taken apart at the commas between their addresses.",
            ),
        ),
    ),
)
