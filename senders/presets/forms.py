"""Form tools: who fills in a form wants a course."""

from senders.preset import Auth, Encoding, Preset, SignatureHeader

ROWS: tuple[Preset, ...] = (
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
)
