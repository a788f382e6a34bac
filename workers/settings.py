"""What Usher is told: environment variables, or the same names in `.env` of the working directory.

Each setting is one field below: its meaning, its default and what it allows stand there once,
and `usher settings`, the error messages and `.env.example` follow.
"""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal

from dotenv.parser import parse_stream
from pydantic import BeforeValidator, PrivateAttr, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from workers.account_variables import taken_names, values_of, variable_of, wrong_variables
from workers.portal_fields import FIELDS, LENGTHS, PortalFields
from workers.portals import DEFAULT
from workers.schedule import format_length, format_schedule, parse_schedule
from workers.setting_values import (
    AccountNames,
    PublicAddress,
    RedisAddress,
    as_schedule,
    lower,
    setting,
)

MASK = "********"
KEY_LENGTH = 16
_PASSWORD_IN_URL = re.compile(r"(?s)(?<=://).*@|(?<=password=)[^&]*")


@dataclass(frozen=True, slots=True)
class SettingProblem:
    """One wrong setting; `value` is already masked where it is secret, `origin` is its place."""

    variable: str
    value: str
    allowed: str
    origin: str

    def __str__(self) -> str:
        return f"{self.variable} = {self.value}: {self.allowed} [{self.origin}]"


class SettingsError(Exception):
    """Settings that cannot be used: every wrong one, with what is allowed."""

    def __init__(self, problems: Sequence[SettingProblem | str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class Origin(StrEnum):
    """Where a setting's value came from."""

    ENVIRONMENT = "environment"
    FILE = ".env"
    DEFAULT = "default"


class Settings(BaseSettings, PortalFields):
    """The settings in use; secrets are SecretStr and show nowhere. Made by `load_settings`."""

    model_config = SettingsConfigDict(
        alias_generator=str.upper,
        case_sensitive=True,
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    redis_url: RedisAddress | None = setting(
        None,
        "The Redis that keeps all work. Unset: an embedded one of Usher's own, kept in DATA_DIR.",
        "must be redis://host:port/0, rediss://host:port/0 or unix:///path/to/socket",
        repr=False,
    )
    coursebox_accounts: AccountNames = setting(
        (),
        "Further Coursebox accounts by name, for rules that say `account: emea`. Each has the "
        "variables above with its name in them, such as COURSEBOX_EMEA_URL.",
        "must be a list of names such as emea, apac (a-z, 0-9 and -, at most 32 signs)",
    )
    rules_dir: Path = setting(
        Path("rules"), "The folder of the rule files.", "must be the path of a folder"
    )
    sources_file: Path = setting(
        Path("sources.yaml"), "The file that says who may send events.", "must be a path"
    )
    lookups_file: Path = setting(
        Path("lookups.yaml"), "The file of the look-ups and callbacks.", "must be a path"
    )
    public_url: PublicAddress | None = setting(
        None,
        "The address under which senders reach Usher; HubSpot signs it, so it has to match. Unset: "
        "http://HOST:PORT.",
        "must be what stands before /hooks/ in the address that senders call, without user or "
        "query, such as https://host",
    )
    max_body_bytes: int = setting(
        1_000_000,
        "The longest delivery that is accepted, in bytes.",
        "must be a whole number from 1000 to 100000000",
        ge=1000,
        le=100_000_000,
    )
    data_dir: Path = setting(
        Path("var"),
        "The folder for what Usher itself keeps: the embedded Redis, the secret key.",
        "must be the path of a folder",
    )
    retry_schedule: Annotated[tuple[float, ...], NoDecode, BeforeValidator(as_schedule)] = setting(
        parse_schedule("5 s, 30 s, 2 min, 10 min, 30 min, 1 h, 3 h, 6 h, 12 h"),
        "The waits between the attempts of a failed step; after the last it is a dead letter.",
        "must be a list of up to 50 waits such as 5 s, 2 min, 1 h (each at most 30 days)",
    )
    secret_key: SecretStr | None = setting(
        None,
        "Encrypts the secrets that lie in Redis. Unset: made once and kept in DATA_DIR/secret_key.",
        f"must be at least {KEY_LENGTH} characters",
        min_length=KEY_LENGTH,
    )
    host: str = setting(
        "127.0.0.1",
        "The address the web server listens on; 0.0.0.0 for every one of the machine's.",
        "must be an IP address or a host name",
        pattern=r"^[0-9A-Za-z.:_-]+$",
    )
    port: int = setting(
        8000,
        "The port the web server listens on.",
        "must be a whole number from 1 to 65535",
        ge=1,
        le=65_535,
    )
    web_concurrency: int = setting(
        2,
        "How many processes the web server has.",
        "must be a whole number from 1 to 64",
        ge=1,
        le=64,
    )
    worker_processes: int = setting(
        1,
        "How many processes `usher worker` has.",
        "must be a whole number from 1 to 64",
        ge=1,
        le=64,
    )
    log_format: Annotated[Literal["auto", "console", "json"], BeforeValidator(lower)] = setting(
        "auto",
        "How logs look: console, json, or auto (console on a terminal, else json).",
        "must be auto, console or json",
    )
    log_level: Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(lower)] = (
        setting(
            "info",
            "The least severe that is logged: debug, info, warning or error.",
            "must be debug, info, warning or error",
        )
    )

    _accounts: Mapping[str, PortalFields] = PrivateAttr(default_factory=dict)
    _origins: dict[str, Origin] = PrivateAttr(default_factory=dict)
    _file: Mapping[str, str] = PrivateAttr(default_factory=dict)


VARIABLES: Mapping[str, str] = MappingProxyType(
    {name.upper(): name for name in Settings.model_fields}
)


def load_settings(directory: Path | None = None) -> Settings:
    """The settings from the environment over `.env` in `directory` (the working directory).

    Raises SettingsError that lists everything wrong at once.
    """
    file = _read_env_file((directory or Path()) / ".env")
    origins = {variable: _origin(variable, file) for variable in VARIABLES}
    from_file: dict[str, Any] = {
        variable: file[variable] for variable, origin in origins.items() if origin is Origin.FILE
    }
    try:
        settings = Settings(**from_file)
    except ValidationError as error:
        raise SettingsError(_problems(error, file)) from None
    settings._origins, settings._file = origins, file
    _check_together(settings)
    _read_accounts(settings)
    return settings


def further_accounts(settings: Settings) -> Mapping[str, PortalFields]:
    """What is told of each account of COURSEBOX_ACCOUNTS; address and log-in are there."""
    return settings._accounts


def environment(settings: Settings) -> Mapping[str, str]:
    """Every variable that is set and not empty: the environment over the values of `.env`."""
    return {**settings._file, **{name: text for name, text in os.environ.items() if text}}


def _origin(variable: str, file: Mapping[str, str]) -> Origin:
    if os.environ.get(variable):
        return Origin.ENVIRONMENT
    return Origin.FILE if variable in file else Origin.DEFAULT


def _read_env_file(path: Path) -> dict[str, str]:
    # Read here rather than by pydantic-settings: it would expand ${...} inside secrets and pass
    # over lines that it cannot read.
    try:
        with path.open(encoding="utf-8-sig") as stream:
            lines = list(parse_stream(stream))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError([f"{path}: cannot be read as UTF-8 text: {reason(error)}"]) from None
    wrong = [line.original.line for line in lines if line.error]
    if wrong:
        raise SettingsError(
            [f"{path}, line {line}: not NAME=value; quote a value that has #" for line in wrong]
        )
    return {line.key: line.value for line in lines if line.key and line.value}


def reason(error: OSError | UnicodeDecodeError) -> str:
    """What the system said, without the path."""
    return (error.strerror or "") if isinstance(error, OSError) else error.reason


def _problems(
    error: ValidationError, file: Mapping[str, str], account: str = DEFAULT
) -> list[SettingProblem]:
    names = dict.fromkeys(str(detail["loc"][0]).lower() for detail in error.errors())
    return [_problem(name, file, account) for name in names]


def _problem(name: str, file: Mapping[str, str], account: str) -> SettingProblem:
    variable = variable_of(account, name.upper())
    text = os.environ.get(variable) or file[variable]
    shown = MASK if _is_secret(name) else repr(_without_password(text))
    return SettingProblem(variable, shown, _allowed(name), _origin(variable, file))


def _without_password(address: str) -> str:
    return _PASSWORD_IN_URL.sub(lambda found: MASK + "@" * found[0].endswith("@"), address)


def _allowed(name: str) -> str:
    extra = Settings.model_fields[name].json_schema_extra
    return str(extra["allowed"]) if isinstance(extra, dict) else ""


def _is_secret(name: str) -> bool:
    return "SecretStr" in str(Settings.model_fields[name].annotation)


def _check_together(settings: Settings) -> None:
    there, missing = "COURSEBOX_EMAIL", "COURSEBOX_PASSWORD"
    if settings.coursebox_email is None:
        there, missing = missing, there
    if (settings.coursebox_email is None) is not (settings.coursebox_password is None):
        place = settings._origins[there]
        raise SettingsError(
            [f"{missing} is missing, for {there} is set [{place}]: set both or neither"]
        )
    if settings.coursebox_email is not None and settings.coursebox_url is None:
        raise SettingsError(["COURSEBOX_URL: must be set where COURSEBOX_EMAIL is"])


def _read_accounts(settings: Settings) -> None:
    names, variables = settings.coursebox_accounts, environment(settings)
    if problems := list(taken_names(names, VARIABLES)):
        raise SettingsError(problems)
    wrong: list[SettingProblem | str] = [*wrong_variables(names, variables, VARIABLES)]
    found = {}
    for name in names:
        try:
            found[name] = PortalFields.model_validate(values_of(name, variables))
        except ValidationError as error:
            wrong += _problems(error, settings._file, name)
    if wrong:
        raise SettingsError(wrong)
    settings._accounts = found
    more = [variable_of(name, own) for name in names for own in FIELDS]
    settings._origins.update((each, _origin(each, settings._file)) for each in more)


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One line of the settings table, all as text; `value` is masked where it is secret."""

    name: str
    value: str
    default: str
    origin: str
    meaning: str


def settings_table(settings: Settings) -> tuple[SettingRow, ...]:
    """Every setting in the order of the fields, fit to be shown to anyone; then each account's."""
    own = (_row(settings, settings, variable, name) for variable, name in VARIABLES.items())
    further = (
        _row(settings, fields, variable, name, account)
        for account, fields in settings._accounts.items()
        for variable, name in FIELDS.items()
    )
    return (*own, *further)


def _row(
    settings: Settings, fields: PortalFields, own: str, name: str, account: str = DEFAULT
) -> SettingRow:
    variable = variable_of(account, own)
    field = Settings.model_fields[name]
    return SettingRow(
        name=variable,
        value=_shown(name, getattr(fields, name)),
        default=_shown(name, field.default),
        origin=settings._origins.get(variable, Origin.DEFAULT),
        meaning=f"{'' if account == DEFAULT else f'Account {account}. '}{field.description}",
    )


def _shown(name: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, SecretStr):
        return MASK
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return format_schedule(value) if name == "retry_schedule" else ", ".join(value)
    if isinstance(value, float):
        return format_length(value) if name in LENGTHS else f"{value:g}"
    return _without_password(str(value)) if name.endswith("_url") else str(value)
