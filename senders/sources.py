"""Who may send: the entries of sources.yaml together with their secrets."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from senders.keys import KeyProblem, read_key
from senders.preset import Auth, Preset
from senders.sourcefile import Entry, SourcesError, read_entries

__all__ = ["Source", "Sources", "SourcesError", "read_presets", "read_sources"]


@dataclass(frozen=True, slots=True)
class Source:
    """One configured sender. `problem` says why it takes no deliveries; None if it does.

    Every kind of proof that is configured has to hold: one of `secrets` or `public_keys` for the
    preset's own kind, and one of `path_secrets` as the last part of the URL.
    """

    name: str
    preset: Preset
    secrets: tuple[bytes, ...] = field(default=(), repr=False)
    problem: str | None = None
    path_secrets: tuple[bytes, ...] = field(default=(), repr=False)
    # ed25519 public keys, 32 bytes each
    public_keys: tuple[bytes, ...] = ()
    # the 32-byte seed of an ed25519 key pair: only for posting as the sender would
    signing_key: bytes | None = field(default=None, repr=False)


class Sources(Mapping[str, Source]):
    """The configured senders by name, in the order of the file."""

    __slots__ = ("_by_name",)

    def __init__(self, sources: tuple[Source, ...]) -> None:
        self._by_name = {source.name: source for source in sources}

    def __getitem__(self, name: str) -> Source:
        return self._by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)

    def __repr__(self) -> str:
        return f"Sources({', '.join(self._by_name)})"

    def preset_of(self, name: str) -> str | None:
        """The name of that source's preset; None if there is no such source."""
        source = self._by_name.get(name)
        return source.preset.name if source else None

    @property
    def problems(self) -> Mapping[str, str]:
        """Why some sources are not started, by name; empty if all are."""
        found = self._by_name.values()
        return {source.name: source.problem for source in found if source.problem is not None}


def read_sources(text: str, environ: Mapping[str, str]) -> Sources:
    """The senders of a sources.yaml, with their secrets taken from `environ`.

    A source whose secret is missing or not usable is there with a `problem`, and the others go on.
    SourcesError, with all problems at once, for a file that cannot be used as it is written.
    """
    return Sources(tuple(_source(entry, environ) for entry in read_entries(text)))


def read_presets(text: str) -> Mapping[str, str]:
    """Source name -> preset name, for those who need no secrets; SourcesError as read_sources."""
    return {entry.name: entry.preset.name for entry in read_entries(text)}


def _source(entry: Entry, environ: Mapping[str, str]) -> Source:
    if entry.preset.auth is Auth.NONE:
        return Source(entry.name, entry.preset)
    if not entry.secret_names:
        return Source(entry.name, entry.preset, problem=_NO_SECRETS)
    secrets: list[bytes] = []
    problems: list[str] = []
    for name in entry.secret_names:
        try:
            secrets.append(_secret(entry.preset, environ.get(name)))
        except KeyProblem as problem:
            problems.append(f"environment variable {name} {problem}")
    if problems:
        return Source(entry.name, entry.preset, problem="; ".join(problems))
    return Source(entry.name, entry.preset, tuple(secrets))


_NO_SECRETS = (
    "it names no secret; write secrets: [NAME] with the name of an environment variable, "
    "or auth: none to accept anybody"
)


def _secret(preset: Preset, value: str | None) -> bytes:
    if value is None:
        raise KeyProblem("is not set")
    return read_key(preset.auth, preset.key, value)
