"""Salesforce and Dataverse (Dynamics 365): CRMs that are platforms to build on."""

from dataclasses import replace

from senders.preset import (
    Auth,
    Batch,
    BodyKind,
    Guide,
    Preset,
    Reply,
    ReplyBody,
    SignatureHeader,
)
from senders.presets.own_bodies import OWN_BODY, STEPS

_FLOW_STEPS = (
    "Make a named credential with the address and, as custom header, Authorization: Bearer "
    "<secret> (in Setup > Named Credentials, switch on Allow Formulas in HTTP Header). In the "
    "flow, call it with an HTTP callout, method POST, and a body such as "
    '{"id": "<record id>", "event": "deal.won", "changed_at": "<last modified date>", '
    '"deal": {"name": "<name>", "stage": "<stage>"}, "email": "<contact\'s e-mail>"}. '
    + STEPS
    + " Salesforce does not post a callout again that failed: give the flow a fault path, or use "
    "outbound messages, which are posted for 24 hours. Platform events and change data capture are "
    "no webhooks: a program of your own would have to fetch them over the Pub/Sub API."
)

ROWS: tuple[Preset, ...] = (
    # https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_om_outboundmessaging.htm
    Preset(
        name="salesforce-outbound",
        auth=Auth.PATH,
        adapter="salesforce",
        body=(BodyKind.SOAP,),
        id=(("Notification.Id",),),
        occurred_at=(
            "Notification.sObject.LastModifiedDate",
            "Notification.sObject.SystemModstamp",
        ),
        batch=Batch("Notification", most=100, each="Notification"),
        # opens the account's programming interface to whoever reads it
        forget=("SessionId",),
        organization="OrganizationId",
        reply=Reply(200, ReplyBody.SOAP_ACK),
        remembers=True,
        settings=("organizations",),
        also=("salesforce", "salesforce-om"),
        guide=Guide(
            title="Salesforce outbound messages",
            group="CRM",
            steps=(
                "In Setup > Outbound Messages, make a message on Opportunity with the address and "
                "its secret last part; leave Send Session ID off; choose the fields Id, Name, "
                "StageName, IsClosed, IsWon, Amount, CloseDate, AccountId, ContactId, OwnerId, "
                "CreatedDate, LastModifiedDate and those of your own that rules need. Send it from "
                "a record-triggered flow (action Outbound Message) whenever the record is saved. "
                "Name your account in sources.yaml as organizations: [<organization id>], from "
                "Setup > Company Information."
            ),
            link=(
                "https://help.salesforce.com/s/articleView?id=platform.workflow_om_considerations.htm"
            ),
            undocumented=(
                "Salesforce signs nothing, and an organization id is no secret: the secret in the "
                "address is the only proof.",
                "A message does not say what happened: it counts as created where CreatedDate and "
                "LastModifiedDate are the same time, else as updated.",
                "A message brings the record as it is when it is delivered: two quick changes can "
                "come as the same state twice.",
                "Without IsClosed and IsWon, a deal's status is only known in Salesforce's own "
                "stages, such as Closed Won.",
                "Ids of 15 characters are read as the same ids with 18.",
            ),
        ),
    ),
    replace(
        OWN_BODY,
        name="salesforce-flow",
        also=("salesforce-callout",),
        guide=Guide(
            title="Salesforce flows (HTTP callout)",
            group="CRM",
            steps=_FLOW_STEPS,
            link="https://help.salesforce.com/s/articleView?id=platform.flow_http_callout.htm",
            undocumented=(
                "Salesforce signs nothing here: the secret in the header is the only proof.",
            ),
        ),
    ),
    # https://learn.microsoft.com/power-apps/developer/data-platform/use-webhooks
    # A step that runs in the saving itself has no job and so perhaps no OperationId of its own:
    # the row, the chain of requests and the time keep such events apart.
    Preset(
        name="dataverse",
        auth=Auth.TOKEN,
        adapter="dataverse",
        token=SignatureHeader("X-Usher-Token"),
        id=(
            (
                "OperationId",
                "MessageName",
                "PrimaryEntityId",
                "CorrelationId",
                "OperationCreatedOn",
            ),
        ),
        occurred_at=("OperationCreatedOn",),
        organization="OrganizationId",
        settings=("header", "organizations"),
        also=("dynamics", "dynamics-365"),
        guide=Guide(
            title="Microsoft Dataverse and Dynamics 365",
            group="CRM",
            steps=(
                "In the Plugin Registration Tool, register a webhook with the address and the "
                "authentication HttpHeader: key X-Usher-Token, value the secret. Register a step "
                "on it for Create and one for Update of opportunity, post-operation and "
                "asynchronous, or people would wait for the answer whenever they save. Add a "
                "pre-image with all columns to the update step: rules then see the whole deal and "
                "what it was before. For WebhookKey, which puts ?code= behind the address, give "
                "the source path_secrets instead, put the secret at the end of the address, and "
                "any text as key."
            ),
            link="https://learn.microsoft.com/power-apps/developer/data-platform/register-web-hook",
            undocumented=(
                "Dataverse signs nothing: the secret in the header or in the address is the only "
                "proof.",
                "Over 256 KB, Dataverse leaves columns and images out (it says so in the header "
                "x-ms-dynamics-msg-size-exceeded): such an event has the row's id and no more.",
                "Without a pre-image, every column that was written counts as changed, also with "
                "the value it had before.",
                "Whether a step that runs in the saving itself has an OperationId: the row, the "
                "chain of requests and the time are part of the event's identity as well.",
                "The currency is a row of another table, not a code: deal.currency is absent, and "
                "that row's id is deal.custom.transactioncurrencyid.",
            ),
        ),
    ),
)
