"""The part `callbacks:` of lookups.yaml, read as strictly as its look-ups. Pure."""

import json
from collections.abc import Mapping, Sequence
from typing import Final

from rulebook.nodes import Block, Broken, Entry, Listing, Node, Scalar, describe
from rulebook.problems import Findings
from rulebook.shapes import block, required
from rulebook.spelling import did_you_mean, nearest
from workers.callbacks.body import Body
from workers.callbacks.definition import USE, BuiltIn, Callback, Method
from workers.lookups import Definition
from workers.lookups.complaints import Problems, only, refuse_if_any, say, say_key, sentences
from workers.lookups.definition import Takes
from workers.lookups.file import CALLBACKS, NAME, read_lookups, read_root
from workers.lookups.places import (
    check_known,
    check_proofs,
    read_headers,
    read_hosts,
    read_url,
    read_variable,
    secret_name,
)
from workers.lookups.takes import read_parameters, read_time
from workers.lookups.template import Template, TemplateError, parse_template

KEYS: Final = (
    *("method", "url", "headers", "basic", "parameters", "body", "allowed_hosts", "time_limit"),
    *("private_addresses", "signed", "secret", "notes"),
)
STANDARD: Final = "standard-webhooks"
LARGEST: Final = 20_000

_LIKE: Final = "crm.deal_enrolled: {method: PATCH, url: ..., parameters: {...}, body: {...}}"
_OURS_TO_SEND: Final = frozenset({"idempotency-key"})
_OURS_TO_SIGN: Final = frozenset({"webhook-id", "webhook-timestamp", "webhook-signature"})
_ALWAYS_THERE: Final = tuple(Takes(name) for name in BuiltIn)


def read_both(text: str) -> tuple[Mapping[str, Definition], Mapping[str, Callback]]:
    """The file's look-ups and its callbacks, by name; LookUpsError with all problems of both."""
    entries, problems = read_root(text)
    lookups, of_lookups = read_lookups(entries)
    callbacks, of_callbacks = _read_callbacks(entries)
    refuse_if_any([*problems, *of_lookups, *of_callbacks])
    return lookups, callbacks


def _read_callbacks(entries: Sequence[Entry]) -> tuple[Mapping[str, Callback], Problems]:
    entry = next((each for each in entries if each.key.text == CALLBACKS), None)
    above = Findings(CALLBACKS)
    empty = entry is None or (isinstance(entry.value, Scalar) and entry.value.value is None)
    body = None if empty else block(entry, above, f"such as {_LIKE}")
    found: dict[str, Callback] = {}
    problems = sentences(above)
    for each in body.entries if body else ():
        own = Findings(each.key.text)
        callback = _callback(each, own)
        problems += sentences(own)
        if callback is not None:
            found[callback.name] = callback
    return found, problems


def _callback(entry: Entry, findings: Findings) -> Callback | None:
    _check_name(entry, findings)
    body = block(entry, findings, f"such as {_LIKE}")
    if body is None:
        return None
    only(body, KEYS, findings)
    method = _method(required(body, "method", "this callback", findings), findings)
    takes = read_parameters(block(body.entry("parameters"), findings), findings)
    _check_parameters(body.entry("parameters"), findings)
    known = (*takes, *_ALWAYS_THERE)
    entry_of_url = required(body, "url", "this callback", findings)
    url = read_url(entry_of_url, known, findings, all_of_them=False)
    sent = _body(body.entry("body"), known, findings)
    if url is not None and sent is not None:
        _check_idle(body, takes, {*url[2].parameters, *sent.parameters}, findings)
    headers = read_headers(block(body.entry("headers"), findings), findings)
    basic = read_variable(body.entry("basic"), findings)
    secret = _secret(body, findings)
    _check_headers(body, headers, secret, findings)
    check_proofs(body, headers, basic, findings)
    allowed = read_hosts(body.entry("allowed_hosts"), findings)
    private = read_hosts(body.entry("private_addresses"), findings)
    time_limit = read_time(body.entry("time_limit"), findings)
    if findings.has_errors or url is None or method is None:
        return None
    scheme, host, target = url
    return Callback(
        entry.key.text, entry.key.span.line, scheme, host, target, headers, basic, takes, allowed,
        private, time_limit, method, sent, secret,
    )  # fmt: skip


def _check_name(entry: Entry, findings: Findings) -> None:
    name = entry.key.text
    if not NAME.fullmatch(name) or len(name) > 64:
        say_key(
            entry, findings,
            f'"{name[:70]}" cannot name a callback; write system.thing in small letters, digits '
            'and _, such as "hubspot.deal_enrolled"',
        )  # fmt: skip


def _method(entry: Entry | None, findings: Findings) -> Method | None:
    written = entry.value.text if entry and isinstance(entry.value, Scalar) else ""
    if entry is None or written in list(Method):
        return Method(written) if entry else None
    near = did_you_mean(nearest(written.upper(), list(Method)))
    hint = f"; {near}" if near and not isinstance(entry.value, Broken) else ""
    say(
        entry, findings,
        f"method is POST, PATCH or PUT, found {describe(entry.value)}{hint}",
    )  # fmt: skip
    return None


def _check_parameters(entry: Entry | None, findings: Findings) -> None:
    taken = {*BuiltIn, USE}
    for each in entry.value.entries if entry and isinstance(entry.value, Block) else ():
        if each.key.text in taken:
            why = (
                "names the callback itself in a rule"
                if each.key.text == USE
                else "is there without being declared"
            )
            say_key(each, findings, f'"{each.key.text}" {why}; give the parameter another name')


def _check_idle(body: Block, takes: Sequence[Takes], placed: set[str], findings: Findings) -> None:
    for each in takes:
        if each.name not in placed:
            say(
                body.entry("parameters"), findings,
                f"neither url nor body has a place for the parameter {{{each.name}}}",
            )  # fmt: skip


def _check_headers(
    body: Block,
    headers: Mapping[str, Template],
    secret: str | None,
    findings: Findings,
) -> None:
    ours = _OURS_TO_SEND | _OURS_TO_SIGN if secret else _OURS_TO_SEND
    for name in headers:
        if name.lower() in ours:
            say(body.entry("headers"), findings, f"the header {name} is set by Usher itself")


# -- signatures ------------------------------------------------------------------------------------


def _secret(body: Block, findings: Findings) -> str | None:
    signed = body.entry("signed")
    if signed is None:
        if body.entry("secret"):
            say(body.entry("secret"), findings, f'"secret" needs "signed: {STANDARD}"')
        return None
    written = signed.value.text if isinstance(signed.value, Scalar) else ""
    if written != STANDARD:
        say(
            signed, findings,
            f'"signed" is {STANDARD}, found {describe(signed.value)}; for a secret in a header of '
            "your own write it under headers",
        )  # fmt: skip
    entry = required(body, "secret", f'"signed: {STANDARD}"', findings)
    return read_variable(entry, findings, holds="the secret, such as whsec_...")


# -- bodies ----------------------------------------------------------------------------------------


def _body(entry: Entry | None, known: Sequence[Takes], findings: Findings) -> Body | None:
    if entry is None:
        return None
    if not isinstance(entry.value, Block | Broken):
        block(entry, findings, "such as body: {properties: {training: enrolled}}")
        return None
    body = Body(_node(entry, entry.value, known, findings))
    if len(json.dumps(body.written())) > LARGEST:
        say(entry, findings, f"the body is longer than {LARGEST:,} characters")
    return body


def _node(entry: Entry, node: Node, known: Sequence[Takes], findings: Findings) -> object:
    match node:
        case Block():
            return {each.key.text: _line(each, known, findings) for each in node.entries}
        case Listing():
            return [_node(entry, item, known, findings) for item in node.items]
        case Scalar(value=str()):
            return _text(entry, node.text, known, findings)
        case Scalar():
            return node.value
    return None


def _line(entry: Entry, known: Sequence[Takes], findings: Findings) -> object:
    written = entry.value.text if isinstance(entry.value, Scalar) else ""
    if written and secret_name(entry.key.text) and "{" not in written:
        # not quoted in the message: it may be the secret itself
        say(
            entry, findings,
            f"the value of {entry.key.text} looks like a secret, which no body can hold; put it "
            "into a header, as ${VARIABLE}",
        )  # fmt: skip
    if "{" in entry.key.text:
        say_key(entry, findings, "a key of the body is plain text; only what it holds is filled in")
    return _node(entry, entry.value, known, findings)


def _text(entry: Entry, text: str, known: Sequence[Takes], findings: Findings) -> Template:
    try:
        found = parse_template(text, parameters=True)
    except TemplateError as error:
        say(entry, findings, f"in the body, {error}")
        return Template((text,))
    if found.variables:
        say(
            entry, findings,
            f"${{{found.variables[0]}}} cannot stand in a body, only a {{parameter}} can; put "
            "secrets into a header",
        )  # fmt: skip
    check_known(entry, "body", found, known, findings)
    return found
