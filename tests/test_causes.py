"""Every cause of a refusal has its words."""

from pathlib import Path

from senders.delivery import Cause
from usher.causes import CAUSES, MALFORMED, NOT_STARTED, TOO_LARGE, UNSUPPORTED_TYPE, cause_told


def test_every_cause_has_its_words_and_no_others_have() -> None:
    beside = {MALFORMED, UNSUPPORTED_TYPE, TOO_LARGE, NOT_STARTED}

    assert set(CAUSES) == {*Cause, *beside}
    assert beside == {"malformed", "unsupported_media_type", "too_large", "not_started"}


def test_every_cause_says_in_sentences_what_happened_and_what_to_do() -> None:
    told = [words for each in CAUSES.values() for words in (each.happened, each.cure)]

    assert [words for words in told if not (words[0].isupper() and words.endswith("."))] == []
    assert len({each.happened for each in CAUSES.values()}) == len(CAUSES)


def test_a_cause_of_another_version_has_words_too() -> None:
    assert cause_told("brand_new").happened == "It was refused."


def test_every_cause_stands_in_the_page_on_running_usher() -> None:
    page = (Path(__file__).parent.parent / "docs" / "operations.md").read_text(encoding="utf-8")

    assert [cause for cause in CAUSES if f"`{cause}`" not in page] == []
