"""What may go live of a folder: the decisions alone."""

import pytest

from rulebook import RuleFile
from tests.rule_files import inline_test, rule
from workers.rulereview import REMOVAL, Reviewed, decide, review
from workers.sources_file import vocabulary


def found(**files: str) -> Reviewed:
    return review({f"{name}.yaml": text for name, text in files.items()}, vocabulary(None))


def live(*names: str) -> dict[str, RuleFile]:
    """The good files of these names, each with one rule of the same name."""
    return dict(found(**{name: rule(name) for name in names}).good)


def decided(
    live_files: dict[str, RuleFile], seen: Reviewed, *gone: str, accept: bool = False
) -> tuple[list[str], dict[str, str], tuple[str, ...]]:
    rules = {path: file.rules for path, file in live_files.items()}
    names = [f"{name}.yaml" for name in gone]
    decision = decide(rules, seen, names, accept_removal=accept)
    ids = sorted(each.id for each_file in decision.live.values() for each in each_file)
    return ids, dict(decision.refused), decision.removed


def test_a_file_whose_test_fails_is_refused_at_the_place_of_the_test() -> None:
    seen = found(orders=rule("orders") + inline_test(102), refunds=rule("refunds"))

    assert list(seen.good) == ["refunds.yaml"]
    assert seen.refused["orders.yaml"].startswith("orders.yaml:11: 1 test fails: a paid order: ")


def test_a_file_whose_tests_pass_is_good() -> None:
    assert found(orders=rule("orders") + inline_test(101)).refused == {}


@pytest.mark.parametrize(
    ("order", "wrong"),
    [
        pytest.param(("a.yaml", "b.yaml"), "b.yaml", id="the later one"),
        pytest.param(("b.yaml", "a.yaml"), "a.yaml", id="whatever it is called"),
    ],
)
def test_of_two_files_with_one_id_the_later_one_is_refused(
    order: tuple[str, ...], wrong: str
) -> None:
    seen = review({"a.yaml": rule("orders"), "b.yaml": rule("orders")}, vocabulary(None), order)

    assert list(seen.refused) == [wrong]


def test_an_id_that_a_last_good_version_still_has_is_not_free() -> None:
    seen = found(orders="version: [", other=rule("orders", 105))

    ids, refused, _ = decided(live("orders", "refunds"), seen)

    assert ids == ["orders", "refunds"]
    assert "still used by the last good version of orders.yaml" in refused["other.yaml"]


def test_what_is_refused_for_an_id_may_keep_another_from_its_own() -> None:
    # b takes a's id while a is broken, and c takes b's
    seen = found(aaa="version: [", bbb=rule("aaa"), ccc=rule("bbb"))

    ids, refused, _ = decided(live("aaa", "bbb"), seen)

    assert ids == ["aaa", "bbb"]
    assert sorted(refused) == ["aaa.yaml", "bbb.yaml", "ccc.yaml"]


@pytest.mark.parametrize(
    ("all_of_them", "gone", "refused"),
    [
        pytest.param(("aaa", "bbb"), ("aaa",), False, id="half"),
        pytest.param(("aaa", "bbb", "ccc"), ("aaa",), False, id="one of three"),
        pytest.param(("aaa", "bbb", "ccc"), ("aaa", "bbb"), True, id="two of three"),
        pytest.param(("aaa", "bbb", "ccc", "ddd"), ("aaa", "bbb"), False, id="two of four"),
        pytest.param(("aaa", "bbb"), ("aaa", "bbb"), True, id="all"),
    ],
)
def test_more_than_half_and_more_than_one_do_not_go_at_once(
    all_of_them: tuple[str, ...], gone: tuple[str, ...], refused: bool
) -> None:
    left = found(**{name: rule(name) for name in all_of_them if name not in gone})

    ids, why, removed = decided(live(*all_of_them), left, *gone)
    accepted, nothing, _ = decided(live(*all_of_them), left, *gone, accept=True)

    assert ids == sorted(all_of_them if refused else set(all_of_them) - set(gone))
    assert (REMOVAL in why) is refused
    assert (removed == ()) is refused
    assert accepted == sorted(set(all_of_them) - set(gone))
    assert nothing == {}


def test_a_rule_that_stands_in_another_file_now_is_not_missed() -> None:
    whole = rule("aaa") + rule("bbb").split("rules:\n")[1]

    ids, refused, removed = decided(live("aaa", "bbb"), found(all=whole), "aaa", "bbb")

    assert (ids, refused, removed) == (["aaa", "bbb"], {}, ())


def test_many_that_are_missed_are_told_by_their_number() -> None:
    names = [f"file-{n:02}" for n in range(12)]

    _, refused, _ = decided(live(*names), found(**{"file-00": rule("file-00")}), *names[1:])

    assert refused[REMOVAL].startswith("removal of 11 of 12 files at once: file-01.yaml, ")
    assert "and 6 more" in refused[REMOVAL]
    assert "usher rules reload --accept-removal" in refused[REMOVAL]
