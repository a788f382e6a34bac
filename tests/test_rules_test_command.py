"""`usher rules test`: coverage, --strict and the report for build servers."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from tests.rule_texts import RULE
from usher.__main__ import main

HALF = RULE.partition("      - name: lost")[0].replace("deal-won", "half-tested")
BARE = RULE.partition("    tests:")[0].replace("deal-won", "not-tested")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a rule that is tested in full, as the working directory."""
    monkeypatch.chdir(tmp_path)
    for name in ("RULES_DIR", "SOURCES_FILE", "LOOKUPS_FILE"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "rules").mkdir()
    write("a.yaml", RULE)
    return tmp_path


def write(name: str, text: str) -> None:
    (Path("rules") / name).write_text(text, encoding="utf-8")


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["rules", "test", *words])


def test_rules_that_are_tested_in_full_are_counted(folder: Path) -> None:
    result = run("--coverage", "--strict")

    assert result.exit_code == 0
    assert result.stdout == "1 of 1 rule tested in full\n2 tests, all passed\n"


def test_coverage_lists_the_directions_without_a_test(folder: Path) -> None:
    write("b.yaml", HALF)
    write("c.yaml", BARE)

    result = run("--coverage")

    assert result.exit_code == 0
    assert result.stdout == (
        "rules/b.yaml:4: rule half-tested has no test of an event that must not match\n"
        "rules/c.yaml:4: rule not-tested has no test of an event that matches\n"
        "rules/c.yaml:4: rule not-tested has no test of an event that must not match\n"
        "1 of 3 rules tested in full\n\n"
        "3 tests, all passed\n"
    )


def test_without_coverage_gaps_are_not_spoken_of(folder: Path) -> None:
    write("b.yaml", HALF)

    assert run().stdout == "3 tests, all passed\n"
    assert json.loads(run("--json").stdout) == []


def test_coverage_in_json_has_the_gaps_as_warnings(folder: Path) -> None:
    write("b.yaml", HALF)

    result = run("--json", "--coverage")

    [gap] = json.loads(result.stdout)
    assert result.exit_code == 0
    assert (gap["file"], gap["line"], gap["code"], gap["severity"]) == (
        "rules/b.yaml",
        4,
        "W02",
        "warning",
    )


def test_strict_makes_a_missing_test_an_error(folder: Path) -> None:
    write("b.yaml", HALF)

    result = run("--strict")

    assert result.exit_code == 1
    assert result.stdout.startswith("rules/b.yaml:4:9: error[W02]: ")
    assert result.stdout.endswith("\n3 tests, 1 test missing\n")
    assert [each["severity"] for each in json.loads(run("--strict", "--json").stdout)] == ["error"]


def report(*words: str) -> ElementTree.Element:
    run("--junit", "report.xml", *words)
    return ElementTree.fromstring(Path("report.xml").read_bytes())  # noqa: S314 - our own


def test_the_report_has_a_case_for_every_test(folder: Path) -> None:
    root = report()

    [suite] = root
    assert root.tag == "testsuites"
    assert suite.attrib == {"name": "rules/a.yaml", "tests": "2", "failures": "0", "errors": "0"}
    assert [(case.get("classname"), case.get("name"), case.get("line")) for case in suite] == [
        ("deal-won", "won", "11"),
        ("deal-won", "lost", "15"),
    ]
    assert [len(case) for case in suite] == [0, 0]


def test_a_failure_has_its_message(folder: Path) -> None:
    write("a.yaml", RULE.replace("status: won, c", "status: x, c"))

    root = report()

    [case, _] = root[0]
    [failure] = case
    assert "the rule does not match" in str(failure.get("message"))
    assert str(failure.text).startswith("rules/a.yaml:11: expected enrol")
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("2", "1", "0")


def test_signs_that_xml_cannot_hold_are_replaced(folder: Path) -> None:
    write("a.yaml", RULE.replace("name: won", 'name: "w\\u0001n <&>"'))

    assert report()[0][0].get("name") == "w\ufffdn <&>"


def test_a_file_with_mistakes_is_an_error_in_the_report(folder: Path) -> None:
    write("a.yaml", RULE.replace("version: 1", "version: 2"))

    root = report()

    [[case]] = root
    assert (root.get("errors"), case.get("name")) == ("1", "S09 in line 1")
    assert case[0].tag == "error"
    assert str(case[0].text).startswith("rules/a.yaml:1:10: this file is written for version 2")


def test_missing_tests_are_in_the_report_when_they_count(folder: Path) -> None:
    write("b.yaml", HALF)

    assert report().get("errors") == "0"
    assert report("--strict").get("errors") == "1"
