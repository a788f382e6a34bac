"""An entry with what it needs of the environment: ready to be called, or why it is not. Pure."""

import base64
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from coursebox.redaction import Secrets
from workers.lookups.address import Address
from workers.lookups.definition import Endpoint, Form, Takes
from workers.lookups.places import secret_name

_AUTHORITY: Final = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(:[0-9]{1,5})?")
_NUMBER: Final = re.compile(r"-?[0-9]{1,30}(?:\.[0-9]{1,30})?", re.ASCII)
_TRICKS: Final = frozenset({".", ".."})
LONGEST: Final = 500
# of what stands in no address
LONGEST_IN_BODY: Final = 5_000

E = TypeVar("E", bound=Endpoint)


class BadParameter(ValueError):
    """A value that cannot be taken; the sentence says which and why."""


@dataclass(frozen=True, slots=True)
class Ready(Generic[E]):
    """What can be called. `first` is an address of its host, with no target."""

    definition: E
    first: Address
    headers: Mapping[str, str]
    variables: Mapping[str, str]
    secrets: Secrets

    @property
    def destination(self) -> str:
        """What is held where its key is refused."""
        return self.definition.family + self.first.host

    @property
    def allowed(self) -> frozenset[str]:
        """The hosts it may be led to."""
        return self.definition.allowed_hosts or frozenset({self.first.host})

    def may_be_private(self, host: str) -> bool:
        return host in self.definition.private_addresses

    def may_call(self, address: Address) -> bool:
        """Whether an address that a reply names may be called."""
        secure = address.scheme == "https" or self.may_be_private(address.host)
        return secure and address.host in self.allowed

    def address(self, params: Mapping[str, object]) -> Address:
        """Where it calls for these values. Raises BadParameter."""
        return self.filled(parameter_texts(self.definition.parameters, params))

    def filled(self, texts: Mapping[str, str]) -> Address:
        """Where it calls with these texts in their places. Raises BadParameter."""
        target = self.definition.target.encoded(self.variables, texts)
        if _TRICKS.intersection(target.partition("?")[0].split("/")):
            raise BadParameter('"." and ".." cannot be part of an address')
        scheme, host, port = self.first.origin
        whole = target if target.startswith("/") else f"/{target}"
        return Address(scheme, host, port, whole)


def make_ready(definition: E, variables: Mapping[str, str]) -> Ready[E] | str:
    """The entry with its variables filled in, or why it cannot be used."""
    missing = [name for name in definition.variables if not variables.get(name)]
    if missing:
        are = "is not set" if len(missing) == 1 else "are not set"
        return f"{' and '.join(missing)} {are}"
    first = _first(definition, variables)
    if isinstance(first, str):
        return first
    headers = {name: text.bare(variables).strip() for name, text in definition.headers.items()}
    values = [variables[name] for name in definition.variables if name not in _public(definition)]
    if definition.basic:
        if ":" not in variables[definition.basic]:
            return f"{definition.basic} does not hold user:password"
        proof = base64.b64encode(variables[definition.basic].encode()).decode()
        headers["Authorization"] = f"Basic {proof}"
        values.append(proof)
    for name, value in headers.items():
        if not value.isascii() or not value.isprintable():
            return f"the value for the header {name} holds signs that a header cannot have"
    own = {name: variables[name] for name in definition.variables}
    return Ready(definition, first, headers, own, Secrets(values))


def _public(definition: Endpoint) -> frozenset[str]:
    """Variables that only name a host: hiding them would hide where it goes."""
    return frozenset(definition.host.variables)


def _first(definition: Endpoint, variables: Mapping[str, str]) -> Address | str:
    written = definition.host.bare(variables).lower()
    if not _AUTHORITY.fullmatch(written):
        names = " and ".join(definition.host.variables)
        return (
            f"{names or 'the url'} does not hold the name of a host alone, such as api.crm.example"
        )
    try:
        first = Address.parse(f"{definition.scheme}://{written}/")
    except ValueError:
        return "the url has no usable port"
    if definition.allowed_hosts and first.host not in definition.allowed_hosts:
        return f"its host {first.host} is not among its allowed_hosts"
    if first.scheme == "http" and first.host not in definition.private_addresses:
        return (
            "its url is not https, so that keys could be read on the way; only a host named in "
            "private_addresses may be called by http"
        )
    return first


def parameter_texts(
    takes: tuple[Takes, ...], params: Mapping[str, object], long: Collection[str] = ()
) -> Mapping[str, str]:
    """The values as they go into an address, but for `long` ones. Raises BadParameter."""
    unknown = sorted(set(params) - {each.name for each in takes})
    if unknown:
        raise BadParameter(f'it takes no "{unknown[0]}"')
    return {
        each.name: _text_of(each, params.get(each.name), long=each.name in long) for each in takes
    }


def _text_of(takes: Takes, value: object, *, long: bool) -> str:
    if value is None and takes.default is not None:
        return takes.default
    if value is None:
        raise BadParameter(f"{takes.name} is missing")
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise BadParameter(f"{takes.name} must be a text or a number, not {_kind(value)}")
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    text = text.strip()
    if not text:
        raise BadParameter(f"{takes.name} is empty")
    if takes.form is Form.NUMBER and not _NUMBER.fullmatch(text):
        raise BadParameter(f"{takes.name} must be a number, not {text[:40]!r}")
    check_text(takes.name, text, long=long)
    return text


def check_text(name: str, text: str, *, long: bool = False) -> None:
    """Raises BadParameter for a text that is too long, or that people could not read; a `long`
    one may have lines."""
    seen = text.replace("\n", "") if long else text
    if len(text) > (LONGEST_IN_BODY if long else LONGEST) or not seen.isprintable():
        raise BadParameter(f"{name} is too long or holds signs that do not show")


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "true or false"
    return "a list" if isinstance(value, list) else "a block"


def shown(address: Address, secrets: Secrets) -> str:
    """An address for people: without secrets, by their value and by the name of a parameter."""
    path, mark, query = address.text.partition("?")
    pairs = (pair.partition("=") for pair in query.split("&")) if mark else ()
    kept = "&".join(
        f"{name}{eq}{'(redacted)' if secret_name(name) and value else value}"
        for name, eq, value in pairs
    )
    return secrets.scrub(f"{path}{mark}{kept}")
