"""How what Coursebox tells of people and courses is shown."""

import json
from collections.abc import Mapping, Sequence
from typing import Final, cast

import click

from coursebox.redaction import Secrets, redact
from coursebox.replies import id_text
from usher.output import Column, document, facts, remark, table

Record = Mapping[str, object]

# a list that is longer ends with how many that were
LONG: Final = 40

as_json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


def listed(columns: Sequence[Column], rows: Sequence[Sequence[str]], what: str) -> None:
    """Prints a list; of a long one the number as well, beside the output."""
    if rows:
        table(columns, rows)
    if len(rows) > LONG:
        remark(f"{len(rows)} {what}s.")


def show_record(record: dict[str, object], as_json: bool) -> None:
    """Prints all that is told of one thing, beginning with its id, wherever that came."""
    (told,) = without_secrets([record])
    if as_json:
        document(told)
        return
    first = {"id": told["id"]} if "id" in told else {}
    facts([(name, _text(value)) for name, value in {**first, **told}.items()], indent=0)


def without_secrets(records: Sequence[Record]) -> list[dict[str, object]]:
    nobody = Secrets(())
    return [cast(dict[str, object], redact(each, nobody, most=None)) for each in records]


def title(record: Record) -> str:
    return word(record, "title") or word(record, "name")


def word(record: Record, key: str) -> str:
    value = record.get(key)
    return value.strip() if isinstance(value, str) else ""


def _text(value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case None | [] | {}:
            return ""
        case str():
            return value
        case list():
            return "\n".join(map(_line, value))
        case _:
            return json.dumps(value, ensure_ascii=False)


def _line(value: object) -> str:
    if isinstance(value, dict) and id_text(value.get("id")) and title(value):
        return f"{id_text(value.get('id'))}  {title(value)}"
    return _text(value)
