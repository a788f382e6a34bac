"""Form tools: who fills in a form wants a course."""

from senders.preset import (
    HASH,
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
        guide=Guide(
            title="Typeform",
            group="forms",
            steps=(
                "In the form, open Connect > Webhooks, add the address, and under Edit switch on "
                "the secret: any long text, the same as here. Give the question for the address "
                "the reference email (the three dots beside it > Block references)."
            ),
            link="https://www.typeform.com/developers/webhooks/secure-your-webhooks/",
        ),
    ),
    # https://tally.so/help/webhooks
    Preset(
        name="tally",
        auth=Auth.HMAC,
        adapter="tally",
        signature=SignatureHeader("Tally-Signature"),
        encoding=Encoding.BASE64,
        id=(("eventId",), ("data.submissionId",), ("data.responseId",)),
        occurred_at=("data.createdAt", "createdAt"),
        guide=Guide(
            title="Tally",
            group="forms",
            steps=(
                "Publish the form, open Integrations > Webhooks > Connect, paste the address, and "
                "add a signing secret: any long text, the same as here. Tally has no references: "
                "call the question for the address Email, or use Tally's own Email question."
            ),
            link="https://tally.so/help/webhooks",
            undocumented=(
                "Whether a multiple choice comes as one option or as a list of one: both are read, "
                "and a list of one counts as its text.",
                "How ranking and matrix questions are sent: read as options and rows by their ids.",
            ),
        ),
    ),
    # https://www.jotform.com/help/245-how-to-setup-a-webhook-with-jotform/
    Preset(
        name="jotform",
        auth=Auth.PATH,
        adapter="jotform",
        body=(BodyKind.MULTIPART, BodyKind.FORM),
        json_fields=("rawRequest",),
        # an edited submission comes again under its old number
        id=(("submissionID", HASH),),
        # the address that was called, with the secret at its end
        forget=("webhookURL",),
        guide=Guide(
            title="Jotform",
            group="forms",
            steps=(
                "In the form builder, open Settings > Integrations > Webhooks and paste the "
                "address with its secret last part. In each field's settings, Advanced > Field "
                "Details gives its unique name: call the one for the address email."
            ),
            link="https://www.jotform.com/help/245-how-to-setup-a-webhook-with-jotform/",
            undocumented=(
                "Jotform signs nothing: the address is the secret, so it is dropped where "
                "Jotform repeats it in the body.",
                "An edited submission comes again with the same number: it counts as a new "
                "event where anything in it differs.",
                "The time of submission is not in the body, only the clock of the visitor's "
                "browser, which is not used: the time of acceptance counts.",
                "The texts of the questions are only in one long text that cannot be taken apart "
                "for sure: answers are known by the fields' names and numbers.",
                "Uploaded files are read where a field without a number lists addresses.",
            ),
        ),
    ),
    # docs/google-forms.md; https://www.standardwebhooks.com
    Preset(
        name="google-forms",
        auth=Auth.HMAC,
        adapter="google_forms",
        signature=SignatureHeader("webhook-signature", separator=" ", kv=",", take=("v1",)),
        timestamp=Timestamp(header="webhook-timestamp"),
        signed="{header:webhook-id}.{ts}.{body}",
        encoding=Encoding.BASE64,
        key=Key(strip="whsec_", decode=KeyForm.BASE64),
        id=(("header:webhook-id",),),
        type="type",
        occurred_at=("data.response.submitted_at", "timestamp"),
        also=("google-form", "googleforms"),
        guide=Guide(
            title="Google Forms",
            group="forms",
            steps=(
                "Google Forms has no webhooks: paste docs/google-forms.gs into the form's script "
                "editor, put address and secret into its script properties, and run install once; "
                "docs/google-forms.md shows each click. Collect e-mail addresses in the form's "
                "settings, or call the question for the address Email."
            ),
            link="https://developers.google.com/apps-script/reference/forms/form-response",
            undocumented=(
                "That an edited response has a new time: it is then a new event, known by the "
                "response and its time; with the old time it would count as the same event.",
            ),
        ),
    ),
)
