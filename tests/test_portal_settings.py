"""Several Coursebox portals in the settings: their variables, mistakes in them, what is shown."""

import re
from pathlib import Path

import pytest

from coursebox.ids import IdType
from coursebox.policy import FirstUse, Policy
from workers.portal_settings import known_policies, one_portal, portal_addresses, portal_settings
from workers.settings import MASK, VARIABLES, SettingsError, load_settings, settings_table

SECRET = "open-sesame-open-sesame"
DEFAULT = {
    "COURSEBOX_URL": "https://academy.example",
    "COURSEBOX_EMAIL": "usher@academy.example",
    "COURSEBOX_PASSWORD": "first",
}
EMEA = {
    "COURSEBOX_ACCOUNTS": "emea",
    "COURSEBOX_EMEA_URL": "https://emea.academy.example",
    "COURSEBOX_EMEA_EMAIL": "usher@emea.academy.example",
    "COURSEBOX_EMEA_PASSWORD": SECRET,
}


@pytest.fixture(autouse=True)
def _nothing_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty working directory and none of our variables in the environment."""
    monkeypatch.chdir(tmp_path)
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)


def told(**variables: str) -> None:
    lines = (f"{name}='{text}'\n" for name, text in variables.items())
    Path(".env").write_text("".join(lines))


def problems() -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load_settings()
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("variables", "names"),
    [
        pytest.param({}, [], id="none"),
        pytest.param(DEFAULT, ["default"], id="the default one"),
        pytest.param(EMEA, ["emea"], id="a named one alone"),
        pytest.param({**DEFAULT, **EMEA}, ["default", "emea"], id="both"),
        pytest.param({"COURSEBOX_URL": "https://a.example"}, [], id="an address without a log-in"),
    ],
)
def test_a_portal_is_there_once_it_can_be_logged_in_to(
    variables: dict[str, str], names: list[str]
) -> None:
    told(**variables)

    assert list(portal_settings(load_settings())) == names


def test_each_account_has_its_own_values_and_the_defaults_of_all() -> None:
    told(**DEFAULT, **EMEA, COURSEBOX_RATE="5", COURSEBOX_EMEA_SWEEP_AGE="1 h")

    portals = portal_settings(load_settings())

    assert portals["default"].url == "https://academy.example"
    assert portals["default"].policy == Policy(rate=5)
    assert portals["emea"].password.get_secret_value() == SECRET
    assert portals["emea"].policy == Policy(sweep_age=3600)


def test_a_hyphen_in_a_name_is_an_underscore_in_its_variables() -> None:
    told(
        COURSEBOX_ACCOUNTS="north-west",
        COURSEBOX_NORTH_WEST_URL="https://nw.example",
        COURSEBOX_NORTH_WEST_EMAIL="usher@nw.example",
        COURSEBOX_NORTH_WEST_PASSWORD="x",
    )

    assert one_portal(load_settings(), "north-west").url == "https://nw.example"


@pytest.mark.parametrize(
    ("name", "text", "field", "value"),
    [
        ("RATE", "0.5", "rate", 0.5),
        ("CONCURRENCY", "8", "concurrency", 8),
        ("ID_TYPE", "String", "id_type", IdType.STRING),
        ("SWEEP_COURSES", "7", "sweep_courses", 7),
        ("SWEEP_AGE", "30 min", "sweep_age", 1800.0),
        ("INVITE_AGAIN_AFTER", "90 days", "invite_again_after", 90 * 86_400.0),
        ("OPEN_ATTRIBUTES", "customerId, realm", "open_attributes", {"customerId", "realm"}),
        ("FIRST_USE", "confirmed", "first_use", FirstUse.CONFIRMED),
        ("UNENROL_BRAKE", "false", "unenrol_brake", False),
        ("HIDDEN_DUPLICATES", "true", "hidden_duplicates", True),
        ("ID_BY_LOGIN", "no", "id_by_login", False),
    ],
)
@pytest.mark.parametrize("account", ["default", "emea"])
def test_what_is_set_about_a_portal_is_its_policy(
    account: str, name: str, text: str, field: str, value: object
) -> None:
    stem = "COURSEBOX_" if account == "default" else "COURSEBOX_EMEA_"
    told(**{**DEFAULT, **EMEA, f"{stem}{name}": text})

    portals = portal_settings(load_settings())

    assert getattr(portals[account].policy, field) == value
    other = "emea" if account == "default" else "default"
    assert portals[other].policy == Policy()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("URL", "academy.example"),
        ("URL", "http://academy.example"),
        ("URL", "https://academy.example/api"),
        ("URL", "https://usher:x@academy.example"),
        ("EMAIL", "usher"),
        ("RATE", "0"),
        ("RATE", "nan"),
        ("RATE", "many"),
        ("CONCURRENCY", "0"),
        ("CONCURRENCY", "1.5"),
        ("ID_TYPE", "uuid"),
        ("SWEEP_COURSES", "0"),
        ("SWEEP_AGE", "600"),
        ("SWEEP_AGE", "366 days"),
        ("INVITE_AGAIN_AFTER", "never"),
        ("OPEN_ATTRIBUTES", "isadmin"),
        ("OPEN_ATTRIBUTES", "id"),
        ("OPEN_ATTRIBUTES", "customerId,,realm"),
        ("FIRST_USE", "yes"),
        ("UNENROL_BRAKE", "off and on"),
    ],
)
@pytest.mark.parametrize("stem", ["COURSEBOX_", "COURSEBOX_EMEA_"], ids=["default", "emea"])
def test_a_wrong_value_is_refused_by_the_name_of_its_variable(
    stem: str, name: str, text: str
) -> None:
    told(**{**DEFAULT, **EMEA, f"{stem}{name}": text})

    [problem] = problems()

    assert re.match(rf"{stem}{name} = .*: must be .* \[\.env\]$", problem)


@pytest.mark.parametrize("missing", ["URL", "EMAIL", "PASSWORD"])
def test_an_account_needs_its_address_and_its_log_in(missing: str) -> None:
    variable = f"COURSEBOX_EMEA_{missing}"
    told(**{name: text for name, text in EMEA.items() if name != variable})

    assert problems() == [f"{variable} is missing: COURSEBOX_ACCOUNTS names 'emea', which needs it"]


@pytest.mark.parametrize(
    ("names", "part"),
    [
        pytest.param("default", "taken by the account of COURSEBOX_URL", id="default"),
        pytest.param("rate", "taken by COURSEBOX_RATE", id="a setting"),
        pytest.param("id", "taken by COURSEBOX_ID_TYPE", id="how a setting begins"),
        pytest.param("first-use", "taken by COURSEBOX_FIRST_USE", id="a setting of two words"),
        pytest.param("accounts", "taken by COURSEBOX_ACCOUNTS", id="the list itself"),
        pytest.param("EMEA", "COURSEBOX_ACCOUNTS = 'EMEA': must be a list of names", id="capitals"),
        pytest.param("emea,", "must be a list of names", id="an empty one"),
        pytest.param("e_m", "must be a list of names", id="an underscore"),
    ],
)
def test_a_name_that_cannot_be_used_is_refused(names: str, part: str) -> None:
    told(COURSEBOX_ACCOUNTS=names)

    [problem] = problems()

    assert part in problem


def test_the_variables_of_an_account_that_is_not_named_are_told() -> None:
    told(**DEFAULT, COURSEBOX_EMEA_URL="https://emea.academy.example")

    assert problems() == ["COURSEBOX_EMEA_URL is set, but COURSEBOX_ACCOUNTS does not name emea"]


def test_a_misspelt_variable_of_an_account_is_told_with_what_is_meant() -> None:
    told(**EMEA, COURSEBOX_EMEA_RATES="5")

    [problem] = problems()

    assert problem.startswith("COURSEBOX_EMEA_RATES is set")
    assert problem.endswith("did you mean COURSEBOX_EMEA_RATE?")


@pytest.mark.parametrize("variable", ["COURSEBOX_RTAE", "COURSBOX_RATE"])
def test_a_misspelt_variable_is_told_where_there_is_one_portal_too(variable: str) -> None:
    told(**DEFAULT, **{variable: "4"})

    assert problems() == [
        f"{variable} is set, but there is no such setting; did you mean COURSEBOX_RATE?"
    ]


def test_a_variable_that_has_nothing_to_do_with_accounts_is_let_be() -> None:
    told(**EMEA, COURSEBOX_EMEA_CALLBACK_KEY="x", COURSEBOX_PROXY="y")

    assert list(portal_settings(load_settings())) == ["emea"]


def test_every_variable_of_every_account_is_shown_and_no_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told(**DEFAULT, **EMEA)
    monkeypatch.setenv("COURSEBOX_EMEA_RATE", "5")

    settings = load_settings()

    rows = {row.name: row for row in settings_table(settings)}
    own = [name for name in rows if name.startswith("COURSEBOX_") and "EMEA" not in name]
    assert [name for name in rows if "EMEA" in name] == [
        name.replace("COURSEBOX_", "COURSEBOX_EMEA_")
        for name in own
        if name != "COURSEBOX_ACCOUNTS"
    ]
    assert rows["COURSEBOX_EMEA_PASSWORD"].value == MASK
    assert (rows["COURSEBOX_EMEA_RATE"].value, rows["COURSEBOX_EMEA_RATE"].origin) == (
        "5",
        "environment",
    )
    assert rows["COURSEBOX_EMEA_INVITE_AGAIN_AFTER"].value == "3 days"
    assert rows["COURSEBOX_EMEA_URL"].meaning.startswith("Account emea. ")
    assert SECRET not in f"{rows} {settings!r} {portal_settings(settings)}"


def test_rules_may_name_the_accounts_whose_address_is_known() -> None:
    assert known_policies(load_settings()) is None

    told(**EMEA, COURSEBOX_URL="https://academy.example", COURSEBOX_OPEN_ATTRIBUTES="realm")
    settings = load_settings()

    known = known_policies(settings)
    assert known is not None
    assert {name: policy.open_attributes for name, policy in known.items()} == {
        "default": {"realm"},
        "emea": set(),
    }
    assert list(portal_addresses(settings)) == ["default", "emea"]


@pytest.mark.parametrize(
    ("account", "part"),
    [
        ("default", "COURSEBOX_EMAIL and COURSEBOX_PASSWORD are not set"),
        ("latam", "no Coursebox account 'latam'; there is: emea"),
    ],
)
def test_an_account_that_cannot_be_used_says_what_is_missing(account: str, part: str) -> None:
    told(**EMEA, COURSEBOX_URL="https://academy.example")

    with pytest.raises(SettingsError, match=part):
        one_portal(load_settings(), account)
