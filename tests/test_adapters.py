"""What holds of every adapter, whatever tool it reads."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from senders.normal import adapter_of
from senders.presets import PRESETS
from tests.normal_forms import form_of, spoilt, type_of, uncatalogued, well_formed
from tests.samples import SAMPLES

READ = sorted({sample.preset.name for sample in SAMPLES} & set(PRESETS))
# what the sender says of the type, where it does not stand in the body
SAID = {
    "shopify": ("orders/paid", "refunds/create", "customers/update"),
    "woocommerce": ("order.updated", "customer.created", "odd"),
}
FORMS_ALONE = (
    *("elementor", "fillout", "formstack", "google-forms", "gravity-forms", "jotform"),
    *("paperform", "wpforms", "wufoo"),
)
TYPES_KNOWN = (*FORMS_ALONE, "cognito-forms")

NO_EMPTY_ROOT = (
    *("activecampaign", "dataverse", "hubspot", "hubspot-v2", "salesforce-outbound", "zoho"),
)


def test_every_adapter_has_a_sample() -> None:
    adapters = {row.adapter for row in PRESETS.values()}

    assert {PRESETS[name].adapter for name in READ} == adapters


@pytest.mark.parametrize("preset", READ)
@given(data=st.data())
def test_a_body_of_any_shape_gives_only_documented_fields_and_no_null(
    preset: str, data: st.DataObject
) -> None:
    body = data.draw(spoilt(preset))
    said = data.draw(st.sampled_from((None, *SAID.get(preset, ()))))

    assert well_formed(preset, body, said)


@pytest.mark.parametrize("preset", READ)
def test_every_field_of_the_samples_is_in_the_catalogue(preset: str) -> None:
    assert uncatalogued(preset) == set()


@pytest.mark.parametrize("preset", TYPES_KNOWN)
@given(data=st.data())
def test_a_body_of_any_shape_is_of_a_type_that_rules_can_name(
    preset: str, data: st.DataObject
) -> None:
    assert type_of(preset, data.draw(spoilt(preset))) in (None, *adapter_of(preset).types)


@pytest.mark.parametrize("preset", FORMS_ALONE)
def test_a_tool_that_only_tells_of_forms_has_one_type(preset: str) -> None:
    assert adapter_of(preset).types == {"form.submitted"}


@pytest.mark.parametrize("preset", NO_EMPTY_ROOT)
@given(data=st.data())
def test_a_record_of_which_nothing_is_known_is_absent(preset: str, data: st.DataObject) -> None:
    form = form_of(preset, data.draw(spoilt(preset)))

    assert all(fields for root, fields in form.items() if root != "changed")
