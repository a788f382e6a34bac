"""One rule for every form tool: what all their samples have in common."""

import pytest

from tests.normal_forms import read, told, well_formed
from tests.samples import SAMPLES, Sample

FORM_TOOLS = {
    *("typeform", "tally", "jotform", "google-forms", "gravity-forms", "wpforms", "elementor"),
}
OF_FORMS = [sample for sample in SAMPLES if sample.preset.name in FORM_TOOLS]


def test_each_form_tool_has_a_usual_sample_and_an_odd_one() -> None:
    found = [sample.preset.name for sample in OF_FORMS]

    assert {name: found.count(name) for name in FORM_TOOLS} == dict.fromkeys(FORM_TOOLS, 2)


@pytest.mark.parametrize("sample", OF_FORMS, ids=lambda sample: sample.name)
def test_the_same_rule_finds_the_address_in_every_form(sample: Sample) -> None:
    form = told(sample.name)

    answers = form["answers"]
    assert isinstance(answers, dict)
    assert answers["email"] in {
        *("ada.lindt@meadow.example", "ada@home.example", "jörg.weiß@bücher.example"),
    }
    assert well_formed(sample.preset.name, read(sample.name).body)
