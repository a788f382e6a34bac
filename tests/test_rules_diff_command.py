"""`usher rules diff` and `usher rules dry-run`: an edit of rules, and what it means for events."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.rules_desk import ADA, BOB, Desk, came, dispatched, make_desk, publish
from workers.store import Store


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, redis_url: str) -> Desk:
    """A working directory with rules, and an empty Redis."""
    monkeypatch.chdir(tmp_path)
    for name in ("RULES_DIR", "SOURCES_FILE", "DATA_DIR"):
        monkeypatch.delenv(name, raising=False)
    return make_desk(tmp_path, redis_url)


def commit(folder: Path) -> None:
    git = shutil.which("git")
    assert git is not None
    who = ["-c", "user.name=Ops", "-c", "user.email=ops@usher.example"]
    for words in (["init", "-q"], ["add", "."], [*who, "commit", "-qm", "Rules"]):
        subprocess.run([git, *words], cwd=folder, check=True)


# -- diff ------------------------------------------------------------------------------------------


def test_the_same_rules_are_said_to_be_the_same(desk: Desk, store: Store) -> None:
    publish(store, desk)
    came(store, ADA)

    result = desk("rules", "diff")

    assert result.exit_code == 0
    assert result.stdout == (
        "The rules are the same as live.\n"
        "replayed 1 stored event (0 s):\n"
        "    +0   now match that did not\n"
        "    -0   no longer match\n"
        "    0    same rule, other parameters\n"
    )


def test_an_edit_is_told_key_by_key_and_event_by_event(desk: Desk, store: Store) -> None:
    publish(store, desk)
    before = desk.book().rule("course-sold").short_hash
    ada, bob = came(store, ADA), came(store, BOB)
    desk.edit("[Safety, Fire]", "[Juggling, Fire]")
    after = desk.book().rule("course-sold").short_hash

    result = desk("rules", "diff")

    assert result.exit_code == 1
    assert result.stdout == (
        f"~ course-sold   {before} -> {after}\n"
        "    if.body.course   [Safety, Fire]  ->  [Juggling, Fire]\n"
        "replayed 2 stored events (0 s):\n"
        f"    +1   now match that did not   e.g. {bob[-8:]}"
        " -> enrol bob@x.example in 101 (course-sold)\n"
        f"    -1   no longer match   e.g. {ada[-8:]}"
        " -> enrol ada@x.example in 101 (course-sold)\n"
        "    0    same rule, other parameters\n"
        "would now be done:\n"
        "    enrol bob@x.example in 101\n"
        "would no longer be done:\n"
        "    enrol ada@x.example in 101\n"
    )


def test_other_parameters_of_the_same_rule_are_named(desk: Desk, store: Store) -> None:
    publish(store, desk)
    ada = came(store, ADA)
    desk.edit('"${ body.email }", course_id: 101', '"${ body.email }", course_id: 102')

    told = desk("rules", "diff").stdout

    assert "    then[0].with.course_id   101  ->  102\n" in told
    assert (
        f"    1    same rule, other parameters   e.g. {ada[-8:]} course_id 101 -> 102 (course-sold)"
    ) in told


def test_rules_that_are_new_or_gone_stand_with_their_sign(desk: Desk, store: Store) -> None:
    publish(store, desk)
    desk.edit("course-sold", "course-bought")

    told = desk.data("rules", "diff")

    assert [(r["rule"], bool(r["before"]), bool(r["after"])) for r in told["rules"]] == [
        ("course-bought", False, True),
        ("course-sold", True, False),
    ]


def test_lengths_of_time_are_told_in_words(desk: Desk, store: Store) -> None:
    desk.edit("    then:\n", "    retry: {first_wait: 30 seconds}\n    then:\n")
    publish(store, desk)
    desk.edit("30 seconds", "2 hours")

    assert "    retry.first_wait   30 seconds  ->  2 hours\n" in desk("rules", "diff").stdout


def test_of_a_file_with_mistakes_the_rules_stay_as_they_are(desk: Desk, store: Store) -> None:
    publish(store, desk)
    desk.edit("enrol\n", "enroll\n")

    result = desk("rules", "diff")

    assert result.exit_code == 0
    first, then, *_ = result.stderr.splitlines()
    assert first.startswith("shop.yaml would be refused: shop.yaml:9:17: error[")
    assert then == "Its rules would stay as they are."


def test_a_file_whose_tests_fail_is_said_first_and_still_compared(desk: Desk, store: Store) -> None:
    publish(store, desk)
    desk.edit("[Safety, Fire]", "[Juggling, Fire]")

    result, told = desk("rules", "diff"), desk.data("rules", "diff")

    first, then, *_ = result.stderr.splitlines()
    assert first.startswith("shop.yaml would be refused: shop.yaml:12: 2 tests fail: sold: ")
    assert then == "What follows is what it would change if its tests passed."
    assert "if.body.course   [Safety, Fire]  ->  [Juggling, Fire]" in result.stdout
    assert [f"shop.yaml would be refused: {why}" for why in told["refused"].values()] == [first]


def test_of_files_that_would_go_live_none_is_said_to_be_refused(desk: Desk, store: Store) -> None:
    publish(store, desk)

    assert desk.data("rules", "diff")["refused"] == {}
    assert "refused" not in desk("rules", "diff").stderr


def test_before_anything_was_live_it_is_said(desk: Desk) -> None:
    result = desk("rules", "diff")

    assert result.exit_code == 2
    assert result.stderr.startswith("No rules are live: no worker has loaded any yet.")


def test_a_commit_of_git_is_a_base(desk: Desk) -> None:
    commit(desk.folder)
    desk.edit("[Safety, Fire]", "[Safety]")

    same = desk("rules", "diff", "HEAD", "--rules", "rules")
    unknown = desk("rules", "diff", "v9")

    assert (same.exit_code, same.stdout.splitlines()[1]) == (
        1,
        "    if.body.course   [Safety, Fire]  ->  [Safety]",
    )
    assert unknown.exit_code == 2
    assert "v9 is neither a folder nor something that git knows of rules." in unknown.stderr


def test_a_ref_is_never_an_option_of_git(desk: Desk, tmp_path: Path) -> None:
    commit(desk.folder)

    result = desk("rules", "diff", "--", f"--output={tmp_path / 'written'}")

    assert result.exit_code == 2
    assert not (tmp_path / "written").exists()


def test_a_folder_is_a_base(desk: Desk) -> None:
    shutil.copytree(desk.folder / "rules", desk.folder / "before")
    desk.edit("    then:\n", "    dry_run: true\n    then:\n")

    result = desk("rules", "diff", "before")

    assert "    dry_run   nothing  ->  true\n" in result.stdout


def test_one_file_is_compared_with_itself_alone(desk: Desk) -> None:
    second = desk.folder / "rules" / "second.yaml"
    second.write_text(desk.rules.read_text().replace("course-sold", "second"), encoding="utf-8")
    shutil.copytree(desk.folder / "rules", desk.folder / "before")
    desk.edit("    then:\n", "    dry_run: true\n    then:\n")

    told = desk.data("rules", "diff", "before", "--rules", "rules/shop.yaml")

    assert [rule["rule"] for rule in told["rules"]] == ["course-sold"]


def test_without_events_or_redis_the_rules_alone_are_compared(desk: Desk) -> None:
    alone = Desk(desk.folder)
    shutil.copytree(desk.folder / "rules", desk.folder / "before")

    result = alone("rules", "diff", "before")

    assert (result.exit_code, result.stdout) == (0, "The rules are the same as before.\n")
    assert "No stored event was replayed." in result.stderr


# -- dry-run ---------------------------------------------------------------------------------------


def test_stored_events_are_counted_by_what_the_rules_say_today(desk: Desk, store: Store) -> None:
    ada = dispatched(store, desk, ADA)
    dispatched(store, desk, BOB)
    dispatched(store, desk, {"id": 3, "course": "Fire"})

    told = desk.data("rules", "dry-run")

    [rule] = told["rules"]
    assert told["events"] == 3
    assert {name: rule[name] for name in ("matched", "no", "skipped", "error")} == {
        "matched": 1,
        "no": 1,
        "skipped": 0,
        "error": 1,
    }
    assert rule["matches"][0]["event"] == ada
    assert rule["changed"] == []


def test_nothing_is_written_down_by_a_dry_run(desk: Desk, store: Store) -> None:
    event_id = came(store, ADA)

    desk("rules", "dry-run")

    event = store.event(event_id)
    assert event is not None
    assert (event.verdicts, event.runs) == ((), ())


def test_events_that_were_judged_otherwise_when_they_came_are_named(
    desk: Desk, store: Store
) -> None:
    ada, bob = dispatched(store, desk, ADA), dispatched(store, desk, BOB)
    desk.edit("[Safety, Fire]", "Juggling")

    result = desk("rules", "dry-run")

    assert result.exit_code == 0
    assert result.stdout.split("\n\n")[1:] == [
        "RULE         MATCHED  NO  SKIPPED  ERROR\ncourse-sold  1        1   0        0",
        f"course-sold\n  {bob[-8:]} -> enrol bob@x.example in 101",
        "Matched when they came, and not now:\n"
        f'  {ada[-8:]}: course-sold: no: body.course equals "Juggling" (event has "Safety")',
        "Match now, and did not when they came:\n"
        f"  {bob[-8:]}: course-sold: yes: all conditions hold\n",
    ]


def test_one_rule_and_so_many_events_can_be_asked_for(desk: Desk, store: Store) -> None:
    came(store, ADA)
    came(store, BOB)

    told = desk.data("rules", "dry-run", "--rule", "course-sold", "--limit", "1")
    unknown = desk("rules", "dry-run", "--rule", "nobody")

    assert (told["events"], told["rules"][0]["no"]) == (1, 1)
    assert (unknown.exit_code, unknown.stderr[:27]) == (1, "There is no rule 'nobody'.\n")


@pytest.mark.parametrize("since", ["1d", "12 h", "3 days", "2020-01-31"])
def test_from_when_on_is_said_in_words_or_by_a_date(desk: Desk, store: Store, since: str) -> None:
    came(store, ADA)

    assert desk.data("rules", "dry-run", "--since", since)["events"] == 1


def test_what_is_no_time_is_refused(desk: Desk, store: Store) -> None:
    result = desk("rules", "dry-run", "--since", "yesterday-ish")

    assert result.exit_code == 2
    assert "write it like 1d, 12h, 3 days or 2026-04-15" in result.stderr


def test_events_before_that_time_are_left_out(desk: Desk, store: Store) -> None:
    came(store, ADA)

    result = desk("rules", "dry-run", "--since", "2999-01-01")

    assert (result.exit_code, result.stderr) == (0, "No event has come in that time.\n")
