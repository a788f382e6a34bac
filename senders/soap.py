"""SOAP messages: the content of the envelope's body, in local names, without namespaces."""

from collections.abc import Sequence
from typing import Final
from xml.etree.ElementTree import Element

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from senders.delivery import Malformed
from senders.strict_json import DEEPEST

_INSTANCE: Final = "{http://www.w3.org/2001/XMLSchema-instance}"
_TRUE = ("true", "1")


def parse_soap(body: bytes, listed: Sequence[str | int] = ()) -> dict[str, object]:
    """The first element in the SOAP body: {local name of a child: its value}.

    An element with children is an object, with its xsi:type (without prefix) as "type"; one
    without is text, or null where it is xsi:nil. Elements of one name are a list. What stands at
    the path `listed` is a list even when it is there only once.

    Malformed for what is no SOAP envelope in UTF-8, is nested deeper than 100 levels, or brings a
    DOCTYPE or entities of its own.
    """
    envelope = _parsed(body)
    content = next((child for child in envelope if _local(child.tag) == "Body"), None)
    if _local(envelope.tag) != "Envelope" or content is None or len(content) == 0:
        raise Malformed("the body is not a SOAP envelope with something in its body")
    whole = _block(content[0], 1)
    _make_list(whole, listed)
    return whole


def _parsed(body: bytes) -> Element:
    try:
        # as text: an encoding that the document names for itself has no say
        root: Element = fromstring(body.decode("utf-8-sig"), forbid_dtd=True)
    except UnicodeDecodeError as error:
        raise Malformed(f"the body is not UTF-8 text (byte {error.start + 1})") from None
    except DefusedXmlException:
        raise Malformed("the body brings a DOCTYPE or entities, which are not read") from None
    except ParseError as error:
        line, column = error.position
        raise Malformed(f"the body is not valid XML (line {line}, column {column + 1})") from None
    except (ValueError, LookupError):
        raise Malformed("the body is not valid XML") from None
    return root


def _block(element: Element, depth: int) -> dict[str, object]:
    if depth > DEEPEST:
        raise Malformed(f"the body is nested deeper than {DEEPEST} levels")
    found: dict[str, list[object]] = {}
    for child in element:
        found.setdefault(_local(child.tag), []).append(_value(child, depth))
    block: dict[str, object] = {
        name: values if len(values) > 1 else values[0] for name, values in found.items()
    }
    said = element.get(f"{_INSTANCE}type", "").rpartition(":")[2].strip()
    if said:
        block.setdefault("type", said)
    return block


def _value(element: Element, depth: int) -> object:
    if len(element):
        return _block(element, depth + 1)
    if element.get(f"{_INSTANCE}nil", "").strip() in _TRUE:
        return None
    return element.text or ""


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _make_list(whole: dict[str, object], path: Sequence[str | int]) -> None:
    block: object = whole
    for key in path[:-1]:
        block = block.get(str(key)) if isinstance(block, dict) else None
    if path and isinstance(block, dict) and str(path[-1]) in block:
        value = block[str(path[-1])]
        block[str(path[-1])] = value if isinstance(value, list) else [value]
