"""Senders without a preset of their own, described by the settings of sources.yaml."""

from senders.preset import (
    Auth,
    BodyKind,
    Encoding,
    Guide,
    Key,
    KeyForm,
    Preset,
    SignatureHeader,
    Timestamp,
)

# what any delivery can be told by, and how it is read and answered
_SHAPE = ("id", "type", "occurred_at", "batch", "body", "json_fields", "handshake", "respond")
_GROUP = "generic"

# https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
_STANDARD_KEY = Key(strip="whsec_", decode=KeyForm.BASE64, public="whpk_", private="whsk_")

ROWS: tuple[Preset, ...] = (
    Preset(
        name="standard-webhooks",
        auth=Auth.HMAC,
        signature=SignatureHeader(
            "webhook-signature", separator=" ", kv=",", take=("v1",), ed25519=("v1a",)
        ),
        timestamp=Timestamp(header="webhook-timestamp"),
        signed="{header:webhook-id}.{ts}.{body}",
        encoding=Encoding.BASE64,
        key=_STANDARD_KEY,
        id=(("header:webhook-id",),),
        type="type",
        occurred_at=("timestamp",),
        settings=("respond",),
        guide=Guide(
            title="Standard Webhooks",
            group=_GROUP,
            steps=(
                "Give the sender the address as its endpoint, and put the signing secret that it "
                "shows (whsec_...), or its public key (whpk_...), into the variable that secrets "
                "names."
            ),
            link="https://www.standardwebhooks.com",
        ),
    ),
    # https://docs.svix.com/receiving/verifying-payloads/how-manual
    Preset(
        name="svix",
        auth=Auth.HMAC,
        signature=SignatureHeader(
            "svix-signature", separator=" ", kv=",", take=("v1",), ed25519=("v1a",)
        ),
        timestamp=Timestamp(header="svix-timestamp"),
        signed="{header:svix-id}.{ts}.{body}",
        encoding=Encoding.BASE64,
        key=_STANDARD_KEY,
        families=("svix-", "webhook-"),
        id=(("header:svix-id",),),
        type="type",
        occurred_at=("timestamp",),
        settings=("id", "type", "occurred_at", "batch", "respond"),
        guide=Guide(
            title="Svix",
            group=_GROUP,
            steps=(
                "In the sender's webhook portal, which Svix runs for it, add the address as an "
                "endpoint. Put the signing secret that the endpoint then shows (whsec_...) into "
                "the variable that secrets names."
            ),
            link="https://docs.svix.com/receiving/verifying-payloads/how-manual",
            undocumented=(
                "The body is the sender's own: where it has no type or timestamp at its top, "
                "name them with type and occurred_at.",
            ),
        ),
    ),
    Preset(
        name="hmac",
        auth=Auth.HMAC,
        settings=(
            "signature_header",
            "signature_separator",
            "signature_key",
            "signature_assign",
            "signature_prefix",
            "algorithm",
            "encoding",
            "signed",
            "timestamp_header",
            "timestamp_field",
            "timestamp_unit",
            "tolerance",
            "secret_prefix",
            "secret_encoding",
            *_SHAPE,
        ),
        guide=Guide(
            title="Anything that signs its bodies (HMAC)",
            group=_GROUP,
            steps=(
                "Give the sender the address and a secret of your own choice, or take the one that "
                "it shows. Its documentation says which header holds the signature and what is "
                "signed: write that down as signature_header, signed and so on."
            ),
        ),
    ),
    Preset(
        name="basic",
        auth=Auth.BASIC,
        settings=_SHAPE,
        guide=Guide(
            title="Anything that logs in with user and password (HTTP Basic)",
            group=_GROUP,
            steps=(
                "Give the sender the address, a user and a password. The variable that secrets "
                "names holds both, as user:password."
            ),
        ),
    ),
    Preset(
        name="token",
        auth=Auth.TOKEN,
        settings=("header", "prefix", *_SHAPE),
        guide=Guide(
            title="Anything that sends a fixed header",
            group=_GROUP,
            steps=(
                "Have the sender add a header with a secret to every post: Authorization: Bearer "
                "<secret>, or another that header and prefix describe."
            ),
        ),
    ),
    Preset(
        name="body",
        auth=Auth.BODY,
        body=(BodyKind.JSON, BodyKind.FORM, BodyKind.MULTIPART),
        settings=("secret_field", *_SHAPE),
        guide=Guide(
            title="Anything that sends a secret in a field of its body",
            group=_GROUP,
            steps=(
                "Have the sender add a field with a secret to every post, and name that field in "
                "secret_field. It is dropped before anything is kept."
            ),
        ),
    ),
    Preset(
        name="path",
        auth=Auth.PATH,
        body=(BodyKind.JSON, BodyKind.FORM, BodyKind.MULTIPART),
        settings=_SHAPE,
        guide=Guide(
            title="Anything that can only call an address",
            group=_GROUP,
            steps=(
                "Give the sender the address with a long secret as its last part, the one in the "
                "variable that path_secrets names. Whoever sees the address can post."
            ),
        ),
    ),
)
