"""`usher rules check`: its forms for other programs, --fix, --online, and secrets."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from coursebox.simulator import SAMPLE_EMAIL, SAMPLE_PASSWORD, RunningSimulator, running_simulator
from rulebook.codes import TITLES
from usher.__main__ import main

RULE = """\
version: 1
owner: ops@usher.example
tables:
  courses:
    Safety Basics: 101
    Knots: 999
rules:
  - id: deal-won
    when: {source: pipedrive, event: deal.updated}
    if: {deal.status: won}
    then:
      - action: enrol
        with: {email: "${ deal.custom.email }", course_id: 101}
      - action: enrol
        id: second
        with:
          email: ${ deal.custom.email }
          course_id: ${ deal.custom.product | lookup(courses) }
    tests:
      - name: won
        event: {deal: {status: won, custom: {product: Knots, email: sam@learner.example}}}
        expect:
          - enrol: {email: sam@learner.example, course_id: 101}
          - enrol: {email: sam@learner.example, course_id: 999}
      - name: lost
        change: {deal.status: lost}
        expect: no match
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one good rule file, as the working directory."""
    monkeypatch.chdir(tmp_path)
    for name in ("RULES_DIR", "COURSEBOX_URL", "COURSEBOX_EMAIL", "COURSEBOX_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    for name in ("SOURCES_FILE", "LOOKUPS_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SECRET_OF_DEALS", "user:a-long-password")
    sources = "pipedrive: {preset: pipedrive, secrets: [SECRET_OF_DEALS]}\n"
    (tmp_path / "sources.yaml").write_text(sources, encoding="utf-8")
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules/a.yaml").write_text(RULE, encoding="utf-8")
    return tmp_path


@pytest.fixture(scope="module")
def portal() -> Iterator[RunningSimulator]:
    with running_simulator() as simulator:
        yield simulator


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["rules", "check", *words])


def break_it(folder: Path, old: str, new: str, name: str = "a.yaml") -> None:
    assert RULE.count(old) == 1
    (folder / "rules" / name).write_bytes(RULE.replace(old, new).encode(errors="surrogateescape"))


@pytest.mark.parametrize("form", ["json", "github", "sarif"])
def test_good_rules_are_nothing_to_speak_of(folder: Path, form: str) -> None:
    result = run("--format", form)

    assert (result.exit_code, result.stderr) == (0, "")
    if form == "sarif":
        assert json.loads(result.stdout)["runs"][0]["results"] == []
    else:
        assert result.stdout == {"json": "[]\n", "github": ""}[form]


def test_github_gets_an_annotation_with_everything_escaped(folder: Path) -> None:
    break_it(folder, "version: 1", "version: 1\n'100%,: a': 5", "b,c%:d.yaml")
    (folder / "rules/a.yaml").unlink()

    result = run("--format", "github")

    assert result.exit_code == 1
    assert result.stdout == (
        "::error file=rules/b%2Cc%25%3Ad.yaml,line=2,endLine=2,col=1,endColumn=11,"
        'title=S01%3A An unknown key::"100%25,: a" is not a known key in a rule file%0A'
        "known here: version, owner, account, notes, tags, matching, defaults, tables, rules\n"
    )


def test_columns_of_several_lines_are_not_given_to_github(folder: Path) -> None:
    break_it(folder, "    if: {deal.status: won}\n", "    if:\n      - a\n      - b\n")
    found = json.loads(run("--json").stdout)

    result = run("--format", "github")

    told = [problem for problem in found if problem["line"] != problem["end_line"]]
    lines = result.stdout.splitlines()
    assert len(lines) == len(found)
    assert sum("col=" not in line for line in lines) == len(told)


def sarif(result: Result) -> dict[str, Any]:
    [found] = json.loads(result.stdout)["runs"]
    return found


def test_sarif_has_rules_and_results_that_fit_together(folder: Path) -> None:
    break_it(folder, "owner: ops@usher.example\n", "")
    break_it(folder, "enrol\n        id", "enroll\n        id", "ä b.yaml")

    document = json.loads(run("--format", "sarif").stdout)

    [found] = document["runs"]
    rules = found["tool"]["driver"]["rules"]
    assert document["version"] == "2.1.0"
    assert found["columnKind"] == "unicodeCodePoints"
    assert [rule["id"] for rule in rules] == ["A01", "S10", "W04"]
    for result in found["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in {"error", "warning"}
    assert {rule["id"]: rule["shortDescription"]["text"] for rule in rules} == {
        rule["id"]: TITLES[rule["id"]] for rule in rules
    }
    [place] = [
        each["locations"][0]["physicalLocation"]
        for each in found["results"]
        if each["ruleId"] == "A01"
    ]
    assert place["artifactLocation"]["uri"] == "rules/%C3%A4%20b.yaml"
    assert place["region"] == {"startLine": 14, "startColumn": 17, "endLine": 14, "endColumn": 23}


def test_fix_writes_the_file_and_shows_what_changed(folder: Path) -> None:
    break_it(folder, "{deal.status: won}\n", "{deal.amount: {gte: 5}}  # keep\n")

    result = run("--fix")

    assert result.exit_code == 0
    assert result.stdout.startswith(
        "--- rules/a.yaml\n+++ rules/a.yaml\n@@ -10 +10 @@\n"
        "-    if: {deal.amount: {gte: 5}}  # keep\n"
        "+    if: {deal.amount: {at_least: 5}}  # keep\n\n1 file changed.\n\n"
    )
    assert (folder / "rules/a.yaml").read_text(encoding="utf-8") == RULE.replace(
        "{deal.status: won}\n", "{deal.amount: {at_least: 5}}  # keep\n"
    )
    assert sorted(path.name for path in (folder / "rules").iterdir()) == ["a.yaml"]


def test_fix_dry_writes_nothing(folder: Path) -> None:
    break_it(folder, "{deal.status: won}\n", "{deal.amount: {gte: 5}}\n")
    before = (folder / "rules/a.yaml").read_bytes()

    result = run("--fix", "--dry")

    assert result.exit_code == 1
    assert "+    if: {deal.amount: {at_least: 5}}\n" in result.stdout
    assert "1 file would be changed" in result.stdout
    assert "error[C01]" in result.stdout
    assert (folder / "rules/a.yaml").read_bytes() == before


def test_fix_keeps_mode_line_ends_and_stray_bytes(folder: Path) -> None:
    path = folder / "rules/a.yaml"
    text = RULE.replace("enrol\n        with: {", "enroll\n        with: {").replace("\n", "\r\n")
    path.write_bytes(text.encode())
    path.chmod(0o640)

    assert run("--fix").exit_code == 0
    assert path.read_bytes() == RULE.replace("\n", "\r\n").encode()
    assert path.stat().st_mode & 0o777 == 0o640


def test_fix_in_json_leaves_standard_output_to_json(folder: Path) -> None:
    break_it(folder, "{deal.status: won}\n", "{deal.amount: {gte: 5}}\n")

    result = run("--fix", "--json")

    assert json.loads(result.stdout) == []
    assert "1 file changed." in result.stderr


def test_nothing_to_fix_is_said(folder: Path) -> None:
    assert run("--fix").stdout.startswith("There is nothing to cure.\n")
    break_it(folder, "{deal.status: won}\n", "{deal.amount: {at_least: much}}\n")
    assert run("--fix").stdout.startswith("Nothing has a sure cure.\n")
    assert run("--dry").exit_code == 2


def test_a_source_without_its_secret_is_a_warning_but_no_fault(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SECRET_OF_DEALS")
    break_it(folder, "deal-won", "another", "b.yaml")
    break_it(folder, "deal-won", "one-more", "a.yaml")

    found = [each for each in json.loads(run("--json").stdout) if each["code"] == "W25"]

    [problem] = found
    assert (problem["file"], problem["line"], problem["column"]) == ("rules/a.yaml", 9, 20)
    assert "SECRET_OF_DEALS" in problem["message"]
    (folder / "rules/b.yaml").unlink()
    assert run("--strict").exit_code == 0
    # a file that is named may be meant for another machine
    assert json.loads(run("rules/a.yaml", "--json").stdout) == []


def test_a_rule_that_is_switched_off_waits_for_no_source(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SECRET_OF_DEALS")
    break_it(folder, "  - id: deal-won\n", "  - id: deal-won\n    enabled: false\n")

    assert json.loads(run("--json").stdout) == []


def log_in(monkeypatch: pytest.MonkeyPatch, url: str, password: str = SAMPLE_PASSWORD) -> None:
    monkeypatch.setenv("COURSEBOX_URL", url)
    monkeypatch.setenv("COURSEBOX_EMAIL", SAMPLE_EMAIL)
    monkeypatch.setenv("COURSEBOX_PASSWORD", password)


def test_online_tells_the_courses_that_coursebox_does_not_know(
    folder: Path, portal: RunningSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_in(monkeypatch, portal.url)

    result = run("--online", "--json")

    [problem] = json.loads(result.stdout)
    assert result.exit_code == 1
    assert (problem["code"], problem["line"], problem["column"]) == ("A10", 6, 12)
    assert problem["message"] == "Coursebox knows no course 999"


def test_online_looks_into_csv_files_and_fallbacks(
    folder: Path, portal: RunningSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_in(monkeypatch, portal.url)
    (folder / "rules/c.csv").write_text("k,v\nKnots,998\nSafety,101\n", encoding="utf-8")
    text = RULE.replace(
        "  courses:\n    Safety Basics: 101\n    Knots: 999\n", "  courses: c.csv\n"
    )
    (folder / "rules/a.yaml").write_text(
        text.replace("lookup(courses)", "lookup(courses, 997)").replace("999}", "998}"),
        encoding="utf-8",
    )

    told = [each["message"] for each in json.loads(run("--online", "--json").stdout)]

    assert told == [
        'Coursebox knows no course 998 of "Knots" in c.csv',
        "Coursebox knows no course 997",
    ]


def test_online_needs_a_login(folder: Path) -> None:
    result = run("--online")

    assert result.exit_code == 2
    assert result.stdout.startswith("1 file, 1 rule, no problems")
    assert result.stderr == (
        "The courses are not checked: COURSEBOX_URL and COURSEBOX_EMAIL and COURSEBOX_PASSWORD "
        "are not set.\nSet what Usher logs in to Coursebox with, or leave --online out.\n"
    )


@pytest.mark.parametrize("wrong", ["password", "address"])
def test_online_says_why_coursebox_cannot_be_asked(
    folder: Path, portal: RunningSimulator, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    if wrong == "password":
        log_in(monkeypatch, portal.url, "another")
    else:
        log_in(monkeypatch, "http://127.0.0.1:9")

    result = run("--online")

    assert result.exit_code == 2
    assert "no problems" in result.stdout
    assert result.stderr.startswith("The courses are not checked: ")


def test_online_looks_for_a_course_in_the_portal_of_its_rule(
    folder: Path, portal: RunningSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_in(monkeypatch, portal.url)
    courses = {"101": "Safety Basics", "999": "Knots"}
    with running_simulator(email="usher@emea.example", password="another", courses=courses) as emea:
        monkeypatch.setenv("COURSEBOX_ACCOUNTS", "emea")
        monkeypatch.setenv("COURSEBOX_EMEA_URL", emea.url)
        monkeypatch.setenv("COURSEBOX_EMEA_EMAIL", emea.email)
        monkeypatch.setenv("COURSEBOX_EMEA_PASSWORD", emea.password)
        here = json.loads(run("--online", "--json").stdout)
        break_it(folder, "version: 1\n", "version: 1\naccount: emea\n")

        there = json.loads(run("--online", "--json").stdout)

    assert [each["message"] for each in here] == ["Coursebox knows no course 999"]
    assert there == []
