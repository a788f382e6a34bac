"""Recorded deliveries: what a file says of a request."""

import pytest

from senders.recorded import NotRecorded, Recorded, parse_recorded


def test_a_file_of_another_kind_is_a_body_and_nothing_else() -> None:
    content = b"POST /x HTTP/1.1\nX-Topic: a\n\n{}"

    assert parse_recorded("shop.json", content) == Recorded(content)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(
            b"POST /hooks/x?a=%20 HTTP/1.1\r\nX-Topic: orders/paid \r\n\r\n{}\n",
            Recorded(b"{}\n", None, (("X-Topic", "orders/paid"),), "/hooks/x?a=%20"),
            id="all of it, with CRLF",
        ),
        pytest.param(
            b"X-Topic: a: b\nContent-Type: text/xml; charset=utf-8\n\n<a>\n\n</a>",
            Recorded(b"<a>\n\n</a>", "text/xml; charset=utf-8", (("X-Topic", "a: b"),)),
            id="no request line, with LF",
        ),
        pytest.param(
            b"POST /hooks/x\nHost: a.example\ncontent-length: 7\n\n\n{}",
            Recorded(b"\n{}", target="/hooks/x"),
            id="what the connection says is left out",
        ),
        pytest.param(b"\n{}", Recorded(b"{}"), id="no head"),
        pytest.param(b"X-Empty:\n", Recorded(b"", headers=(("X-Empty", ""),)), id="no body"),
        pytest.param(
            b"X-Name: \xfc\n\n\xff\x00",
            Recorded(b"\xff\x00", headers=(("X-Name", "\xfc"),)),
            id="any bytes",
        ),
    ],
)
def test_an_http_file_is_a_head_and_a_body(content: bytes, expected: Recorded) -> None:
    assert parse_recorded("a.http", content) == expected


@pytest.mark.parametrize(
    ("content", "line"),
    [
        pytest.param(b'{"a": 1}', 1, id="a body without a head"),
        pytest.param(b"POST /x HTTP/1.1\nX-A: b\n folded\n\n{}", 3, id="a folded header"),
        pytest.param(b"X A: b\n\n{}", 1, id="a name with a space"),
    ],
)
def test_a_head_that_is_none_is_refused_with_its_line(content: bytes, line: int) -> None:
    with pytest.raises(NotRecorded, match=f"line {line} is no header"):
        parse_recorded("a.http", content)
