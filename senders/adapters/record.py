"""A record, of a CRM or of any sender, in the names of the normal form."""

from collections.abc import Mapping

from senders.moments import iso, read_moment

# the CRM's name -> ours
Table = Mapping[str, str]


def record(
    root: str, table: Table, properties: Mapping[str, object]
) -> tuple[dict[str, object], list[str]]:
    """The record's fields, and the dotted paths of all properties given, empty ones included.

    Names that the table does not have go to `custom`. Null is absent. Times named `..._at` become
    ISO 8601 in UTC where they can be read, and stay as they came where not.
    """
    fields: dict[str, object] = {}
    custom: dict[str, object] = {}
    paths: list[str] = []
    for name, value in properties.items():
        ours = table.get(name)
        paths.append(f"{root}.{ours or 'custom.' + name}")
        if value is None:
            continue
        if ours is None:
            custom[name] = value
        else:
            fields[ours] = when(value) if ours.endswith("_at") else value
    if custom:
        fields["custom"] = custom
    return fields, paths


def present(fields: Mapping[str, object]) -> dict[str, object]:
    """The fields that have a value."""
    return {name: value for name, value in fields.items() if value is not None}


def when(value: object) -> object:
    """A time as ISO 8601 in UTC; the value as it came where it is not clearly a time."""
    moment = read_moment(value)
    return value if moment is None else iso(moment)
