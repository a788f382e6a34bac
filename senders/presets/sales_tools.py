"""Pipedrive, Close, ActiveCampaign, Copper, monday, Attio and Intercom: tools of sales teams."""

from senders.preset import HASH, Auth, Preset

ROWS: tuple[Preset, ...] = (
    # https://pipedrive.readme.io/docs/guide-for-webhooks-v2
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
    ),
)
