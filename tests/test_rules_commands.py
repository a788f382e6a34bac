"""`usher rules check` and `usher rules test`, as a person or a program runs them."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.rule_texts import RULE
from usher.__main__ import main

ROOT = Path(__file__).parent.parent
SOURCES = "pipedrive: {preset: pipedrive, secrets: [SECRET_OF_DEALS]}\n"
NOT_RUN = "; inline tests not run: `usher rules test`"
POINTER = "Each code in [ ] is explained, with its cure, in docs/rule-errors.md.\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with senders and a rules folder, as the working directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RULES_DIR", raising=False)
    monkeypatch.delenv("SOURCES_FILE", raising=False)
    monkeypatch.setenv("SECRET_OF_DEALS", "user:a-long-password")
    (tmp_path / "sources.yaml").write_text(SOURCES, encoding="utf-8")
    (tmp_path / "rules").mkdir()
    return tmp_path


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["rules", *words])


def data(result: Result) -> Any:
    return json.loads(result.stdout)


def test_a_good_folder_is_summed_up_in_words(folder: Path) -> None:
    write(folder / "rules/a.yaml", RULE)
    write(folder / "rules/b/c.yml", RULE.replace("deal-won", "another").replace("101", "102"))

    result = run("check")

    assert (result.exit_code, result.output) == (0, f"2 files, 2 rules, no problems{NOT_RUN}\n")


def test_nothing_is_said_of_inline_tests_where_there_are_none(folder: Path) -> None:
    write(folder / "rules/a.yaml", RULE.partition("    tests:")[0])

    assert run("check").stdout.endswith(f"1 file, 1 rule, 2 warnings\n{POINTER}")


def test_mistakes_come_before_warnings_and_make_the_command_fail(folder: Path) -> None:
    write(folder / "rules/a.yaml", RULE.replace("owner: ops@usher.example\n", ""))
    write(folder / "rules/b.yaml", RULE.replace("enrol\n", "enroll\n").replace("deal-won", "other"))

    result = run("check")

    assert result.exit_code == 1
    assert result.output.startswith('rules/b.yaml:8:17: error[A01]: unknown action "enroll"\n')
    assert "        ^^^^^^ did you mean" not in result.output.split("\n")[0]
    assert "rules/a.yaml:1:1: warning[W04]:" in result.output
    assert result.output.endswith(f"\n2 files, 1 rule, 1 error, 1 warning{NOT_RUN}\n{POINTER}")


def test_warnings_fail_only_when_asked_to(folder: Path) -> None:
    write(folder / "rules/a.yaml", RULE.replace("owner: ops@usher.example\n", ""))

    assert run("check").exit_code == 0
    assert run("check", "--strict").exit_code == 1


@pytest.mark.parametrize("how", [["--format", "json"], ["--json"]])
def test_json_holds_every_problem_with_its_place(folder: Path, how: list[str]) -> None:
    write(folder / "rules/a.yaml", RULE.replace("deal.status: won", "deal.stauts: won"))

    result = run("check", *how)

    assert result.exit_code == 1
    assert data(result) == [
        {
            "file": "rules/a.yaml",
            "line": 6,
            "column": 10,
            "end_line": 6,
            "end_column": 21,
            "severity": "error",
            "code": "F02",
            "message": 'unknown field "deal.stauts"',
            "help": 'did you mean "deal.status"? '
            "fields of deal: amount, closed_at, company_id, contact_id, ...; "
            "your own CRM fields are deal.custom.<name>",
        }
    ]


@pytest.mark.parametrize("command", ["check", "test"])
def test_json_of_good_rules_is_an_empty_list(folder: Path, command: str) -> None:
    write(folder / "rules/a.yaml", RULE)

    result = run(command, "--json")

    assert (result.exit_code, data(result)) == (0, [])


def test_sources_are_known_from_their_file_without_any_secret(folder: Path) -> None:
    write(folder / "rules/a.yaml", RULE.replace("source: pipedrive", "source: pipedrife"))

    result = run("check", "--json")

    assert [problem["code"] for problem in data(result)] == ["R01"]


@pytest.mark.parametrize("text", [None, "{", "x: {preset: nothing}"])
def test_sources_are_not_checked_where_their_file_is_of_no_use(
    folder: Path, text: str | None
) -> None:
    write(folder / "rules/a.yaml", RULE.replace("source: pipedrive", "source: anything"))
    (folder / "sources.yaml").unlink()
    if text is not None:
        write(folder / "sources.yaml", text)

    result = run("check", "--json")

    assert (result.exit_code, data(result)) == (0, [])
    assert ("cannot be used" in result.stderr) is (text is not None)


def test_a_file_of_sources_that_is_set_but_not_there_is_spoken_of(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder / "rules/a.yaml", RULE)
    monkeypatch.setenv("SOURCES_FILE", "elsewhere.yaml")

    result = run("check")

    assert result.exit_code == 0
    assert result.stderr == (
        "The names of sources are not checked: there is no elsewhere.yaml (SOURCES_FILE).\n"
    )


def test_the_rules_folder_is_the_one_of_the_setting(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder / "elsewhere/a.yaml", RULE)
    monkeypatch.setenv("RULES_DIR", str(folder / "elsewhere"))

    assert run("check").output == f"1 file, 1 rule, no problems{NOT_RUN}\n"


def test_one_file_is_read_with_the_tables_and_fixtures_beside_it(folder: Path) -> None:
    text = RULE.replace("rules:\n", "tables: {a: t/a.csv, b: b.csv}\nrules:\n", 1).replace(
        "{deal.status: won}\n",
        "{deal.status: won, deal.id: {in_table: a}, deal.name: {in_table: b}}\n",
    )
    write(folder / "rules/emea/a.yaml", text)
    write(folder / "rules/emea/t/a.csv", "k,v\na,1\n")
    write(folder / "rules/b.csv", "k,v\na,1\n")
    write(folder / "rules/broken.yaml", "{")
    write(folder / "loose/a.yaml", text)

    inside = run("check", "rules/emea/a.yaml")
    loose = run("check", "loose/a.yaml", "--json")

    assert inside.output == f"1 file, 1 rule, no problems{NOT_RUN}\n"
    assert [problem["code"] for problem in data(loose)] == ["R04", "R04"]


def test_files_of_one_folder_are_checked_against_each_other(folder: Path) -> None:
    write(folder / "rules/a.yaml", RULE)
    write(folder / "rules/b.yaml", RULE)

    together = run("check", "rules/a.yaml", "rules/b.yaml", "rules/a.yaml", "--json")

    assert [(found["file"], found["code"]) for found in data(together)] == [("rules/b.yaml", "S10")]


@pytest.mark.parametrize("path", ["rules/_examples", "rules/_examples/a.yaml"])
def test_what_is_not_live_can_be_checked_by_its_name(folder: Path, path: str) -> None:
    write(folder / "rules/_examples/a.yaml", RULE.replace("deal.status: won}", "deal.statu: won}"))

    assert [found["code"] for found in data(run("check", path, "--json"))] == ["F02"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nowhere"], "nowhere: there is no such file or folder"),
        (["rules"], "rules: there is no rule file in this folder"),
        ([], "rules: there is no rule file in this folder"),
        (["sources.txt"], "sources.txt: this is no rule file"),
        (["_draft.yaml"], "_draft.yaml: files whose names begin with _ or . are left alone"),
    ],
)
@pytest.mark.parametrize("command", ["check", "test"])
def test_where_there_is_nothing_to_read_the_command_cannot_run(
    folder: Path, command: str, words: list[str], message: str
) -> None:
    write(folder / "sources.txt", "x")
    write(folder / "_draft.yaml", RULE)

    result = run(command, *words)

    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr


def test_files_that_cannot_be_read_are_problems(folder: Path) -> None:
    (folder / "rules/latin.yaml").write_bytes(
        RULE.replace("owner", "# Geschäft\nowner").encode("latin-1")
    )
    (folder / "rules/zero.yaml").write_bytes(b"version: 1\0")
    (folder / "rules/link.yaml").symlink_to("/etc/hostname")

    result = run("check", "--json")

    found = [(one["file"], one["line"], one["column"], one["code"]) for one in data(result)]
    assert result.exit_code == 1
    assert found == [
        ("rules/latin.yaml", 2, 8, "Y22"),
        ("rules/link.yaml", 1, 1, "Y25"),
        ("rules/zero.yaml", 1, 11, "Y01"),
    ]


def test_nothing_in_a_file_can_move_the_cursor(folder: Path) -> None:
    write(folder / "rules/a.yaml", RULE.replace("id: deal-won", 'id: "\\e[2J\\u202e"\u200f'))

    assert not {"\x1b", "\u202e", "\u200f"} & set(run("check").output)


def test_passing_tests_are_counted(folder: Path) -> None:
    write(folder / "rules/a.yaml", RULE)

    result = run("test")

    assert (result.exit_code, result.output) == (0, "2 tests, all passed\n")


def test_a_failing_test_says_what_was_expected(folder: Path) -> None:
    write(
        folder / "rules/a.yaml",
        RULE.replace("example, course_id: 101}\n      -", "example, course_id: 7}\n      -"),
    )

    result = run("test", "rules/a.yaml")

    assert result.exit_code == 1
    assert result.output == (
        'rules/a.yaml:11: test failed: rule deal-won, "won"\n'
        "  action 1, enrol: course_id expected 7, but got 101\n\n"
        "2 tests, 1 failed\n"
    )


def test_a_failing_test_has_a_place_in_json(folder: Path) -> None:
    write(folder / "rules/a.yaml", RULE.replace("expect: no match", "expect: []"))

    [found] = data(run("test", "--json"))

    assert (found["file"], found["line"], found["severity"]) == ("rules/a.yaml", 15, "error")
    assert found["message"].startswith("test failed: lost: expected no action, but the rule")


def test_files_with_mistakes_are_not_tested_but_told(folder: Path) -> None:
    write(folder / "rules/a.yaml", RULE)
    other = RULE.replace("deal-won", "other").replace("version: 1", "version: 2")
    write(folder / "rules/b.yaml", other)

    result = run("test")

    assert result.exit_code == 1
    assert "rules/b.yaml:1:10: error[S09]" in result.output
    assert result.output.endswith("2 tests, 1 error in files whose tests did not run\n")


def test_colours_are_only_for_terminals(folder: Path) -> None:
    write(folder / "rules/a.yaml", RULE.replace("version: 1", "version: 2"))
    program = "from usher.rules_commands import rules; rules()"
    command = [sys.executable, "-c", program, "check"]
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm"}
    ours, theirs = pty.openpty()

    piped = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    with subprocess.Popen(command, env=environ, stdout=theirs, stderr=theirs) as shown:
        os.close(theirs)
        seen = _all_of(ours)

    assert (piped.returncode, shown.returncode) == (1, 1)
    assert "\x1b[" not in piped.stdout
    assert b"\x1b[31m" in seen


def _all_of(terminal: int) -> bytes:
    seen = b""
    try:
        while piece := os.read(terminal, 4_096):
            seen += piece
    except OSError:
        pass  # how a terminal says that nobody writes to it any more
    finally:
        os.close(terminal)
    return seen


def test_a_field_that_the_sender_never_gives_is_warned_of(folder: Path) -> None:
    write(folder / "rules/a.yaml", RULE.replace("${ deal.custom.email }", "${ contact.email }"))

    result = run("check")

    assert result.exit_code == 0
    headline, *rest = result.stdout.splitlines()
    assert headline.startswith("rules/a.yaml:9:")
    assert 'warning[W08]: deal.updated of source "pipedrive" never has "contact.email"' in headline
    assert "usher sources fields pipedrive deal.updated" in "\n".join(rest)
