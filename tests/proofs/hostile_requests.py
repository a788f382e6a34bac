"""Requests as they come at night: forged, broken and senseless ones among honest deliveries.

Every request is made by construction to be one that may be let in, or one that must not be. All
chance comes from one `random.Random`.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from random import Random
from typing import Final
from urllib.parse import quote

from senders.delivery import Delivery
from senders.preset import Auth, BodyKind, Handshake
from senders.shaping import Shaped, shape
from senders.signing import CannotSign, sign
from senders.sources import Source, Sources
from tests.proofs.twisted_bodies import twisted, with_noise
from tests.samples import samples_of

_TYPES: Final = (
    "application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
    "multipart/form-data", "text/xml", "text/plain", "application/json; charset=utf-16", "\xff\xfe",
    "application/x-www-form-urlencoded; charset=koi8-r", "a" * 500, "",
)  # fmt: skip
_METHODS: Final = ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW", "post", "P\xd6ST", "G ET")
_PATHS: Final = (
    "/", "/hooks", "/hooks/", "/hooks//", "/hooks/nobody", "/hooks/%00", "/hooks/..%2f..%2fetc",
    "/hooks/\xff", "/hooks/%F0%9F%8E%93/%FF", "//hooks/shop", "*", "/hooks/" + "a" * 5000,
    "http://elsewhere.example/hooks/nobody", "/hooks/nobody/a/b/c", "?", "/hooks/nobody?a=%zz#b",
)  # fmt: skip
_HEADERS: Final = (
    "X-Odd: \xff\xfe\x80", "X_Under_Score: 1", "X-Long: " + "a" * 7000, "Content-Encoding: gzip",
    "Expect: 100-continue", "Cookie: a=b; a=c", "X-Forwarded-For: 1.2.3.4", "Script-Name: /x",
    "X-Empty:", "Authorization: Basic !!!", "Content-Type: text/xml", "webhook-id: \xe9",
    "Accept: */*", "Range: bytes=0-1", "Upgrade: websocket", "X-HTTP-Method-Override: GET",
)  # fmt: skip
_LINES: Final = (
    "No colon", ": no name", "Space in name: 1", "X-Nul: \x00", " folded", "X-Bad\xff: 1",
    "Content-Length: -1", "Content-Length: 1e3", "Content-Length: +5", "Content-Length: 1, 2",
    "Content-Length: 99999999999999999999", "Content-Length: 5000000", "Content-Length: 7",
    "Content-Length: \xb2", "Transfer-Encoding: chunked", "Transfer-Encoding: gzip, chunked",
    "Transfer-Encoding: identity", "Transfer-Encoding: \x0bchunked", "Expect: the-unexpected",
    "X-Too-Long: " + "a" * 20_000, "Host: another", "\r\nX: 1",
)  # fmt: skip
_CHUNKS: Final = (
    b"0\r\n\r\n", b"5\r\nhello\r\n0\r\n\r\n", b"ffffffff\r\nx", b"-1\r\n", b"zz\r\n", b"5;a=b\r\nh",
    b"5\r\nhello0\r\n\r\n", b"0x5\r\nhello\r\n0\r\n\r\n", b"\r\n", b"5\nhello\n0\n\n", b"",
)  # fmt: skip
_SENSELESS: Final = (
    b"", b"GET / HTTP/9.9\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\x16\x03\x01",
    b"POST /hooks/" + b"a" * 9000,
)  # fmt: skip


class May(Enum):
    """What a request may be answered."""

    BE_KEPT = "kept"  # 2xx and nothing else
    BE_ANYTHING = "anything"  # it is proved, whatever it holds: anything but 5xx
    BE_REFUSED = "refused"  # anything but 2xx and 5xx


@dataclass(frozen=True, slots=True)
class Attempt:
    """The bytes of one request. `last`: nothing more can follow it on its connection."""

    kind: str
    raw: bytes
    may: May
    last: bool = False
    head: bool = False  # the answer has no body


class Hostile:
    """Makes attempts at these sources, on a server that is called at `address`."""

    def __init__(self, sources: Sources, address: str, chance: Random) -> None:
        self.sources = sources
        self._address = address
        self._chance = chance
        self._shaped = {name: _shaped(source) for name, source in self.sources.items()}
        self._names = tuple(self.sources)
        # few, so that the same come again and again, and what is kept stays small
        fixed = Random(7)  # noqa: S311 - chance that can be repeated, not secrets
        self._garbage = [fixed.randbytes(60) for _ in range(6)]
        self._garbage += [bytes(chr(fixed.randrange(32, 127)) * 40, "ascii") for _ in range(4)]
        self._garbage += [b"", b"null", b"[[[[]]]]", b"{" * 500, b'{"a":' * 200 + b"1" + b"}" * 200]
        self._twisted = {
            name: [twisted(fixed.choice(all_shaped).body, fixed) for _ in range(20)]
            for name, all_shaped in self._shaped.items()
        }
        self._kinds: tuple[tuple[Callable[[float], Attempt], int], ...] = (
            (self._honest, 8),
            (self._proved_garbage, 8),
            (self._forged, 40),
            (self._elsewhere, 10),
            (self._handshake, 6),
            (self._bad_lines, 12),
            (self._bad_chunks, 6),
            (self._cut, 6),
            (self._senseless, 4),
        )
        self._weights = [weight for _, weight in self._kinds]

    def attempt(self, now: float) -> Attempt:
        """The next request; `now` is unix seconds."""
        (kind,) = self._chance.choices(self._kinds, self._weights)
        return kind[0](now)

    # -- who may come in -----------------------------------------------------------------------

    def _honest(self, now: float) -> Attempt:
        source, shaped = self._sender()
        return self._posted("honest", self._sign(source, shaped, now), May.BE_KEPT)

    def _proved_garbage(self, now: float) -> Attempt:
        source, shaped = self._sender()
        if self._chance.random() < 0.5:
            body = self._chance.choice(self._garbage)
        else:
            body = self._chance.choice(self._twisted[source.name])
        said = shaped.content_type
        content_type = self._chance.choice((said, said, said, *_TYPES[:5]))
        try:
            delivery = self._sign(source, replace(shaped, body=body), now, content_type)
        except CannotSign:  # its secret stands in a body that can be read
            return self._honest(now)
        return self._posted("proved garbage", delivery, May.BE_ANYTHING)

    def _handshake(self, now: float) -> Attempt:
        source, _ = self._sender()
        path = f"/hooks/{source.name}"
        asked = source.preset.handshakes
        body = self._chance.choice((b"webhook_id=7", b'{"challenge":"c"}'))
        method = self._chance.choice(("POST", "POST", "GET", "HEAD"))
        welcome = not source.path_secrets and (
            (method != "POST" and Handshake.VISIT in asked)
            or (method == "POST" and body[:1] == b"w" and Handshake.PING in asked)
        )
        form = (("Content-Type", "application/x-www-form-urlencoded"),)
        delivery = Delivery(method, path, form, body)
        return self._posted("handshake", delivery, May.BE_KEPT if welcome else May.BE_REFUSED)

    # -- who may not ---------------------------------------------------------------------------

    def _forged(self, now: float) -> Attempt:
        source, shaped = self._sender()
        delivery = self._noisy(self._forgery(source, shaped, now))
        extra = self._chance.sample(_HEADERS, self._chance.choice((0, 0, 1, 3)))
        return self._posted("forged", delivery, May.BE_REFUSED, extra)

    def _forgery(self, source: Source, shaped: Shaped, now: float) -> Delivery:
        way = self._chance.randrange(4)
        if way == 0 or source.preset.auth in (Auth.BODY, Auth.NONE):
            return self._sign(_impostor(source), shaped, now)
        if way == 1 and source.preset.timestamp is not None:
            return self._sign(source, shaped, now + self._chance.choice((-4000, 4000)))
        delivery = self._sign(source, shaped, now)
        if source.path_secrets and (source.preset.auth is Auth.PATH or way == 2):
            return replace(delivery, target=self._damaged(delivery.target, keep=7))
        return self._without_proof(source, delivery)

    def _without_proof(self, source: Source, delivery: Delivery) -> Delivery:
        preset = source.preset
        if preset.auth is Auth.PATH:
            return replace(delivery, target=f"/hooks/{source.name}")
        names = {Auth.HMAC: preset.signature.name, Auth.BASIC: "Authorization"}
        name = names.get(preset.auth, preset.token.name).lower()
        drop = self._chance.random() < 0.2
        headers = tuple(
            (key, self._damaged(value) if key.lower() == name else value)
            for key, value in delivery.headers
            if not (drop and key.lower() == name)
        )
        return replace(delivery, headers=headers)

    def _damaged(self, text: str, keep: int = 0) -> str:
        """Another text, none of whose spellings is the old one."""
        way = self._chance.randrange(3)
        if way == 0:
            return text[: self._chance.randrange(keep, len(text))]
        place = self._chance.randrange(keep, len(text))
        if way == 1 and not keep:
            return text[:place] + self._chance.choice("\xff\xa4!~") + text[place:]
        other = self._chance.choice([each for each in "0aZ-" if each != text[place]])
        return text[:place] + other + text[place + 1 :]

    def _noisy(self, delivery: Delivery) -> Delivery:
        way = self._chance.randrange(8)
        body = delivery.body
        if way == 0:
            return replace(delivery, body=with_noise(body, self._chance))
        if way == 1:
            return replace(delivery, body=self._chance.randbytes(self._chance.randrange(2000)))
        if way == 2:
            return replace(delivery, body=b"[" * 5000)
        if way == 3:
            kept = [pair for pair in delivery.headers if pair[0].lower() != "content-type"]
            kept.append(("Content-Type", self._chance.choice(_TYPES)))
            return replace(delivery, headers=tuple(kept))
        if way == 4:
            mark = self._chance.choice(("?a=1", "?", "#x", "?a=%ff", "/", "%20"))
            return replace(delivery, target=delivery.target + mark)
        if way == 5:
            return replace(delivery, headers=delivery.headers * 2)
        return delivery

    def _elsewhere(self, now: float) -> Attempt:
        source, shaped = self._sender()
        delivery = self._sign(_impostor(source), shaped, now)
        if self._chance.random() < 0.5:
            delivery = replace(delivery, method=self._chance.choice(_METHODS))
        else:
            delivery = replace(delivery, target=self._chance.choice(_PATHS))
        return self._posted("elsewhere", delivery, May.BE_REFUSED, last=True)

    # -- what is hardly HTTP -------------------------------------------------------------------

    def _bad_lines(self, now: float) -> Attempt:
        lines = self._chance.sample(_LINES, self._chance.choice((1, 1, 2)))
        if self._chance.random() < 0.1:
            lines += [f"X-{number}: 1" for number in range(200)]
        return self._broken("bad lines", now, lines)

    def _bad_chunks(self, now: float) -> Attempt:
        source, shaped = self._sender()
        delivery = self._sign(_impostor(source), shaped, now)
        body = self._chance.choice((*_CHUNKS, _chunked(shaped.body)))
        raw = _head(delivery, ["Transfer-Encoding: chunked"]) + body
        return Attempt("chunks", raw, May.BE_REFUSED, last=True)

    def _broken(self, kind: str, now: float, lines: list[str]) -> Attempt:
        source, shaped = self._sender()
        delivery = self._sign(_impostor(source), shaped, now)
        said = [] if self._chance.random() < 0.5 else [f"Content-Length: {len(delivery.body)}"]
        return Attempt(
            kind, _head(delivery, lines + said) + delivery.body, May.BE_REFUSED, last=True
        )

    def _cut(self, now: float) -> Attempt:
        source, shaped = self._sender()
        raw = _raw(self._sign(_impostor(source), shaped, now), [])
        if self._chance.random() < 0.5:
            cut = raw[: self._chance.randrange(1, len(raw))]
        else:
            place = self._chance.randrange(len(raw))
            cut = raw[:place] + bytes([self._chance.randrange(256)]) + raw[place + 1 :]
        return Attempt("cut or flipped", cut, May.BE_REFUSED, last=True)

    def _senseless(self, now: float) -> Attempt:
        first = self._chance.choice(_SENSELESS)
        raw = first + self._chance.randbytes(self._chance.randrange(1, 300))
        return Attempt("senseless", raw, May.BE_REFUSED, last=True)

    # -- parts ---------------------------------------------------------------------------------

    def _sender(self) -> tuple[Source, Shaped]:
        name = self._chance.choice(self._names)
        return self.sources[name], self._chance.choice(self._shaped[name])

    def _sign(self, source: Source, shaped: Shaped, now: float, content_type: str = "") -> Delivery:
        return sign(
            source,
            shaped.body,
            target=f"/hooks/{source.name}",
            now=now,
            public_url=self._address,
            event_id="msg_1",
            content_type=content_type or shaped.content_type,
            headers=shaped.headers,
        )

    def _posted(
        self,
        kind: str,
        delivery: Delivery,
        may: May,
        extra: list[str] | None = None,
        *,
        last: bool = False,
    ) -> Attempt:
        lines = extra or []
        if may is May.BE_REFUSED and delivery.method == "POST" and self._chance.random() < 0.1:
            raw = _head(delivery, [*lines, "Transfer-Encoding: chunked"]) + _chunked(delivery.body)
        else:
            raw = _raw(delivery, lines)
        return Attempt(kind, raw, may, last, head=delivery.method == "HEAD")


def _shaped(source: Source) -> tuple[Shaped, ...]:
    samples = samples_of(source.preset.name)
    if samples:
        return tuple(shape(source.preset, sample.recorded()) for sample in samples)
    kinds = {
        BodyKind.FORM: Shaped(b"a=1", "application/x-www-form-urlencoded"),
        BodyKind.SOAP: Shaped(b"<Envelope><Body><a/></Body></Envelope>", "text/xml"),
    }
    plain = Shaped(json.dumps({"id": 1, "a": {"b": [1]}}).encode(), "application/json")
    return (kinds.get(source.preset.body[0], plain),)


def _impostor(source: Source) -> Source:
    """One who knows everything but the secrets."""
    guess = b"usher:guess" if source.preset.auth is Auth.BASIC else b"guess"
    return replace(
        source,
        secrets=(guess,) if source.secrets else (),
        path_secrets=(b"guess",) if source.path_secrets else (),
    )


def _head(delivery: Delivery, lines: list[str]) -> bytes:
    headers = [f"{name}: {value}" for name, value in delivery.headers]
    target = quote(delivery.target, safe="".join(map(chr, range(33, 256))), encoding="latin-1")
    head = [f"{delivery.method} {target} HTTP/1.1", "Host: usher.example", *headers, *lines]
    return ("\r\n".join(head) + "\r\n\r\n").encode("latin-1")


def _raw(delivery: Delivery, lines: list[str]) -> bytes:
    return _head(delivery, [*lines, f"Content-Length: {len(delivery.body)}"]) + delivery.body


def _chunked(body: bytes) -> bytes:
    size = max(1, len(body) // 3)
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(each), each) for each in pieces) + b"0\r\n\r\n"
