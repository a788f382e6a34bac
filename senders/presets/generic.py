"""Senders without a preset of their own, described by the settings of sources.yaml."""

from senders.preset import (
    Auth,
    Encoding,
    Key,
    KeyForm,
    Preset,
    SignatureHeader,
    Timestamp,
)

# what any body can be told by
_SHAPE = ("id", "type", "occurred_at", "batch")

ROWS: tuple[Preset, ...] = (
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
