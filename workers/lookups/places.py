"""Where a look-up calls, as lookups.yaml says it: url, headers, hosts. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from rulebook.nodes import Block, Broken, Entry, Scalar, describe
from rulebook.problems import Findings
from rulebook.shapes import listing, text
from rulebook.spelling import did_you_mean, nearest
from workers.lookups.complaints import say, say_key
from workers.lookups.definition import Takes
from workers.lookups.template import Template, TemplateError, parse_template

SECRET_NAMES: Final = frozenset({
    "authorization", "proxyauthorization", "xapikey", "apikey", "xapitoken", "apitoken", "token",
    "accesstoken", "xaccesstoken", "hapikey", "key", "secret", "password",
})  # fmt: skip

_VARIABLE: Final = re.compile(r"[A-Z][A-Z0-9_]*")
_HOST: Final = re.compile(r"\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?")
_AUTHORITY: Final = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]*)(?::[0-9]{1,5})?")
_URL: Final = re.compile(r"(https?)://([^/?#]+)(.*)", re.DOTALL)
_HEADER: Final = re.compile(r"[A-Za-z0-9-]+")
_OURS_TO_SEND: Final = frozenset({
    "host", "content-length", "transfer-encoding", "connection", "accept-encoding", "user-agent",
    "accept",
})  # fmt: skip


def read_url(
    entry: Entry | None, takes: Sequence[Takes], findings: Findings, *, all_of_them: bool = True
) -> tuple[str, Template, Template] | None:
    """Scheme, host and target. `all_of_them`: what is taken has its place in the url."""
    written = text(entry, findings)
    if entry is None or written is None:
        return None
    found = _URL.fullmatch(written)
    if found is None or not written.isascii() or re.search(r"[\s#\\]", written):
        say(
            entry, findings,
            "the url has to be an address such as https://api.crm.example/deals/{deal_id}, "
            "without spaces and #",
        )  # fmt: skip
        return None
    try:
        host = parse_template(found[2], parameters=False)
        target = parse_template(found[3], parameters=True)
    except TemplateError as error:
        say(entry, findings, f"in the url, {error}")
        return None
    plain = "".join(part for part in host.parts if isinstance(part, str))
    if not _AUTHORITY.fullmatch(plain):
        say(entry, findings, "the url names no host as one is written, without user and password")
        return None
    check_known(entry, "url", target, takes, findings)
    if all_of_them:
        _check_idle(entry, target, takes, findings)
    _check_query(entry, found[3], findings)
    return found[1], host, target


def check_known(
    entry: Entry, where: str, filled: Template, takes: Sequence[Takes], findings: Findings
) -> None:
    """Complains of places for what is not among the parameters."""
    known = {each.name for each in takes}
    for name in filled.parameters:
        if name not in known:
            near = did_you_mean(nearest(name, known)) or "add it there"
            say(entry, findings, f'{{{name}}} in the {where} is not among the "parameters"; {near}')


def _check_idle(entry: Entry, target: Template, takes: Sequence[Takes], findings: Findings) -> None:
    known = {each.name for each in takes}
    idle = known - set(target.parameters) if known.issuperset(target.parameters) else ()
    for name in sorted(idle):
        say(entry, findings, f"the url has no place for the parameter {{{name}}}")


def _check_query(entry: Entry, target: str, findings: Findings) -> None:
    for pair in target.partition("?")[2].split("&"):
        name, _, value = pair.partition("=")
        if secret_name(name) and value and "${" not in value:
            # not quoted in the message: it may be the secret itself
            say(
                entry, findings,
                f"the value of {name} in the url looks like a secret, which belongs into the "
                f"environment: write {name}=${{VARIABLE}}",
            )  # fmt: skip


def secret_name(name: str) -> bool:
    """Whether what is called so is a secret, in a query or a header."""
    return "".join(filter(str.isalnum, name)).lower() in SECRET_NAMES


def read_headers(body: Block | None, findings: Findings) -> Mapping[str, Template]:
    found = {}
    for entry in body.entries if body else ():
        name, written = entry.key.text, text(entry, findings)
        if not _HEADER.fullmatch(name) or name.lower() in _OURS_TO_SEND:
            say_key(entry, findings, f'"{name[:60]}" is not a header that can be set here')
        elif written is not None:
            try:
                found[name] = parse_template(written, parameters=False)
            except TemplateError as error:
                say(entry, findings, f"in the header {name}, {error}")
                continue
            if secret_name(name) and not found[name].variables:
                say(
                    entry, findings,
                    f"the secret for the header {name} belongs into the environment; write the "
                    "name of the variable that holds it, such as Bearer ${CRM_TOKEN}",
                )  # fmt: skip
    return found


def check_proofs(
    body: Block, headers: Mapping[str, Template], basic: str | None, findings: Findings
) -> None:
    """Complains of two proofs for one header."""
    if basic and "authorization" in map(str.lower, headers):
        say(body.entry("basic"), findings, '"basic" makes the header Authorization; delete one')


def read_variable(
    entry: Entry | None, findings: Findings, *, holds: str = "user:password"
) -> str | None:
    if entry is None:
        return None
    if isinstance(entry.value, Scalar) and _VARIABLE.fullmatch(entry.value.text):
        return entry.value.text
    say(
        entry, findings,
        f'"{entry.key.text}" has to be the name of an environment variable (capital letters, '
        f"digits and _) that holds {holds}",
    )  # fmt: skip
    return None


def read_hosts(entry: Entry | None, findings: Findings) -> frozenset[str]:
    items = listing(entry, findings)
    found = set()
    for item in items.items if items else ():
        if isinstance(item, Scalar) and _HOST.fullmatch(item.text):
            found.add(item.text.strip("[]"))
        elif not isinstance(item, Broken):
            findings.error(
                item.span, "S03",
                f"a host name in small letters is expected here, without https:// and port, found "
                f"{describe(item)}",
            )  # fmt: skip
    return frozenset(found)
