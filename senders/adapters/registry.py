"""Every adapter by the name that presets call it."""

from collections.abc import Mapping
from types import MappingProxyType

from senders.adapters import (
    activecampaign,
    cal_com,
    calendly,
    cognito_forms,
    dataverse,
    elementor,
    fillout,
    formstack,
    generic,
    google_forms,
    gravity_forms,
    hubspot,
    jotform,
    mailchimp,
    mailerlite,
    paperform,
    pipedrive,
    salesforce,
    surveymonkey,
    tally,
    typeform,
    webflow,
    wpforms,
    wufoo,
    zoho,
)
from senders.adapters.adapter import Adapter

ADAPTERS: Mapping[str, Adapter] = MappingProxyType(
    {
        "activecampaign": activecampaign.ADAPTER,
        "cal_com": cal_com.ADAPTER,
        "calendly": calendly.ADAPTER,
        "cognito_forms": cognito_forms.ADAPTER,
        "dataverse": dataverse.ADAPTER,
        "elementor": elementor.ADAPTER,
        "fillout": fillout.ADAPTER,
        "formstack": formstack.ADAPTER,
        "generic": generic.ADAPTER,
        "google_forms": google_forms.ADAPTER,
        "gravity_forms": gravity_forms.ADAPTER,
        "hubspot": hubspot.ADAPTER,
        "jotform": jotform.ADAPTER,
        "mailchimp": mailchimp.ADAPTER,
        "mailerlite": mailerlite.ADAPTER,
        "paperform": paperform.ADAPTER,
        "pipedrive": pipedrive.ADAPTER,
        "salesforce": salesforce.ADAPTER,
        "surveymonkey": surveymonkey.ADAPTER,
        "tally": tally.ADAPTER,
        "typeform": typeform.ADAPTER,
        "webflow": webflow.ADAPTER,
        "wpforms": wpforms.ADAPTER,
        "wufoo": wufoo.ADAPTER,
        "zoho": zoho.ADAPTER,
    }
)
