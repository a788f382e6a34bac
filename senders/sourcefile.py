"""sources.yaml, read strictly: every mistake is named with its line, its entry and its cure.

The names of environment variables are read here, the secrets themselves are not.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

import yaml

from senders.knobs import KNOBS, BadValue, Knob
from senders.preset import Auth, Preset
from senders.presets import PRESETS, preset_named
from senders.signature import flaws

LARGEST_FILE = 256_000
_MOST_NAMED = 4

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
# capitals only: a secret written here by mistake must not pass for a name and end up in a message
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")
_ALWAYS = ("preset", "secrets", "path_secrets", "auth")
_KINDS = {
    "tag:yaml.org,2002:str": "text",
    "tag:yaml.org,2002:int": "number",
    "tag:yaml.org,2002:null": "nothing",
}


class SourcesError(Exception):
    """The file cannot be used; `problems` holds all that is wrong, a sentence each."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Entry:
    """One source as the file describes it: its preset with every knob set, and the names of the
    environment variables that hold its secrets."""

    name: str
    preset: Preset
    secret_names: tuple[str, ...]
    # of the secrets that are the last part of the address
    path_secret_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Report:
    found: list[tuple[int, str]] = field(default_factory=list)

    def add(self, node: yaml.Node, sentence: str) -> None:
        line = node.start_mark.line + 1
        self.found.append((line, f"line {line}: {sentence}"))

    def sentences(self) -> list[str]:
        return [sentence for _, sentence in sorted(self.found, key=lambda entry: entry[0])]


def read_entries(text: str) -> tuple[Entry, ...]:
    """The file's entries in order; SourcesError with all problems if any entry is wrong."""
    report = _Report()
    entries = [
        _entry(key, value, report) for key, value in _pairs(_compose(text), "the file", report)
    ]
    if report.found:
        raise SourcesError(report.sentences())
    return tuple(entry for entry in entries if entry is not None)


def _compose(text: str) -> yaml.MappingNode:
    if len(text) > LARGEST_FILE:
        raise SourcesError([f"the file is larger than {LARGEST_FILE // 1000} KB"])
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except RecursionError:
        raise SourcesError(["the file is nested too deeply"]) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}: " if mark else ""
        raise SourcesError([f"{where}not readable as YAML: {error.problem}"]) from None
    except yaml.YAMLError as error:
        raise SourcesError([f"not readable as YAML: {error}"]) from None
    if node is not None and not isinstance(node, yaml.MappingNode):
        raise SourcesError(["the file has to be a block of sources, such as " + _EXAMPLE])
    if node is None or not node.value:
        raise SourcesError(["the file names no source; add one, such as " + _EXAMPLE])
    return node


_EXAMPLE = "hubspot: {preset: hubspot, secrets: [HUBSPOT_CLIENT_SECRET]}"


def _pairs(
    block: yaml.MappingNode, where: str, report: _Report
) -> Iterable[tuple[yaml.ScalarNode, yaml.Node]]:
    seen: dict[str, int] = {}
    for key, value in block.value:
        if not isinstance(key, yaml.ScalarNode):
            report.add(key, f"{where}: a name is expected here, found {_kind(key)}")
        elif key.value in seen:
            report.add(
                key,
                f'{where}: "{key.value}" is there twice, first in line {seen[key.value]}; '
                "delete one of them",
            )
        else:
            seen[key.value] = key.start_mark.line + 1
            yield key, value


def _entry(key: yaml.ScalarNode, value: yaml.Node, report: _Report) -> Entry | None:
    name = key.value
    if not _NAME.fullmatch(name):
        report.add(
            key, f'"{name}" cannot name a source; use small letters, digits and "-" (at most 64)'
        )
    if not isinstance(value, yaml.MappingNode):
        report.add(value, f"{name}: it has to be a block, such as {{preset: hubspot, ...}}")
        return None
    settings = {node.value: (node, given) for node, given in _pairs(value, name, report)}
    preset = _preset(name, key, settings.pop("preset", None), report)
    proofs = _proofs(name, settings, report)
    _check_together(name, preset, proofs, report)
    if preset is None:
        for setting, (where, _) in settings.items():
            if setting not in KNOBS:
                report.add(where, f'{name}: "{setting}" {_unknown_anywhere(setting)}')
        return None
    if proofs.auth_none:
        preset = replace(preset, auth=Auth.NONE)
    preset = _with_settings(name, key, preset, settings, report)
    return Entry(name, preset, proofs.secret_names, proofs.path_secret_names)


_Setting = tuple[yaml.ScalarNode, yaml.Node]


@dataclass(frozen=True, slots=True)
class _Proofs:
    """What an entry says of proof; the nodes are those of the words secrets and path_secrets."""

    auth_none: bool
    secrets: yaml.ScalarNode | None
    secret_names: tuple[str, ...]
    path_secrets: yaml.ScalarNode | None
    path_secret_names: tuple[str, ...]


def _proofs(name: str, settings: dict[str, _Setting], report: _Report) -> _Proofs:
    auth_none = _auth_none(name, settings.pop("auth", None), report)
    secrets, path_secrets = settings.pop("secrets", None), settings.pop("path_secrets", None)
    return _Proofs(
        auth_none=auth_none,
        secrets=secrets[0] if secrets else None,
        secret_names=_variables(name, secrets, report),
        path_secrets=path_secrets[0] if path_secrets else None,
        path_secret_names=_variables(name, path_secrets, report),
    )


def _preset(
    name: str, key: yaml.ScalarNode, setting: _Setting | None, report: _Report
) -> Preset | None:
    if setting is None:
        report.add(key, f"{name}: preset is missing; add one of {', '.join(PRESETS)}")
        return None
    node = setting[1]
    preset = preset_named(node.value) if isinstance(node, yaml.ScalarNode) else None
    if preset is None:
        written = f'"{node.value}"' if isinstance(node, yaml.ScalarNode) else _kind(node)
        report.add(node, f"{name}: {written} is not a preset; {_suggest_preset(node.value)}")
    return preset


def _suggest_preset(written: object) -> str:
    known = [name for row in PRESETS.values() for name in (row.name, *row.also)]
    lower = written.lower() if isinstance(written, str) else ""
    close = get_close_matches(lower, known, n=1)
    return f'did you mean "{close[0]}"?' if close else f"known are {', '.join(PRESETS)}"


def _check_together(name: str, preset: Preset | None, proofs: _Proofs, report: _Report) -> None:
    for node in (proofs.secrets, proofs.path_secrets):
        if proofs.auth_none and node is not None:
            report.add(
                node,
                f"{name}: auth: none and {node.value} contradict each other; delete one of them",
            )
    if proofs.secrets is not None and preset is not None and preset.auth is Auth.PATH:
        report.add(
            proofs.secrets,
            f"{name}: {preset.name} has no signature that secrets could check; write path_secrets, "
            "and end the address that you give to the sender with the secret",
        )
    for variable in proofs.path_secret_names:
        if variable in proofs.secret_names and proofs.path_secrets is not None:
            report.add(
                proofs.path_secrets,
                f'{name}: "{variable}" is named in secrets and in path_secrets; addresses are seen '
                "by many, so take another secret for the address",
            )


def _auth_none(name: str, setting: _Setting | None, report: _Report) -> bool:
    if setting is None:
        return False
    node = setting[1]
    if isinstance(node, yaml.ScalarNode) and node.value == "none":
        return True
    report.add(
        node,
        f"{name}: auth can only be none, which accepts anybody; "
        "delete the line to use what the preset prescribes",
    )
    return False


def _variables(name: str, setting: _Setting | None, report: _Report) -> tuple[str, ...]:
    if setting is None:
        return ()
    which, node = setting[0].value, setting[1]
    if not isinstance(node, yaml.SequenceNode):
        report.add(node, f"{name}: {which} has to be a list of names, such as [SHOP_SECRET]")
        return ()
    names: list[str] = []
    for number, item in enumerate(node.value, start=1):
        if not isinstance(item, yaml.ScalarNode) or not _VARIABLE.fullmatch(item.value):
            # not quoted in the message: it may be the secret itself
            report.add(
                item,
                f"{name}: entry {number} of {which} is not the name of an environment variable "
                "(capital letters, digits and _); the secret itself belongs into the environment",
            )
        elif item.value in names:
            report.add(item, f'{name}: "{item.value}" is named twice in {which}; delete one')
        else:
            names.append(item.value)
    return tuple(names)


def _with_settings(
    name: str,
    key: yaml.ScalarNode,
    preset: Preset,
    settings: dict[str, _Setting],
    report: _Report,
) -> Preset:
    before = len(report.found)
    known = [setting for setting in KNOBS if setting in settings]
    for setting in (*known, *(each for each in settings if each not in KNOBS)):
        where, node = settings[setting]
        if setting not in preset.settings:
            report.add(where, f'{name}: "{setting}" {_unknown(setting, preset)}')
            continue
        try:
            preset = KNOBS[setting].turn(preset, _written(node, KNOBS[setting]))
        except BadValue as bad:
            shown = f'"{node.value}"' if isinstance(node, yaml.ScalarNode) else _kind(node)
            report.add(node, f"{name}: {setting} is {shown}; {bad}")
    if len(report.found) == before:
        for sentence in (*flaws(preset), *_homeless(preset)):
            report.add(key, f"{name}: {sentence}")
    return preset


def _homeless(preset: Preset) -> tuple[str, ...]:
    stamp = preset.timestamp
    if stamp is not None and not stamp.header and not stamp.field:
        return (
            "timestamp_unit and tolerance mean nothing without timestamp_header or "
            "timestamp_field; add one of them",
        )
    return ()


def _written(node: yaml.Node, knob: Knob) -> tuple[str, ...]:
    nodes = node.value if knob.kind == "list" and isinstance(node, yaml.SequenceNode) else [node]
    if not nodes:
        raise BadValue("it has to name at least one field")
    kind = "number" if knob.kind == "number" else "text"
    for item in nodes:
        if _KINDS.get(item.tag) != kind:
            raise BadValue(f"it has to be a {kind}" if kind == "number" else _TEXT)
        if not item.value and not knob.may_be_empty:
            raise BadValue("it must not be empty")
    return tuple(item.value for item in nodes)


_TEXT = "it has to be text: put it in quotes if it looks like a number, a date, yes or no"


def _unknown(setting: str, preset: Preset) -> str:
    others = [row.name for row in PRESETS.values() if setting in row.settings]
    if others:
        return f"is only understood by preset {_some(others)}, not by {preset.name}"
    return "is not a known key; " + _suggest(setting, (*_ALWAYS, *preset.settings))


def _some(names: list[str]) -> str:
    if len(names) <= _MOST_NAMED:
        return " and ".join(names)
    return f"{', '.join(names[:_MOST_NAMED])} and others"


def _unknown_anywhere(setting: str) -> str:
    return "is not a known key; " + _suggest(setting, (*_ALWAYS, *KNOBS))


def _suggest(written: object, known: Iterable[str]) -> str:
    names = tuple(known)
    close = get_close_matches(written, names, n=1) if isinstance(written, str) else []
    return f'did you mean "{close[0]}"?' if close else f"known are {', '.join(names)}"


def _kind(node: yaml.Node) -> str:
    if isinstance(node, yaml.SequenceNode):
        return "a list"
    return "a block" if isinstance(node, yaml.MappingNode) else "text"
