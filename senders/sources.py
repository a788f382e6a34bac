"""Who may send: the entries of sources.yaml together with their secrets."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from senders.keys import KeyProblem, Keys, read_keys, read_path_secret
from senders.preset import Auth, Preset
from senders.sourcefile import Entry, SourcesError, read_entries

__all__ = [
    "Source",
    "Sources",
    "SourcesError",
    "has_own_proof",
    "read_presets",
    "read_sources",
]


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


def has_own_proof(source: Source) -> bool:
    """Whether the source has what its preset's own kind of proof is checked with."""
    if source.preset.auth in (Auth.PATH, Auth.NONE):
        return False
    return bool(source.secrets or (source.preset.auth is Auth.HMAC and source.public_keys))


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
    preset = entry.preset
    if preset.auth is Auth.NONE:
        return Source(entry.name, preset)
    if not entry.secret_names and not entry.path_secret_names:
        return Source(entry.name, preset, problem=_no_secrets(preset))
    problems: list[str] = []
    keys = _read(entry.secret_names, environ, lambda text: read_keys(preset, text), problems)
    path_secrets = _read(entry.path_secret_names, environ, read_path_secret, problems)
    if problems:
        return Source(entry.name, preset, problem="; ".join(problems))
    return _with_keys(Source(entry.name, preset, path_secrets=tuple(path_secrets)), keys)


def _with_keys(source: Source, keys: list[Keys]) -> Source:
    return replace(
        source,
        secrets=tuple(secret for each in keys for secret in each.shared),
        public_keys=tuple(each.public for each in keys if each.public is not None),
        signing_key=next((each.private for each in keys if each.private is not None), None),
    )


_T = TypeVar("_T")


def _read(
    names: tuple[str, ...],
    environ: Mapping[str, str],
    reader: Callable[[str], _T],
    problems: list[str],
) -> list[_T]:
    found = []
    for name in names:
        try:
            if name not in environ:
                raise KeyProblem("is not set")
            found.append(reader(environ[name]))
        except KeyProblem as problem:
            problems.append(f"environment variable {name} {problem}")
    return found


def _no_secrets(preset: Preset) -> str:
    if preset.auth is Auth.PATH:
        return (
            "it names no secret; this sender signs nothing, so its address has to end with one: "
            "write path_secrets: [NAME] with the name of an environment variable, "
            "or auth: none to accept anybody"
        )
    return (
        "it names no secret; write secrets: [NAME] with the name of an environment variable, "
        "path_secrets: [NAME] for one that ends the address, or auth: none to accept anybody"
    )
