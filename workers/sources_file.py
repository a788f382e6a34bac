"""The door to SOURCES_FILE: who may send, with their secrets, or only their names."""

import base64
import binascii
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from coursebox.address import is_loopback
from coursebox.policy import Policy
from rulebook import Vocabulary
from rulebook.vocabulary import CallbackShape, LookupShape
from senders.adapters.adapter import Presence
from senders.catalogue import paths_by_type
from senders.normal import event_types
from senders.presets import PRESETS
from senders.sourcefile import Entry, read_entries
from senders.sources import Source, Sources, SourcesError, read_presets, read_sources
from workers.portal_settings import portal_addresses
from workers.posted_bodies import adapt_of
from workers.settings import Settings, environment, reason

_SAMPLE = b"sample"


def load_sources(settings: Settings) -> Sources:
    """The senders of SOURCES_FILE with their secrets.

    One whose secret is missing, unusable or a sample for a real portal is there with a `problem`.
    Raises SourcesError, which names the file, where it cannot be used at all.
    """
    variables = environment(settings)
    with _named(settings.sources_file) as text:
        sources = read_sources(text, variables)
    if all(map(is_loopback, portal_addresses(settings).values())):
        return sources
    return Sources(tuple(_without_samples(source) for source in sources.values()))


def load_names(sources_file: Path) -> Mapping[str, str] | None:
    """Source name -> preset name, without any secret; None where there is no such file.

    Raises SourcesError for a file that cannot be used.
    """
    if not sources_file.exists():
        return None
    with _named(sources_file) as text:
        return read_presets(text)


def load_entries(settings: Settings) -> Mapping[str, Entry]:
    """The entries of SOURCES_FILE by name: what it says of each source, without any secret.

    Raises SourcesError for a file that cannot be used.
    """
    with _named(settings.sources_file) as text:
        return {entry.name: entry for entry in read_entries(text)}


def load_secret_names(settings: Settings) -> Mapping[str, bool]:
    """Names of the variables that SOURCES_FILE takes secrets from -> whether they are set.

    Empty where there is no such file; SourcesError for a file that cannot be used.
    """
    if not settings.sources_file.exists():
        return {}
    variables = environment(settings)
    with _named(settings.sources_file) as text:
        entries = read_entries(text)
    return {
        name: name in variables
        for entry in entries
        for name in (*entry.secret_names, *entry.path_secret_names)
    }


def vocabulary(
    names: Mapping[str, str] | None,
    lookups: Mapping[str, LookupShape] | None = None,
    portals: Mapping[str, Policy] | None = None,
    callbacks: Mapping[str, CallbackShape] | None = None,
) -> Vocabulary:
    """What the rule checker has to know of the senders, of what can be looked up, of the Coursebox
    accounts, and of who can be told; None where nobody knows."""
    presets = {name: event_types(name) for name in PRESETS}
    sources = None if names is None else {each: event_types(names[each]) for each in names}
    fields = {name: paths_by_type(row) for name, row in PRESETS.items()}
    fields.update({each: fields[preset] for each, preset in (names or {}).items()})
    rare = {name: paths_by_type(row, Presence.SOMETIMES) for name, row in PRESETS.items()}
    rare.update({each: rare[preset] for each, preset in (names or {}).items()})
    adapt = adapt_of(names or {})
    return Vocabulary(
        sources,
        frozenset(presets),
        presets,
        fields,
        lookups,
        adapt,
        rare,
        None if portals is None else frozenset(portals),
        {name: policy.open_attributes for name, policy in (portals or {}).items()},
        callbacks,
    )


def sample_secret(secret: bytes) -> bool:
    """Whether a secret is one of those that come with Usher and that everybody knows."""
    try:
        decoded = base64.b64decode(secret.removeprefix(b"whsec_"), validate=True)
    except (binascii.Error, ValueError):
        decoded = b""
    return _SAMPLE in secret.lower() or _SAMPLE in decoded.lower()


def _without_samples(source: Source) -> Source:
    if source.problem is None and any(map(sample_secret, _known_to_usher(source))):
        why = "its secret is a sample that everybody knows, and there is a real portal"
        return Source(source.name, source.preset, problem=why)
    return source


def _known_to_usher(source: Source) -> tuple[bytes, ...]:
    """Everything that could sign as the sender; a public key alone cannot."""
    pair = () if source.signing_key is None else (source.signing_key,)
    return (*source.secrets, *source.path_secrets, *pair)


@contextmanager
def _named(path: Path) -> Iterator[str]:
    """The file's text; whatever is found wrong in it is said with the file's name."""
    text = _text(path)
    try:
        yield text
    except SourcesError as error:
        raise SourcesError([f"{path}: {problem}" for problem in error.problems]) from None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        cure = "write it (sources.yaml of the project is a start), or set SOURCES_FILE"
        raise SourcesError([f"{path}: there is no such file; {cure}"]) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SourcesError([f"{path}: cannot be read: {reason(error)}"]) from None
