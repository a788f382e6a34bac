"""One callback from its values to its answer: what is sent, signed, recorded and judged."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urljoin

from coursebox.errors import retry_after
from coursebox.exchange import Exchange
from coursebox.redaction import Secrets, recorded
from senders.delivery import Malformed
from senders.keys import KeyProblem, read_keys
from senders.presets import PRESETS
from senders.signing import CannotSign, sign
from senders.sources import Source
from senders.strict_json import parse
from workers.callbacks.definition import BuiltIn, Callback
from workers.callbacks.failures import CallbackFailed, failure
from workers.callbacks.telling import Telling
from workers.lookups.address import Address
from workers.lookups.definition import Form
from workers.lookups.door import Answer, Door, NoAnswer, Sent
from workers.lookups.failures import Kind, kind_of
from workers.lookups.ready import (
    BadParameter,
    Ready,
    check_text,
    make_ready,
    parameter_texts,
    shown,
)

Record = Callable[[Exchange], None]

_STANDARD: Final = PRESETS["standard-webhooks"]
_CONTENT: Final = "Content-Type"


@dataclass(frozen=True, slots=True)
class Usable:
    """A callback with its keys. `signer` signs as Standard Webhooks, where it is signed so."""

    ready: Ready[Callback]
    signer: Source | None

    @property
    def callback(self) -> Callback:
        return self.ready.definition

    @property
    def secrets(self) -> Secrets:
        return self.ready.secrets


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be sent; its body as JSON value and as the bytes that are signed."""

    address: Address
    body: object
    content: bytes


def make_usable(callback: Callback, variables: Mapping[str, str]) -> Usable | str:
    """The callback with its variables filled in, or why it cannot be used."""
    ready = make_ready(callback, variables)
    if isinstance(ready, str) or callback.secret is None:
        return ready if isinstance(ready, str) else Usable(ready, None)
    try:
        keys = read_keys(_STANDARD, variables[callback.secret])
    except KeyProblem as error:
        return f"{callback.secret} {error}"
    if not (keys.shared or keys.private):
        return f"{callback.secret} is a public key, which cannot sign; write the secret (whsec_...)"
    return Usable(ready, Source(callback.name, _STANDARD, keys.shared, signing_key=keys.private))


def request(usable: Usable, params: Mapping[str, object], telling: Telling) -> Request:
    """What is sent for these values. Raises BadParameter."""
    callback = usable.callback
    texts = parameter_texts(callback.parameters, params, callback.in_body_alone)
    always = telling.values()
    address = usable.ready.filled({**texts, **_in_address(callback, always)})
    values = {each.name: _typed(each.form, texts[each.name]) for each in callback.parameters}
    if callback.body is None:
        body: object = telling.standard(values)
    else:
        body = callback.body.filled({**values, **always})
    return Request(address, body, json.dumps(body).encode())


def _in_address(callback: Callback, always: Mapping[str, str | None]) -> Mapping[str, str]:
    """The built-in values that stand in the address."""
    wanted = [name for name in callback.target.parameters if name in list(BuiltIn)]
    for name in wanted:
        value = always[name]
        if not value:
            raise BadParameter(f"{name} is not known in this run")
        check_text(name, value)
    return {name: always[name] or "" for name in wanted}


def _typed(form: Form, text: str) -> object:
    if form is Form.TEXT:
        return text
    return float(text) if "." in text else int(text)


@dataclass(frozen=True, slots=True)
class Call:
    """One callback under way."""

    usable: Usable
    door: Door
    record: Record

    def status(self, params: Mapping[str, object], telling: Telling) -> int:
        """The status with which it was taken. Raises CallbackFailed."""
        try:
            made = request(self.usable, params, telling)
        except BadParameter as error:
            raise self._failed(Kind.BAD_PARAMETER, str(error)) from None
        answer = self._answer(made, telling.id)
        kind = kind_of(answer.status)
        if kind is None:
            return answer.status
        wait = retry_after(answer.headers.get("retry-after"), datetime.now(UTC))
        raise self._failed(kind, _said(answer, made.address), wait)

    def _failed(self, kind: Kind, said: str = "", wait: float | None = None) -> CallbackFailed:
        safe = self.usable.secrets.scrub(said)
        return failure(self.usable.callback.name, kind, self.usable.ready.destination, safe, wait)

    def _answer(self, made: Request, id_: str) -> Answer:
        callback = self.usable.callback
        sent = Sent(callback.method.value, made.content)
        headers = self._headers(made, id_)
        private = self.usable.ready.may_be_private(made.address.host)
        started = time.monotonic()
        until = started + callback.time_limit
        try:
            answer = self.door.send(made.address, headers, sent, until, private=private)
        except NoAnswer as error:
            failed = self._failed(error.kind, error.said)
            self._note(made, started, None, "", failed.message)
            raise failed from None
        self._note(made, started, answer.status, self._recorded(answer), "")
        return answer

    def _headers(self, made: Request, id_: str) -> Mapping[str, str]:
        headers = {"Idempotency-Key": id_, **self.usable.ready.headers}
        if _CONTENT.lower() not in map(str.lower, headers):
            headers[_CONTENT] = "application/json"
        return {**headers, **self._signature(made, id_)}

    def _signature(self, made: Request, id_: str) -> Mapping[str, str]:
        if self.usable.signer is None:
            return {}
        target = made.address.target
        try:
            signed = sign(
                self.usable.signer, made.content, target=target, now=time.time(), public_url=None,
                event_id=id_,
            )  # fmt: skip
        except CannotSign as error:
            raise self._failed(Kind.UNUSABLE, str(error)) from None
        return {name: value for name, value in signed.headers if name.lower() != _CONTENT.lower()}

    def _recorded(self, answer: Answer) -> str:
        try:
            return recorded(parse(answer.body), "", self.usable.secrets)
        except Malformed:
            text = answer.body.decode(errors="replace")
            return recorded(None, text, self.usable.secrets)

    def _note(
        self, made: Request, started: float, status: int | None, response: str, error: str
    ) -> None:
        callback = self.usable.callback
        self.record(
            Exchange(
                call=callback.name,
                method=callback.method.value,
                path=shown(made.address, self.usable.secrets),
                status=status,
                ms=round(1000 * (time.monotonic() - started)),
                request=recorded(made.body, "", self.usable.secrets),
                response=response,
                error=error,
            )
        )


def _said(answer: Answer, address: Address) -> str:
    """The status, and where a redirect leads."""
    place = answer.headers.get("location", "")
    if answer.status // 100 != 3 or not place:
        return f"HTTP {answer.status}"
    try:
        there = Address.parse(urljoin(address.text, place))
    except ValueError:
        return f"HTTP {answer.status}"
    return f"HTTP {answer.status} to {there.scheme}://{there.authority}{there.target}"
