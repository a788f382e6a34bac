"""Which fields the results of look-ups have."""

from __future__ import annotations

from rulebook.fields import FieldProblem
from rulebook.paths import Path
from rulebook.spelling import nearest
from rulebook.vocabulary import LookupShape


def result_problem(path: Path, shape: LookupShape) -> FieldProblem | None:
    """Why the result of a look-up, named by the path's root, can hold no such field."""
    steps = path.steps[1:]
    if not steps or not shape.fields:
        return None
    listed = not isinstance(steps[0], str)
    if listed is not shape.is_list:
        return _wrong_way(path, shape)
    names = [step for step in steps[int(listed) :] if isinstance(step, str)][:1]
    if not names or names[0] in shape.fields:
        return None
    near = nearest(names[0], shape.fields)
    suggestion = Path((*path.steps[: 1 + int(listed)], near)).text if near else None
    help = f"what is looked up as {path.root} has: {', '.join(shape.fields)}"
    return FieldProblem("F02", f'unknown field "{path.text}"', suggestion, help)


def _wrong_way(path: Path, shape: LookupShape) -> FieldProblem:
    rest = path.steps[1:]
    if shape.is_list:
        meant = Path((path.root, 0, *rest)).text
        help = f"[0] is its first entry; for_each: {path.root} goes through all of them"
        return FieldProblem("F02", f'"{path.text}": {path.root} is a list', meant, help)
    meant = Path((path.root, *rest[1:])).text
    return FieldProblem("F02", f'"{path.text}": {path.root} is no list', meant)


def too_early(path: Path) -> FieldProblem:
    """What is wrong with the result of a look-up that has not been asked yet."""
    help = (
        'what a rule looks up is there from "require" on and in the look-ups below it, '
        "what a step looks up in that step alone"
    )
    return FieldProblem("F03", f'"{path.root}" is not looked up yet here', help=help)
