"""`account:` in a rule file: where a rule acts, and which names are known."""

import pytest

from rulebook import Reading, Rule, Vocabulary, read_folder
from tests.rule_texts import FILE

KNOWN = Vocabulary(accounts=frozenset({"default", "emea"}))
NAMED_ONLY = Vocabulary(accounts=frozenset({"emea", "apac"}))
BARE = FILE[: FILE.index("    tests:")]


def text(of_file: str = "", of_rule: str = "") -> str:
    head = f"account: {of_file}\n" if of_file else ""
    line = f"    account: {of_rule}\n" if of_rule else ""
    return BARE.replace("rules:\n", f"{head}rules:\n").replace("    if:\n", f"{line}    if:\n", 1)


def read(text: str, vocabulary: Vocabulary = KNOWN) -> Reading:
    return read_folder({"r.yaml": text}, vocabulary)


def rule_of(text: str) -> Rule:
    return read(text).files["r.yaml"].rules[0]


@pytest.mark.parametrize(
    ("of_file", "of_rule", "account"),
    [
        pytest.param("", "", "default", id="none is named"),
        pytest.param("emea", "", "emea", id="the file's"),
        pytest.param("", "emea", "emea", id="the rule's own"),
        pytest.param("emea", "default", "default", id="the rule's counts more"),
    ],
)
def test_a_rule_acts_in_its_own_account_or_that_of_its_file(
    of_file: str, of_rule: str, account: str
) -> None:
    assert rule_of(text(of_file, of_rule)).account == account


def test_the_account_is_part_of_the_version_only_where_it_is_not_the_default() -> None:
    plain, named = rule_of(text()), rule_of(text("default"))
    elsewhere = rule_of(text("emea"))

    assert "account" not in plain.body["rule"]
    assert named.hash == plain.hash
    assert elsewhere.body["rule"]["account"] == "emea"
    assert elsewhere.hash != plain.hash


def test_any_account_may_be_named_where_nobody_knows_which_there_are() -> None:
    assert [each.code for each in read(text("latam"), Vocabulary()).problems if each.is_error] == []


def test_an_unknown_account_is_told_with_those_there_are() -> None:
    problem = next(each for each in read(text("emae")).problems if each.is_error)

    assert problem.code == "R11"
    assert problem.label == 'did you mean "emea"?'
    assert problem.help == "accounts: default, emea"


def test_a_rule_that_names_no_account_is_refused_where_there_is_no_default_one() -> None:
    problem = next(each for each in read(text(), NAMED_ONLY).problems if each.is_error)

    assert problem.code == "R11"
    assert "COURSEBOX_URL is not set" in problem.message
    assert problem.help is not None
    assert problem.help.endswith("accounts: apac, emea")
    assert [each for each in read(text("apac"), NAMED_ONLY).problems if each.is_error] == []


UPDATE = BARE[: BARE.index("    then:")] + (
    "    then:\n      - action: update_user\n        with:\n"
    '          email: "${ contact.email }"\n          attributes: ATTRIBUTES\n'
)
OPENED = Vocabulary(opened={"default": frozenset({"organisationCode", "id"})})


@pytest.mark.parametrize(
    ("attributes", "vocabulary", "found"),
    [
        pytest.param("{organisationCode: north}", OPENED, [], id="opened"),
        pytest.param("{organisationCode: north}", Vocabulary(), ["A05"], id="not opened"),
        pytest.param("{isAdmin: true}", OPENED, ["A05"], id="another one"),
        pytest.param("{id: 7}", OPENED, ["A05"], id="an id cannot be opened"),
    ],
)
def test_a_guarded_attribute_may_stand_in_a_rule_once_it_is_opened(
    attributes: str, vocabulary: Vocabulary, found: list[str]
) -> None:
    reading = read(UPDATE.replace("ATTRIBUTES", attributes), vocabulary)

    assert [each.code for each in reading.problems if each.is_error] == found


def test_an_opened_attribute_is_opened_for_its_account_alone() -> None:
    given = UPDATE.replace("ATTRIBUTES", "{organisationCode: north}")
    elsewhere = given.replace("rules:\n", "account: emea\nrules:\n")

    codes = [each.code for each in read(elsewhere, OPENED).problems if each.is_error]

    assert codes == ["A05"]


def test_an_opened_attribute_is_filled_in_by_the_rule() -> None:
    given = UPDATE.replace("ATTRIBUTES", '{organisationCode: "${ contact.company_name }"}')
    rule = read(given, OPENED).files["r.yaml"].rules[0]

    params = rule.render(0, {"contact": {"email": "sam@learner.example", "company_name": "North"}})

    assert params["attributes"] == {"organisationCode": "North"}
