"""The pages on senders say what is so: one is made from the rows, the other's example works."""

import json
import re
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from rulebook import read_folder, run_tests
from senders import preset as nouns
from senders.delivery import Delivery, Refused
from senders.page import plain
from senders.preset import Preset
from senders.presets import PRESETS
from senders.samples import preset_of_file
from senders.signing import sign
from senders.sources import Source, Sources, read_sources
from senders.verify import verify
from tests.front_door import client_of, post
from tests.samples import SAMPLES
from usher.__main__ import main
from usher.pages import SENDERS, senders
from workers.sources_file import vocabulary
from workers.store import Archive, Store

GUIDE = (Path(__file__).parent.parent / "docs" / "adding-a-sender.md").read_text(encoding="utf-8")
PAGE = senders()
SECRET = "an-orchard-secret"
NOW = 1_776_247_200
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(language: str) -> list[str]:
    """The guide's examples in that language, in their order."""
    return [text for kind, text in BLOCK.findall(GUIDE) if kind == language]


def by_lines() -> Source:
    """The guide's source, as its lines of sources.yaml make it."""
    return read_sources(blocks("yaml")[0], {"ORCHARD_SECRET": SECRET})["orchard"]


def by_row() -> Source:
    """The same sender, as its row makes it."""
    [text] = blocks("python")
    row = eval(text, {name: getattr(nouns, name) for name in dir(nouns)})  # noqa: S307 - our page
    assert isinstance(row, Preset)
    return Source("orchard", row, (SECRET.encode(),))


def test_the_page_of_senders_is_what_the_rows_make_it() -> None:
    assert SENDERS.read_text(encoding="utf-8") == PAGE, "write it anew with `make docs`"


@pytest.mark.parametrize("row", PRESETS.values(), ids=PRESETS)
def test_every_sender_has_a_section_with_its_lines(row: Preset) -> None:
    section = PAGE.partition(f"\n### {row.guide.title}\n")[2].partition("\n### ")[0]
    [lines] = re.findall(r"^```yaml\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    sources = read_sources(lines, {})
    assert [source.preset.name for source in sources.values()] == [row.name]
    assert plain(row.guide.steps) in section
    assert all(plain(sentence) in section for sentence in row.guide.undocumented)


def test_what_markdown_would_hide_is_shown() -> None:
    assert plain("Bearer <secret>, deal.custom.*") == r"Bearer \<secret>, deal.custom.\*"


def test_every_sample_of_a_sender_is_linked() -> None:
    kept = [each.name for each in SAMPLES if preset_of_file(each.name)]

    assert kept
    assert [name for name in kept if f"(../tests/samples/{name})" not in PAGE] == []


@pytest.mark.parametrize("made", [by_lines, by_row], ids=["lines", "row"])
def test_a_receiver_lets_the_example_in_and_keeps_its_event(
    store: Store, made: Callable[[], Source]
) -> None:
    source = made()
    body = blocks("json")[0].encode()
    delivery = signed(source, body, time.time())

    answer = post(client_of(store, Sources((source,))), delivery)

    assert answer.status_code == 202
    [event] = Archive(store.connection).events(9)
    assert (event.identity, event.type) == ("ev-801", "booking.paid")
    assert event.occurred_at.timestamp() == NOW


def signed(source: Source, body: bytes, now: float) -> Delivery:
    return sign(
        source, body, target="/hooks/orchard", now=now, public_url=None, event_id="not needed"
    )


@pytest.mark.parametrize(
    ("signer", "judge"), [(by_lines, by_row), (by_row, by_lines)], ids=["lines", "row"]
)
def test_the_lines_and_the_row_say_the_same(
    signer: Callable[[], Source], judge: Callable[[], Source]
) -> None:
    delivery = signed(signer(), b"{}", NOW)

    verify(judge(), delivery, now=NOW, public_url=None)
    with pytest.raises(Refused, match="bad_signature"):
        verify(judge(), replace(delivery, body=b"{ }"), now=NOW, public_url=None)
    with pytest.raises(Refused, match="stale_timestamp"):
        verify(judge(), delivery, now=NOW + 301, public_url=None)


def test_the_delivery_that_is_written_down_is_verified() -> None:
    written = blocks("json")[1]

    result = CliRunner().invoke(main, ["verify", "-", "--json"], input=written)

    assert (result.exit_code, result.stdout) == (0, '{"verified": true, "cause": null}\n')
    assert json.loads(written)["body"] == blocks("json")[0].strip()


def test_the_header_in_the_guide_is_the_one_of_its_delivery() -> None:
    [[_, header]] = json.loads(blocks("json")[1])["headers"]

    shown = re.findall(r"X-Orchard-Signature: (\S+)\.\.\.`", GUIDE)

    assert [each for each in shown if header.startswith(each)] == shown != []


def test_the_rule_of_the_guide_can_be_copied() -> None:
    reading = read_folder({"r.yaml": blocks("yaml")[1]}, vocabulary({"orchard": "hmac"}))

    assert [problem.headline for problem in reading.problems] == []
    assert [result.passed for result in run_tests(reading.files["r.yaml"])] == [True, True]
