"""Fillout, Paperform, Cognito Forms, Formstack, Webflow, SurveyMonkey, Wufoo: more form tools."""

from senders.preset import (
    HASH,
    Algorithm,
    Auth,
    BodyKind,
    Encoding,
    Guide,
    Handshake,
    Preset,
    SignatureHeader,
    Timestamp,
    Unit,
)

_NO_TYPES = (
    "{tool} does not say which question asks for the e-mail address; call that one Email, and its "
    "answer is answers.email."
)

ROWS: tuple[Preset, ...] = (
    # https://www.fillout.com/help/webhook
    Preset(
        name="fillout",
        auth=Auth.TOKEN,
        adapter="fillout",
        id=(("submission.submissionId",), ("submissionId",)),
        occurred_at=("submission.submissionTime", "submissionTime"),
        settings=("header", "prefix"),
        guide=Guide(
            title="Fillout",
            group="forms",
            steps=(
                "In the form: Integrate, Webhook, Advanced. Paste the address, and add the header "
                "Authorization with the value Bearer and your secret (or another one, and set "
                "header and prefix in sources.yaml). Without headers, make the secret the last "
                "part of the address instead: path_secrets. Then publish the form."
            ),
            link="https://www.fillout.com/help/webhook",
            undocumented=(
                "Fillout documents no signature; a header of your own or the address is the proof.",
                "Whether a submission that is edited later is posted again is not documented; if "
                "it is, it counts as a duplicate of the first.",
                "Fillout's body is documented in two shapes, with and without submission; both "
                "are read.",
                "When Fillout posts again after an error is not documented.",
            ),
        ),
    ),
    # https://paperform.co/help/articles/how-to-use-webhooks
    Preset(
        name="paperform",
        auth=Auth.PATH,
        adapter="paperform",
        id=(("submission_id",),),
        occurred_at=("created_at",),
        guide=Guide(
            title="Paperform",
            group="forms",
            steps=(
                "In the form: After Submission, Integrations & Webhooks, Webhooks, Add Webhook. "
                "Paste the address with the secret as its last part, triggered on New Submission."
            ),
            link="https://paperform.co/help/articles/how-to-use-webhooks",
            undocumented=(
                "Paperform documents no signature and sends no headers of yours; the address is "
                "the proof.",
                "The time zone of created_at is not documented; it is read as UTC.",
                "How a partial submission differs from a whole one is not documented; set the "
                "webhook to New Submission.",
                "When Paperform posts again after an error is not documented.",
            ),
        ),
    ),
    # https://www.cognitoforms.com/support/66/data-integration/webhooks
    # The entry's id stays the same when it is updated.
    Preset(
        name="cognito-forms",
        also=("cognito",),
        auth=Auth.PATH,
        adapter="cognito_forms",
        id=(
            ("Id", "Entry.Action", "Entry.Version"),
            ("Id", "Entry.Action", HASH),
            ("Id", HASH),
        ),
        occurred_at=("Entry.DateUpdated", "Entry.DateSubmitted", "Entry.DateCreated"),
        guide=Guide(
            title="Cognito Forms",
            group="forms",
            steps=(
                "In the form's settings: Post JSON Data to a Website. Paste the address with the "
                "secret as its last part as Submit Entry Endpoint, and as Update and Delete Entry "
                "Endpoint if rules are to hear of these."
            ),
            link="https://www.cognitoforms.com/support/66/data-integration/webhooks",
            undocumented=(
                "Cognito Forms documents no signature; the address is the proof.",
                _NO_TYPES.format(tool="Cognito Forms"),
                "Fields come by their names without the questions' texts; the text is taken to be "
                "the name in words, as in Email Address for EmailAddress.",
                "Entry.Action is read as Submit, Update or Delete; an action of your own counts "
                "as form.updated, with the new status in submission.status.",
                "Entry.Version is not in the documentation; where it is not sent, two posts of "
                "the same entry and action with the same content are one event.",
            ),
        ),
    ),
    # https://developers.formstack.com/docs/webhook-setup
    Preset(
        name="formstack",
        auth=Auth.HMAC,
        adapter="formstack",
        signature=SignatureHeader("X-FS-Signature", prefix="sha256="),
        id=(("UniqueID",),),
        body=(BodyKind.JSON, BodyKind.FORM),
        forget=("HandshakeKey",),
        guide=Guide(
            title="Formstack",
            group="forms",
            steps=(
                "In the form: Settings, Emails & Actions, Send Data to an External URL (WebHook). "
                "Paste the address, set the HMAC key to the secret and the content type to JSON; "
                "tick Include field type, so that the e-mail question is known."
            ),
            link="https://developers.formstack.com/docs/webhook-setup",
            undocumented=(
                "That X-FS-Signature covers a form-encoded body like a JSON one is not "
                "documented, but assumed.",
                "Formstack sends no time; the time of acceptance counts.",
                "How several ticked boxes are written is not documented; a list is taken as it "
                "is, and the lines of a text as one box each.",
                "The shared secret of older webhooks (HandshakeKey) is not checked, only dropped.",
                "When Formstack posts again after an error is not documented.",
            ),
        ),
    ),
    # https://developers.webflow.com/data/docs/working-with-webhooks
    # Only a form's payload.id is that of what happened; of a collection item it is the item's.
    Preset(
        name="webflow",
        auth=Auth.HMAC,
        adapter="webflow",
        signature=SignatureHeader("x-webflow-signature"),
        timestamp=Timestamp(header="x-webflow-timestamp", unit=Unit.MILLISECONDS),
        signed="{ts}:{body}",
        id=(("payload.formId", "payload.id"), ("triggerType", HASH)),
        occurred_at=("payload.submittedAt", "payload.lastUpdated", "payload.acceptedOn"),
        guide=Guide(
            title="Webflow",
            group="forms",
            steps=(
                "Make the webhook over Webflow's API with a site token, for form_submission and "
                "the address; the answer holds its secretKey, which is the secret. A webhook made "
                "in the dashboard may post without a signature: make the secret the last part of "
                "its address then, with path_secrets instead of secrets."
            ),
            link="https://developers.webflow.com/data/docs/working-with-webhooks",
            undocumented=(
                "Whether webhooks made in the dashboard are signed is not documented clearly; "
                "with path_secrets alone no signature is asked for.",
                _NO_TYPES.format(tool="Webflow"),
                "Whether a repeated post is signed anew is not documented; one with a time of "
                "signing more than 5 minutes old is refused.",
                "Events other than form_submission have no identity of their own; two with the "
                "same content are one event.",
            ),
        ),
    ),
    # https://api.surveymonkey.com/v3/docs#webhook-callbacks
    Preset(
        name="surveymonkey",
        auth=Auth.HMAC,
        adapter="surveymonkey",
        algorithm=Algorithm.HMAC_SHA1,
        signature=SignatureHeader("Sm-Signature"),
        encoding=Encoding.BASE64,
        id=(
            ("event_type", "object_id", "event_id"),
            ("event_type", "object_id", "event_datetime"),
        ),
        occurred_at=("event_datetime",),
        handshakes=(Handshake.VISIT,),
        guide=Guide(
            title="SurveyMonkey",
            group="forms",
            steps=(
                "Make an app at developer.surveymonkey.com, and with its token a webhook for "
                "response_completed with the address. The environment variable holds the app's "
                "client id and client secret, joined by &, as in 4x7a&9s2k. The webhook tells "
                "that somebody has answered, not what: for answers, let it post to a service of "
                "yours instead, which fetches the response's details (simple=true), adds them to "
                "the body under response, signs the whole in the same way and posts it here."
            ),
            link="https://api.surveymonkey.com/v3/docs#webhooks",
            undocumented=(
                "SurveyMonkey's own webhook holds no answers; answers.* is there only in bodies "
                "to which the response's details were added, which is no format of "
                "SurveyMonkey's.",
                _NO_TYPES.format(tool="SurveyMonkey"),
                "The visit of the address before it is taken (HEAD, 200) is documented; that it "
                "is made again later is not.",
                "When SurveyMonkey posts again after an error is not documented.",
            ),
        ),
    ),
    # https://wufoo.github.io/docs/#webhooks
    # Entries are counted per form, and only FormStructure tells which form it is.
    Preset(
        name="wufoo",
        auth=Auth.BODY,
        adapter="wufoo",
        secret_field="HandshakeKey",  # noqa: S106 - the name of a field, not a secret
        id=(("FormStructure.Hash", "EntryId"), ("EntryId", HASH)),
        occurred_at=("DateCreated",),
        body=(BodyKind.FORM,),
        json_fields=("FieldStructure", "FormStructure"),
        forget=("HandshakeKey",),
        guide=Guide(
            title="Wufoo",
            group="forms",
            steps=(
                "In the form: Integrations, WebHook. Paste the address, set the handshake key to "
                "the secret, and tick Include Field and Form Structures with Entry Data: without "
                "it answers are called Field1, Field2, ... and nothing else."
            ),
            link="https://wufoo.github.io/docs/#webhooks",
            undocumented=(
                "Wufoo does not sign; the handshake key stands in the body, and does not prove "
                "that the rest is unchanged.",
                "The time zone of DateCreated is not documented; it is read as UTC.",
                "How ticked boxes and parts of a name are laid out in FieldStructure is taken "
                "from the answers of Wufoo's API.",
                "When Wufoo posts again after an error is not documented.",
            ),
        ),
    ),
)
