"""What a look-up gives, as lookups.yaml says it: fields, lists and their pages. Pure."""

import re
from collections.abc import Mapping
from typing import Final

from rulebook.nodes import Block, Entry
from rulebook.paths import Path, PathError
from rulebook.problems import Findings
from rulebook.shapes import block, required, text, whole_number
from workers.lookups.complaints import only, say, say_key
from workers.lookups.definition import (
    DEFAULT_EACH,
    DEFAULT_ITEMS,
    DEFAULT_PAGES,
    MOST_EACH,
    MOST_ITEMS,
    MOST_PAGES,
    Each,
    Paging,
    parse_place,
)

PAGING_KEYS: Final = (
    *("next", "cursor", "parameter", "offset", "page_size", "most_pages", "most_items"),
)

_FIELD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def read_place(entry: Entry | None, findings: Findings) -> Path | None:
    written = text(entry, findings)
    if entry is None or written is None:
        return None
    try:
        return parse_place(written)
    except PathError as error:
        help = f"; {error.help}" if error.help else ""
        say(entry, findings, f'"{written}" is no place in a reply: {error.message}{help}')
        return None


def read_gives(body: Block | None, findings: Findings) -> Mapping[str, Path]:
    found = {}
    for entry in body.entries if body else ():
        if not _FIELD.fullmatch(entry.key.text):
            say_key(
                entry, findings,
                f'"{entry.key.text[:60]}" cannot name a field; take letters, digits and _',
            )  # fmt: skip
        place = read_place(entry, findings)
        if place is not None:
            found[entry.key.text] = place
    return found


def read_paging(body: Block | None, findings: Findings) -> Paging | None:
    if body is None:
        return None
    only(body, PAGING_KEYS, findings)
    ways = [key for key in ("next", "cursor", "offset") if body.entry(key)]
    if len(ways) != 1:
        findings.error(
            body.first, "S03",
            "paging needs one of: next (where the address of the next page is), cursor (where the "
            "mark of the next page is, with parameter), offset (the parameter that counts, with "
            "page_size)",
        )  # fmt: skip
        return None
    (way,) = ways
    partner = {"cursor": "parameter", "offset": "page_size"}
    for key in ("parameter", "page_size"):
        if key == partner.get(way):
            required(body, key, f"paging by {way}", findings)
        elif body.entry(key):
            say(body.entry(key), findings, f'"{key}" means nothing in paging by {way}')
    return Paging(
        next=read_place(body.entry("next"), findings),
        cursor=read_place(body.entry("cursor"), findings),
        parameter=text(body.entry("parameter"), findings) or "",
        offset=text(body.entry("offset"), findings) or "",
        page_size=whole_number(body.entry("page_size"), findings, 1, MOST_ITEMS) or 0,
        most_pages=whole_number(body.entry("most_pages"), findings, 1, MOST_PAGES) or DEFAULT_PAGES,
        most_items=whole_number(body.entry("most_items"), findings, 1, MOST_ITEMS) or DEFAULT_ITEMS,
    )


def read_each(body: Block | None, findings: Findings) -> Each | None:
    if body is None:
        return None
    only(body, ("use", "with", "most"), findings)
    use = text(required(body, "use", '"each"', findings), findings)
    given = block(required(body, "with", '"each"', findings), findings)
    places = {
        entry.key.text: read_place(entry, findings) for entry in (given.entries if given else ())
    }
    most = whole_number(body.entry("most"), findings, 1, MOST_EACH) or DEFAULT_EACH
    kept = {name: place for name, place in places.items() if place is not None}
    return Each(use, kept, most) if use is not None else None
