"""The recorded samples: each is of a preset, and its signed delivery is accepted as one."""

import pytest

from senders.preset import Auth
from senders.presets import PRESETS
from senders.reading import read_events
from senders.verify import verify
from tests.samples import PUBLIC_URL, SAMPLES, Sample, delivered, preset_of, source_of

NOW = 1_776_247_200.0


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_a_sample_signed_by_its_sender_is_let_in_and_holds_events(sample: Sample) -> None:
    source = source_of(sample.preset)

    delivery = delivered(sample, source, now=NOW)

    verify(source, delivery, now=NOW, public_url=PUBLIC_URL)
    assert read_events(source, delivery)


def test_the_longest_name_that_fits_says_whose_a_sample_is() -> None:
    assert preset_of("standard-webhooks.json").name == "standard-webhooks"
    assert preset_of("typeform-response.json").name == "typeform"
    assert preset_of("shop-order.json").name == "hmac"


@pytest.mark.parametrize("name", PRESETS)
def test_a_source_of_any_preset_can_be_made(name: str) -> None:
    source = source_of(PRESETS[name])

    assert source.problem is None
    assert source.secrets or source.path_secrets or source.preset.auth is Auth.NONE


def test_every_sender_has_a_sample() -> None:
    assert {sample.preset.name for sample in SAMPLES} == set(PRESETS)
