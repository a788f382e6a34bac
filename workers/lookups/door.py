"""The one door to other systems: a request goes where it was checked to go, and ends in time.

A name is resolved once, every address it stands for is checked, and the connection goes to the
checked address itself, so a second answer of the name service leads nowhere. TLS proves the name
all the same. Proxies of the environment are not used: behind one, nobody could check an address.
"""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self

import httpcore
import httpx

from workers.lookups.address import Address
from workers.lookups.failures import Kind
from workers.lookups.reach import refusal

LARGEST: Final = 1_000_000
# Of the answer to what was sent, this much is read: its status says all that counts.
FIRST_PART: Final = 16_000
MOST_CONNECTIONS: Final = 16
IDLE: Final = 60.0  # seconds that a warm connection is kept
MOST_TRIED: Final = 3  # of the addresses of a name

Resolve = Callable[[str, int], Sequence[str]]


class NoAnswer(Exception):
    """There is no answer to use; `said` is a fact for people, without secrets."""

    def __init__(self, kind: Kind, said: str = "") -> None:
        super().__init__(said)
        self.kind = kind
        self.said = said


@dataclass(frozen=True, slots=True)
class Sent:
    """What is sent: a method that changes something, and its body."""

    method: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def resolve(host: str, port: int) -> Sequence[str]:
    """The addresses of a name, as this machine finds them. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Door:
    """Makes requests over warm connections; safe to share between threads. `resolve` is the name
    service, `trust` whom TLS believes (None: the usual authorities)."""

    def __init__(self, resolve: Resolve = resolve, trust: ssl.SSLContext | None = None) -> None:
        self._until = threading.local()
        context = trust or httpx.create_ssl_context()
        # two, so that no connection which one look-up may have serves another that may not
        self._pools = {
            private: httpcore.ConnectionPool(
                ssl_context=context,
                max_connections=MOST_CONNECTIONS,
                keepalive_expiry=IDLE,
                network_backend=_Checked(resolve, self._until, private=private),
            )
            for private in (False, True)
        }

    def close(self) -> None:
        for pool in self._pools.values():
            pool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def get(
        self, address: Address, headers: Mapping[str, str], until: float, *, private: bool
    ) -> Answer:
        """The answer, complete before `until` (by time.monotonic). Raises NoAnswer.

        `private` says that the host may be this machine or in a private network.
        """
        return self._called(address, headers, None, until, private=private)

    def send(
        self,
        address: Address,
        headers: Mapping[str, str],
        sent: Sent,
        until: float,
        *,
        private: bool,
    ) -> Answer:
        """As `get`, for what changes something. Once a status has come nothing is raised: of the
        body, what came in time is given, and no more than FIRST_PART of it."""
        return self._called(address, headers, sent, until, private=private)

    def _called(
        self,
        address: Address,
        headers: Mapping[str, str],
        sent: Sent | None,
        until: float,
        *,
        private: bool,
    ) -> Answer:
        if until <= time.monotonic():
            raise NoAnswer(Kind.TIMED_OUT)
        self._until.at = until
        try:
            return self._exchange(self._pools[private], address, headers, sent)
        except httpcore.TimeoutException:
            raise NoAnswer(Kind.TIMED_OUT) from None
        except httpcore.ConnectError as error:
            raise NoAnswer(Kind.UNREACHABLE, _shortly(error)) from None
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
            raise NoAnswer(Kind.LOST, type(error).__name__) from None

    def _exchange(
        self,
        pool: httpcore.ConnectionPool,
        address: Address,
        headers: Mapping[str, str],
        sent: Sent | None,
    ) -> Answer:
        scheme, host, port = address.origin
        url = httpcore.URL(
            scheme=scheme.encode(), host=host.encode(), port=port, target=address.target.encode()
        )
        lines = [("Host", address.authority), *_ALWAYS, *headers.items()]
        with pool.stream(
            sent.method if sent else "GET",
            url,
            headers=[(name.encode(), value.encode()) for name, value in lines],
            content=sent.body if sent else None,
            extensions={"timeout": {"pool": self._until.at - time.monotonic()}},
        ) as response:
            told = {
                name.decode("latin-1").lower(): value.decode("latin-1")
                for name, value in response.headers
            }
            read = _body if sent is None else _first_part
            return Answer(response.status, told, read(told, response.iter_stream()))


_ALWAYS: Final = (
    ("Accept", "application/json"),
    # an answer of a kilobyte must not unfold into a gigabyte
    ("Accept-Encoding", "identity"),
    ("User-Agent", "usher"),
)


def _body(headers: Mapping[str, str], chunks: Iterable[bytes]) -> bytes:
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise NoAnswer(Kind.UNREADABLE, "it is compressed, which was not asked for")
    body = b""
    for chunk in chunks:
        body += chunk
        if len(body) > LARGEST:
            raise NoAnswer(Kind.TOO_LARGE)
    return body


def _first_part(headers: Mapping[str, str], chunks: Iterable[bytes]) -> bytes:
    body = b""
    if headers.get("content-encoding", "identity").lower() != "identity":
        return body
    # what was sent has been taken or refused by now, whatever becomes of the rest
    with suppress(httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError):
        for chunk in chunks:
            body += chunk
            if len(body) > FIRST_PART:
                break
    return body[:FIRST_PART]


class _Checked(httpcore.NetworkBackend):
    """Connects to checked addresses only."""

    def __init__(self, resolve: Resolve, until: threading.local, *, private: bool) -> None:
        self._resolve = resolve
        self._until = until
        self._private = private
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = self._addresses(host, port)[:MOST_TRIED]
        error: Exception = httpcore.ConnectError(f"{host} has no address")
        for place, address in enumerate(addresses):
            share = _left(self._until) / (len(addresses) - place)
            try:
                stream = self._sockets.connect_tcp(
                    address, port, share, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as failed:
                error = failed
            else:
                return _Timed(stream, self._until)
        raise error

    def _addresses(self, host: str, port: int) -> Sequence[str]:
        addresses = self._resolved(host, port)
        for address in addresses:
            why = refusal(address, private=self._private)
            if why:
                raise NoAnswer(Kind.NOT_ALLOWED, f"{host} leads to {address}, which {why}")
        return addresses

    def _resolved(self, host: str, port: int) -> Sequence[str]:
        # the system's call for it cannot be given a time
        found: list[Sequence[str]] = []
        failed: list[OSError | UnicodeError] = []

        def ask() -> None:
            try:
                found.append(self._resolve(host, port))
            except (OSError, UnicodeError) as error:
                failed.append(error)

        thread = threading.Thread(target=ask, name="resolving", daemon=True)
        thread.start()
        thread.join(_left(self._until))
        if failed:
            raise httpcore.ConnectError(f"the name {host} is not known") from failed[0]
        if not found:
            raise httpcore.ConnectTimeout()
        return found[0]


class _Timed(httpcore.NetworkStream):
    """A connection on which no wait outlasts the end of the call it is used for."""

    def __init__(self, stream: httpcore.NetworkStream, until: threading.local) -> None:
        self._stream = stream
        self._until = until

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(self._until))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(self._until))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = _left(self._until)
        return _Timed(self._stream.start_tls(ssl_context, server_hostname, left), self._until)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(until: threading.local) -> float:
    left = float(until.at) - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout()
    return left


def _shortly(error: Exception) -> str:
    return str(error)[:200]
