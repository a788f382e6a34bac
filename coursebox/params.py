"""Reading the parameters of an action. Pure.

The rule language has checked and converted them already; what is wrong here came another way.
"""

from collections.abc import Mapping

from coursebox.errors import refused

Params = Mapping[str, object]


def text(params: Params, name: str, action: str, default: str = "") -> str:
    value = params.get(name)
    if value is None:
        return default
    if not isinstance(value, str):
        raise refused(action, f"{name} must be a text, not {value!r:.40}")
    return value


def required(params: Params, name: str, action: str) -> str:
    value = text(params, name, action).strip()
    if not value:
        raise refused(action, f"{name} is missing")
    return value


def flag(params: Params, name: str, action: str, default: bool) -> bool:
    value = params.get(name, default)
    if value is None:
        return default
    if not isinstance(value, bool):
        raise refused(action, f"{name} must be true or false, not {value!r:.40}")
    return value


def choice(params: Params, name: str, action: str, choices: tuple[str, ...]) -> str:
    """One of the choices; the first where nothing is given."""
    value = text(params, name, action, choices[0])
    if value not in choices:
        raise refused(action, f"{name} must be one of {', '.join(choices)}, not {value!r:.40}")
    return value
