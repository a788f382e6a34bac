"""One rule file for every sender: what a rule asks for has the same name whatever tool posts it.

Each delivery is a recorded sample, signed as its vendor signs, posted to the receiver, kept in a
real Redis and judged by the dispatcher.
"""

from collections.abc import Sequence
from typing import Final

import pytest

from rulebook import Book, read_folder
from senders.presets import PRESETS
from senders.sources import Source, Sources
from tests.engine_room import SECRET_KEY
from tests.samples import PUBLIC_URL, Sample, delivered, samples_of, source_of
from webhooks.app import create_app
from workers.dispatching import Dispatcher
from workers.jobs import Doorbell
from workers.settings import Settings
from workers.sources_file import vocabulary
from workers.store import Archive, Event, Store

WON: Final = """
version: 1
owner: ops@usher.example
rules:
  - id: deal-won
    name: A deal is won
    when: {source: crm, event: deal.updated}
    if: {deal.status: {becomes: won}}
    then:
      - action: enrol
        with: {email: "ada@customer.example", course_id: 101}
"""
SIGNED_UP: Final = """
version: 1
owner: ops@usher.example
rules:
  - id: signed-up
    name: Somebody filled in a form
    when: {source: form, event: form.submitted}
    if: {answers.email: {ends_with: ".example"}}
    then:
      - action: enrol
        with: {email: "${ answers.email }", course_id: 101}
"""
FORMS: Final = (
    "typeform", "tally", "jotform", "google-forms", "gravity-forms", "wpforms", "elementor",
    "fillout", "paperform", "cognito-forms", "formstack", "webflow", "surveymonkey", "wufoo",
)  # fmt: skip
DEALS: Final = (
    "pipedrive-v1", "pipedrive-v2", "close", "salesforce-outbound", "activecampaign", "copper",
    "dataverse",
)  # fmt: skip


def a_book(text: str, source: Source) -> Book:
    """The rules of the file, checked as for an installation that has this source."""
    reading = read_folder({"rules.yaml": text}, vocabulary({source.name: source.preset.name}))
    assert [p.headline for p in reading.problems if p.severity == "error"] == []
    return Book(rule for file in reading.files.values() for rule in file.rules)


def judged(store: Store, source: Source, text: str, samples: Sequence[Sample]) -> list[Event]:
    """The events of the samples, each posted and dispatched before the next is."""
    told = Settings.model_validate({"PUBLIC_URL": PUBLIC_URL, "SECRET_KEY": SECRET_KEY})
    sources = Sources((source,))
    client = create_app(told, sources, store, Doorbell(store.connection)).test_client()
    book = a_book(text, source)
    dispatcher = Dispatcher(store, lambda: book, lambda _: source.preset.name)
    events = []
    for sample in samples:
        delivery = delivered(sample, source)
        answer = client.open(
            delivery.target,
            method=delivery.method,
            headers=list(delivery.headers),
            data=delivery.body,
        )
        assert answer.status_code in (200, 202), answer.text
        events += dispatched(store, dispatcher)
    return events


def dispatched(store: Store, dispatcher: Dispatcher) -> list[Event]:
    """The events that nobody has judged yet, judged now."""
    archive = Archive(store.connection)
    ids = [event.id for event in archive.events(100, lambda event: not event.verdicts)]
    for event_id in ids:
        claim = store.claim(event_id)
        assert claim is not None
        assert isinstance(claim.work, Event)
        dispatcher.dispatch(claim, claim.work)
    found = [archive.event(event_id) for event_id in ids]
    return [event for event in found if event is not None]


def the_deal(name: str) -> list[Sample]:
    """One deal as it was, as it was won, and edited once more."""
    by_name = {sample.path.stem: sample for preset in PRESETS for sample in samples_of(preset)}
    return [by_name[f"{name}-deal-{when}"] for when in ("open", "won", "later")]


@pytest.mark.parametrize("name", DEALS)
def test_a_won_deal_is_one_run_at_the_winning_edit_only(store: Store, name: str) -> None:
    samples = the_deal(name)
    source = source_of(samples[0].preset, "crm")

    events = judged(store, source, WON, samples)

    # the first may tell of a new deal, which is no edit
    assert [event.type for event in events[1:]] == ["deal.updated"] * 2
    assert [len(event.runs) for event in events] == [0, 1, 0]
    assert [event.verdicts[0].rule for event in events[1:]] == ["deal-won"] * 2


@pytest.mark.parametrize("name", DEALS)
def test_the_winning_edit_alone_is_one_run_however_often_it_is_posted(
    store: Store, name: str
) -> None:
    won = the_deal(name)[1]
    source = source_of(won.preset, "crm")

    events = judged(store, source, WON, [won, won, won])

    assert [len(event.runs) for event in events] == [1]


@pytest.mark.parametrize("preset", FORMS)
def test_an_answer_is_found_by_one_name_in_every_form(store: Store, preset: str) -> None:
    source = source_of(PRESETS[preset], "form")
    sample = next(
        sample
        for sample in samples_of(preset)
        if "partial" not in sample.name and not sample.name.startswith("surveymonkey-completed")
    )

    events = judged(store, source, SIGNED_UP, [sample])

    assert [len(event.runs) for event in events] == [1]
