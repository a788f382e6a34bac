"""The page of all senders, docs/senders.md: made from the rows, so it says what is so."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from senders.adapters.adapter import Field
from senders.catalogue import ANY, is_catalogued, types_of
from senders.normal import adapter_of
from senders.preset import Preset
from senders.presets import PRESETS
from senders.samples import files_of
from senders.telling import (
    body_told,
    configured_by,
    handshakes_told,
    identity_told,
    proof_briefly,
    proof_in_full,
)

_LONGEST_EXAMPLE = 48
# what a generic preset cannot do without, beside its secrets
_MORE: Mapping[str, tuple[str, ...]] = {
    "hmac": ("signature_header: X-Signature-256",),
    "body": ("secret_field: token",),
}
_HEAD = """\
# Senders

Every sender that Usher knows, how it proves itself, and what rules can say of its events. This \
page is made from the rows in `senders/presets/` with `make docs`. `usher sources check` says the \
same of a source of yours, with its address to copy, and `usher sources fields` counts in how many \
of your own events a field really was. A sender that is not here: \
[adding a sender](adding-a-sender.md).

Whatever sent it, an event has `event.id`, `event.source`, `event.type`, `event.received_at`, \
`event.occurred_at`, and under `raw` the body as it came. What a sender does not say is absent. \
`*` stands for names that only you know: `answers.*`, `deal.custom.*`. Where it says *remembered*, \
the sender only tells how a record is now: Usher compares it with the last time, and fills in \
`changed` and `previous`.

Of every source: the secret stands in the environment variable that `secrets` (or `path_secrets`) \
names, and the sender posts to `https://<your host>/hooks/<name>`, with `path_secrets` to \
`https://<your host>/hooks/<name>/<secret>`. Any sender can have a secret in its address beside \
its own proof. With several names, any of the secrets will do. Where the secret is yours to \
choose, `openssl rand -hex 20` makes one.
"""


def senders_page(samples: Iterable[str]) -> str:
    """The page in Markdown. `samples` are the names of the recorded deliveries."""
    names = tuple(samples)
    rows = list(PRESETS.values())
    parts = [_HEAD, _overview(rows)]
    for group, members in groupby(rows, key=lambda row: row.guide.group):
        parts.append(f"## {_capital(group)}\n")
        parts += [_section(row, names) for row in members]
    return "\n".join(parts)


def _capital(group: str) -> str:
    return group[0].upper() + group[1:]


def _overview(rows: Sequence[Preset]) -> str:
    lines = ["| sender | preset | proof | body |", "|---|---|---|---|"]
    for row in rows:
        also = "".join(f", `{name}`" for name in row.also)
        title = f"[{row.guide.title}](#{_anchor(row.guide.title)})"
        lines.append(f"| {title} | `{row.name}`{also} | {proof_briefly(row)} | {body_told(row)} |")
    return "\n".join(lines) + "\n"


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _section(row: Preset, samples: Sequence[str]) -> str:
    parts = [
        f"### {row.guide.title}\n",
        f"```yaml\n{_entry(row)}\n```\n",
        f"{plain(row.guide.steps)}{_see(row)}\n",
        "\n".join(f"- {line}" for line in _facts(row, files_of(row, samples))) + "\n",
        *_events(row),
    ]
    return "\n".join(parts)


def _entry(row: Preset) -> str:
    kind = configured_by(row)
    variable = f"{row.name.upper().replace('-', '_')}_{'PATH' if kind != 'secrets' else 'SECRET'}"
    lines = (f"preset: {row.name}", *_MORE.get(row.name, ()), f"{kind}: [{variable}]")
    return "\n".join([f"{row.name}:", *(f"  {line}" for line in lines)])


def _see(row: Preset) -> str:
    return f" [The vendor's page]({row.guide.link})." if row.guide.link else ""


def _facts(row: Preset, samples: Sequence[str]) -> Iterable[str]:
    yield f"**Proof:** {proof_in_full(row)}"
    yield f"**The same event again** is known by {identity_told(row)}."
    if row.remembers:
        yield "**Remembered:** the sender tells how a record is; what changed, Usher finds out."
    if row.handshakes:
        yield f"**Beside events:** {handshakes_told(row)}."
    if row.settings:
        yield f"**More settings:** {', '.join(f'`{name}`' for name in row.settings)}."
    if samples:
        linked = ", ".join(f"[{name}](../tests/samples/{name})" for name in samples)
        yield f"**Samples**, to be posted with `usher send`: {linked}."
    if row.guide.undocumented:
        assumed = "".join(f"\n  - {plain(sentence)}" for sentence in row.guide.undocumented)
        yield f"**Mind**, or assumed where the vendor documents nothing:{assumed}"


def _events(row: Preset) -> Iterable[str]:
    first = next(each for each in PRESETS.values() if each.adapter == row.adapter)
    if first is not row and row.adapter != "generic":
        title = first.guide.title
        yield f"**Events:** those of [{title}](#{_anchor(title)}).\n"
        return
    types = types_of(row)
    told = types or tuple(kind for kind in adapter_of(row.name).catalogue if kind != ANY)
    others = "" if types else f"{' and ' if told else ''}whatever the sender calls them"
    yield f"**Events:** {_names(told)}{others}\n"
    untold = [kind for kind in types if not is_catalogued(row, kind)]
    if untold and len(untold) < len(types):
        yield f"Nothing is known of the fields of {_names(untold)}: rules may name any.\n"
    if is_catalogued(row):
        yield _table(row, [kind for kind in told if kind not in untold])


def _names(types: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in types)


def _table(row: Preset, types: Sequence[str]) -> str:
    """Each field with the events that have it; `deal.*` stands for all those of deals."""
    catalogue = adapter_of(row.name).catalogue
    known: dict[str, Field] = {}
    having: dict[str, dict[str, list[str]]] = {}
    for kind in types or catalogue:
        own = {field.path: field for field in (*catalogue.get(kind, ()), *catalogue.get(ANY, ()))}
        for field in own.values():
            known.setdefault(field.path, field)
            having.setdefault(field.path, {}).setdefault(field.present.value, []).append(kind)
    lines = ["| field | meaning | there | such as |", "|---|---|---|---|"]
    for path in sorted(known):
        cells = (
            f"`{path}`",
            plain(known[path].meaning),
            _there(having[path], types),
            _such_as(known[path]),
        )
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def _there(having: Mapping[str, Sequence[str]], types: Sequence[str]) -> str:
    if any(len(kinds) == len(types) for kinds in having.values()) or not types:
        return ", ".join(having)
    return "; ".join(f"{often} in {_shortened(kinds, types)}" for often, kinds in having.items())


def _shortened(kinds: Sequence[str], types: Sequence[str]) -> str:
    """The types, with `deal.*` where they are all the types of deals."""
    things = dict.fromkeys(kind.partition(".")[0] for kind in kinds)
    found: list[str] = []
    for thing in things:
        of_thing = [kind for kind in types if kind.partition(".")[0] == thing]
        named = [kind for kind in of_thing if kind in kinds]
        found += [f"{thing}.*"] if len(named) == len(of_thing) > 1 else named
    return _names(found)


def plain(text: str) -> str:
    """The text so that Markdown shows it as it is."""
    return re.sub(r"([<*])", r"\\\1", text)


def _such_as(field: Field) -> str:
    if field.example is None:
        return ""
    example = field.example
    text = example if isinstance(example, str) else json.dumps(example, ensure_ascii=False)
    return f"`{text if len(text) <= _LONGEST_EXAMPLE else text[:_LONGEST_EXAMPLE] + '…'}`"
