"""Forms in `multipart/form-data`: read like any form, without the content of their files."""

from collections.abc import Iterator

from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder

from senders.delivery import Malformed
from senders.forms import decoded, encoding_of, nest

MOST_PARTS = 500

_UNREADABLE = "the body is not readable as multipart/form-data"


def parse_multipart(body: bytes, content_type: str) -> dict[str, object]:
    """The form's fields, nested; a file is {"filename", "content_type", "size" in bytes}.

    `content_type` is the whole header. Malformed for a boundary that is missing, a body that is
    not what its type says, and more than 500 parts; UnsupportedType for a field in a charset other
    than UTF-8 and ISO-8859-1.
    """
    boundary = parse_options_header(content_type)[1].get("boundary", "")
    if not boundary:
        raise Malformed("the content type multipart/form-data names no boundary")
    decoder = MultipartDecoder(boundary.encode("latin-1", "replace"), max_parts=MOST_PARTS)
    decoder.receive_data(body)
    decoder.receive_data(None)
    try:
        return nest(list(_fields(decoder)))
    except RequestEntityTooLarge:
        raise Malformed(f"the form has more than {MOST_PARTS} parts") from None
    except ValueError:
        raise Malformed(_UNREADABLE) from None


def _fields(decoder: MultipartDecoder) -> Iterator[tuple[str, object]]:
    part: Field | File | None = None
    content = b""
    while not isinstance(event := decoder.next_event(), Epilogue):
        if isinstance(event, Field | File):
            part, content = event, b""
        elif isinstance(event, Data) and part is not None:
            content += event.data
            if not event.more_data:
                yield _name(part), _value(part, content)


def _name(part: Field | File) -> str:
    # typed as text there, and None where the part gives no name
    if not isinstance(part.name, str):
        raise Malformed("a part of the form has no name")
    return part.name


def _value(part: Field | File, content: bytes) -> object:
    said = part.headers.get("Content-Type", "")
    content_type, options = parse_options_header(said)
    if isinstance(part, File):
        return {"filename": part.filename, "content_type": content_type, "size": len(content)}
    return decoded(content, encoding_of(options.get("charset", "")))
