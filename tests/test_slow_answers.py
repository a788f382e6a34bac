"""Answers that come in drops, or unfold into more than anybody asked for."""

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from coursebox import wire
from coursebox.client import Coursebox
from coursebox.errors import Kind, TryAgain
from coursebox.tokens import MemoryTokens, Token

Answer = Callable[[socket.socket], None]


@contextmanager
def portal(answer: Answer, timeout: float) -> Iterator[Coursebox]:
    """A client of a portal that answers every request so."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            taken, _ = listening.accept()
            with taken:
                taken.recv(65_536)
                answer(taken)

        serving = threading.Thread(target=serve, daemon=True)
        serving.start()
        tokens = MemoryTokens()
        tokens.put(Token("sample", time.time()))
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        with Coursebox(
            url, "api@customer.example", "sample pass", tokens=tokens, timeout=timeout
        ) as client:
            yield client
        serving.join()


def in_drops(taken: socket.socket) -> None:
    """Something comes all the time, and never the end of it."""
    taken.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n[")
    try:
        while True:
            taken.sendall(b" ")
            time.sleep(0.01)
    except OSError:
        pass


def folded(taken: socket.socket) -> None:
    body = gzip.compress(b"[" + b" " * 5_000_000 + b"]")
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(body)}\r\n\r\n"
    taken.sendall(head.encode() + body)


def test_an_answer_that_comes_in_drops_has_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coursebox.client.CONNECT_TIMEOUT", 0.2)

    with portal(in_drops, timeout=0.2) as client, pytest.raises(TryAgain) as caught:
        client.learners(101)

    assert caught.value.kind is Kind.TIMED_OUT


def test_an_answer_that_unfolds_into_too_much_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "LARGEST_ANSWER", 1_000_000)

    with portal(folded, timeout=5.0) as client, pytest.raises(TryAgain) as caught:
        client.learners(101)

    assert caught.value.kind is Kind.UNREADABLE
    assert "larger than 1,000,000 bytes" in str(caught.value)
