"""What is said of a source to whoever connects it: its address, its proof, what to look out for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from senders.preset import Auth
from senders.signature import signs_url
from senders.sourcefile import Entry
from senders.sources import Source, has_own_proof
from senders.telling import body_told, configured_by, handshakes_told, proof_briefly, proof_in_full
from workers.sources_file import sample_secret

PLACEHOLDER: Final = "https://<your host>"
# in bytes: 64 bits of chance in hex
SHORTEST_IN_ADDRESS: Final = 16


@dataclass(frozen=True, slots=True)
class Connected:
    """A source with its entry and what this machine knows of it.

    variables: the environment, for the secrets in the address. public_url: None where not set.
    """

    entry: Entry
    source: Source
    public_url: str | None
    variables: Mapping[str, str]

    @property
    def name(self) -> str:
        return self.entry.name

    def proof(self) -> str:
        """The kinds of proof that are configured, briefly."""
        names = self.entry
        own = bool(names.secret_names) or not names.path_secret_names
        return proof_briefly(names.preset, own=own, in_path=bool(names.path_secret_names))

    def path(self, *, reveal: bool = False) -> str:
        """Where to post to, after the host; a secret at its end is shown by its variable's name."""
        path = f"/hooks/{self.name}"
        if not self.entry.path_secret_names:
            return f"{path}/<token>" if self.entry.preset.auth is Auth.PATH else path
        variable = self.entry.path_secret_names[0]
        if reveal and variable in self.variables:
            return f"{path}/{quote(self.variables[variable], safe='')}"
        return f"{path}/${variable}"

    def address(self, *, reveal: bool = False) -> str:
        """What to paste into the sender's form."""
        host = (self.public_url or PLACEHOLDER).rstrip("/")
        return host + self.path(reveal=reveal)

    def secrets(self) -> dict[str, bool]:
        """Names of variables that hold its secrets -> whether they are set."""
        names = (*self.entry.secret_names, *self.entry.path_secret_names)
        return {name: name in self.variables for name in names}

    def state(self) -> str:
        return "started" if self.source.problem is None else f"not started: {self.source.problem}"


def rows(of: Connected) -> list[tuple[str, str]]:
    """What an administrator needs for connecting the source beside its address."""
    guide, preset = of.entry.preset.guide, of.entry.preset
    secrets = (f"{name}: {'set' if given else 'NOT SET'}" for name, given in of.secrets().items())
    return [
        ("sender", f"{guide.title or preset.name} (preset {preset.name})"),
        ("there", guide.steps),
        ("see", guide.link),
        ("proof", _proof_rows(of)),
        ("secrets", "\n".join(secrets)),
        ("reads", body_told(preset)),
        ("accounts", ", ".join(preset.organizations)),
        ("also", handshakes_told(preset)),
        ("state", of.state()),
        ("mind", "\n".join(warnings(of))),
        ("assumed", "\n".join(guide.undocumented)),
    ]


def _proof_rows(of: Connected) -> str:
    full = proof_in_full(of.entry.preset).replace("`", "")
    own = of.entry.secret_names or of.entry.preset.auth in (Auth.PATH, Auth.NONE)
    in_path = "The last part of the URL is a secret." if of.entry.path_secret_names else ""
    if of.entry.preset.auth is Auth.PATH:
        return full
    return "\n".join(filter(None, (full if own else "", in_path))) or "Nothing is configured."


def warnings(of: Connected) -> Iterator[str]:
    """What could go wrong, a sentence each with its cure."""
    preset, names = of.entry.preset, of.entry
    if preset.auth is Auth.NONE:
        yield "Anybody can post: auth is none. Name secrets, or path_secrets, instead."
    elif names.path_secret_names and not names.secret_names:
        yield (
            "The address is the only proof: whoever sees it can post. Keep it out of mails and "
            "pictures, and change the secret now and then (name the new one before the old)."
        )
        if preset.auth is not Auth.PATH:
            yield f"This sender can prove itself: name its secret in {configured_by(preset)}."
    if any(len(secret) < SHORTEST_IN_ADDRESS for secret in of.source.path_secrets):
        yield (
            "The secret in the address is so short that it can be guessed: make one with "
            "`openssl rand -hex 20`."
        )
    yield from _warnings_of_address(of)
    if preset.organization and not preset.organizations:
        yield f"It says in {preset.organization} whose account it is: name yours in organizations."
    if any(map(sample_secret, (*of.source.secrets, *of.source.path_secrets))):
        yield "Its secret is a sample that everybody knows: fine for trying, for nothing else."


def _warnings_of_address(of: Connected) -> Iterator[str]:
    if signs_url(of.entry.preset) and has_own_proof(of.source):
        if of.public_url is None:
            yield (
                "This sender signs the address that it calls: set PUBLIC_URL to what stands before "
                "/hooks/ in it."
            )
        elif not of.public_url.startswith("https://"):
            yield "This sender signs the address that it calls, and PUBLIC_URL is not https."
    elif of.public_url is None:
        yield "PUBLIC_URL is not set, so the host of this address is not known."
