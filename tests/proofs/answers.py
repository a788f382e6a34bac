"""A raw connection to a server: any bytes out, the statuses of the answers in."""

import re
import socket
from contextlib import suppress
from typing import Final

# far beyond what an answer takes, and beyond the server's own patience with a silent client
PATIENCE: Final = 45.0

# gunicorn says the version that it was asked in, even if there is none such
_STATUS: Final = re.compile(rb"HTTP/1\.[0-9] ([0-9]{3}) ")
_LENGTH: Final = re.compile(rb"\r\ncontent-length: *([0-9]+)\r\n", re.IGNORECASE)
_CLOSES: Final = re.compile(rb"\r\nconnection: *close\r\n", re.IGNORECASE)


class Silence(Exception):
    """No answer came while there was patience."""


class Cut(Exception):
    """The server ended the connection without an answer."""


class Line:
    """A connection that is kept as long as the server keeps it, and made anew when needed."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None
        self._fresh = False
        self._read = b""

    def ask(self, raw: bytes, *, last: bool, head: bool) -> list[str]:
        """The statuses of all answers to the bytes; one, unless they are the `last`.

        Raises Silence or Cut.
        """
        try:
            return self._ask(raw, last=last, head=head)
        except (Cut, OSError) as error:
            reused = not self._fresh
            self.close()
            if isinstance(error, TimeoutError):
                raise Silence from None
            # the server may end an idle connection at the moment when the next request is sent
            if reused and not last:
                return self.ask(raw, last=last, head=head)
            raise Cut from None

    def close(self) -> None:
        """End the connection."""
        if self._socket is not None:
            self._socket.close()
        self._socket, self._read = None, b""

    def _ask(self, raw: bytes, *, last: bool, head: bool) -> list[str]:
        self._fresh = self._socket is None
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), PATIENCE)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # who answers early need not read to the end
        with suppress(BrokenPipeError, ConnectionResetError):
            self._socket.sendall(raw)
            if last:
                self._socket.shutdown(socket.SHUT_WR)
        statuses = []
        while not statuses or last:
            try:
                status, closes = self._answer(self._socket, head=head)
            except (Cut, ConnectionResetError):
                if not statuses:
                    raise
                closes = True
            else:
                statuses.append(status)
            if closes:
                self.close()
                break
        return statuses

    def _answer(self, sock: socket.socket, *, head: bool) -> tuple[str, bool]:
        """The status, and whether the server ends the connection."""
        status, top = "100", b""
        while status.startswith("1"):
            top = self._until_blank_line(sock)
            match = _STATUS.match(top)
            status = match[1].decode() if match else f"no HTTP: {top[:40]!r}"
        length = _LENGTH.search(top)
        if length is not None and not head:
            self._skip(sock, int(length[1]))
        return status, _CLOSES.search(top) is not None

    def _until_blank_line(self, sock: socket.socket) -> bytes:
        while b"\r\n\r\n" not in self._read:
            self._more(sock)
        top, _, self._read = self._read.partition(b"\r\n\r\n")
        return top + b"\r\n"

    def _skip(self, sock: socket.socket, count: int) -> None:
        while len(self._read) < count:
            self._more(sock)
        self._read = self._read[count:]

    def _more(self, sock: socket.socket) -> None:
        part = sock.recv(65_536)
        if not part:
            raise Cut
        self._read += part
