"""A delivery kept in a file: an HTTP request without what is made anew when it is signed.

`.http`: an optional request line, header lines, an empty line, the body's bytes. Its head may end
its lines with LF or CRLF. Any other file is a body and nothing else.
"""

import re
from dataclasses import dataclass, field

_END_OF_HEAD = re.compile(rb"\A(?:[^\r\n]+\r?\n)*?\r?\n")
_REQUEST_LINE = re.compile(r"[A-Z]+ (\S+)(?: HTTP/[0-9.]+)?")
_HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)")
# what the connection says of itself is not the sender's: whoever posts the recording says it anew
_OF_THE_CONNECTION = frozenset({"host", "content-length", "transfer-encoding", "connection"})
_SUFFIX = ".http"


class NotRecorded(ValueError):
    """The file is no recorded delivery; the argument says what is wrong, with its line."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recorded delivery. `content_type` is None, and `target`, where the file does not say.

    headers: as written, latin-1 decoded, without Content-Type and those of the connection.
    target: of the request line, such as `/hooks/shop?a=1`.
    """

    body: bytes = field(repr=False)
    content_type: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    target: str | None = None


def parse_recorded(name: str, content: bytes) -> Recorded:
    """The delivery in a file of that name; NotRecorded for an `.http` whose head is not one."""
    if not name.lower().endswith(_SUFFIX):
        return Recorded(content)
    end = _END_OF_HEAD.match(content)
    head = content[: end.end()] if end else content
    lines = head.decode("latin-1").split("\n")
    lines = [line.removesuffix("\r") for line in lines]
    request = _REQUEST_LINE.fullmatch(lines[0])
    first = 1 if request else 0
    headers = [
        _header(line, number) for number, line in enumerate(lines[first:], start=first + 1) if line
    ]
    kinds = [value for key, value in headers if key.lower() == "content-type"]
    kept = tuple(
        (key, value)
        for key, value in headers
        if key.lower() not in _OF_THE_CONNECTION | {"content-type"}
    )
    return Recorded(
        body=content[len(head) :],
        content_type=kinds[0] if kinds else None,
        headers=kept,
        target=request[1] if request else None,
    )


def _header(line: str, number: int) -> tuple[str, str]:
    found = parse_header(line)
    if found is None:
        raise NotRecorded(
            f"line {number} is no header such as `X-Topic: orders`; an empty line ends the headers"
        )
    return found


def parse_header(line: str) -> tuple[str, str] | None:
    """Name and value of a header line such as `X-Topic: orders`; None for what is no such line."""
    found = _HEADER.fullmatch(line)
    return (found[1], found[2].rstrip(" \t")) if found else None
