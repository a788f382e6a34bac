"""What all workers remember of a portal: the same in one process and in Redis."""

import threading
from collections.abc import Iterator

import pytest

from coursebox.directory import Directory as AnyDirectory
from coursebox.directory import MemoryDirectory, OnlyNews
from coursebox.remembered import Invited, MemoryRemembered, Remembered
from coursebox.simulator import running_simulator
from tests.engine_room import engine_room
from workers.store import Connection, Directory, Store
from workers.store.keys import KEYS
from workers.store.portal_memory import PortalMemory

ADA, BO = "ada@customer.example", "bo@customer.example"
DAY = 86_400.0
COURSES = ["101", "102", "103"]


@pytest.fixture(params=["in this process", "in Redis"])
def memory(request: pytest.FixtureRequest) -> Iterator[Remembered]:
    if request.param == "in this process":
        yield MemoryRemembered()
        return
    connection = Connection(request.getfixturevalue("redis_url"))
    yield PortalMemory(connection)
    connection.close()


# courses


def test_a_list_of_courses_is_kept_for_a_time(memory: Remembered) -> None:
    memory.keep_courses(COURSES)

    assert memory.courses(60.0) == tuple(COURSES)
    assert memory.courses(0.0) is None


def test_no_list_is_not_an_empty_one(memory: Remembered) -> None:
    before = memory.courses(60.0)

    memory.keep_courses([])

    assert before is None
    assert memory.courses(60.0) == ()


def test_courses_are_given_out_one_to_a_reader(memory: Remembered) -> None:
    turns = [memory.next_to_read(COURSES, 0.001) for _ in range(4)]

    assert [turn.course for turn in turns] == [*COURSES, None]
    assert [(turn.left, turn.busy) for turn in turns] == [(3, 0), (3, 1), (3, 2), (3, 3)]


def test_a_course_that_was_read_counts_until_it_is_old(memory: Remembered) -> None:
    before = memory.now() - 1.0
    memory.was_read("101")
    memory.was_read("102", refused=True)

    turn = memory.next_to_read(COURSES, before)
    memory.was_read("103")
    ended = memory.next_to_read(COURSES, before)
    later = memory.next_to_read(COURSES, memory.now() + 1.0)

    assert (turn.course, turn.left, turn.refused) == ("103", 1, 1)
    assert (ended.course, ended.left, ended.busy, ended.refused) == (None, 0, 0, 1)
    assert (later.course, later.left) == ("101", 3)


def test_a_course_never_read_comes_before_the_longest_unread(memory: Remembered) -> None:
    for course in ("102", "101"):
        memory.was_read(course)

    given = [memory.next_to_read(COURSES, memory.now() + 5.0).course for _ in range(3)]

    assert given[0] == "103"
    assert set(given) == set(COURSES)


def test_a_course_that_could_not_be_read_is_given_out_again(memory: Remembered) -> None:
    memory.next_to_read(["101"], 0.001)
    memory.not_read("101")

    assert memory.next_to_read(["101"], 0.001).course == "101"


def test_no_courses_are_no_turn(memory: Remembered) -> None:
    turn = memory.next_to_read([], 0.001)

    assert (turn.course, turn.left) == (None, 0)


def test_readers_at_once_share_the_courses(store: Store) -> None:
    memory = PortalMemory(store.connection)
    given: list[str | None] = []
    courses = [str(number) for number in range(40)]

    def read() -> None:
        while (turn := memory.next_to_read(courses, 0.001)).course:
            given.append(turn.course)

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()

    assert sorted(map(str, given)) == sorted(courses)


# invitations


def asks(
    memory: Remembered, owner: str = "a", *, within: float = DAY, again: bool = False
) -> object:
    return memory.inviting(ADA, "101", owner, within=within, again=again)


def test_the_first_may_invite_and_the_next_is_told_when(memory: Remembered) -> None:
    before = memory.now()

    assert asks(memory) is None
    unsettled = asks(memory, "b")
    memory.invited(ADA, "101", "a", sent=True)
    settled = asks(memory, "b")

    assert isinstance(unsettled, Invited)
    assert isinstance(settled, Invited)
    assert (unsettled.sure, settled.sure) == (False, True)
    assert before - 1 <= settled.at <= memory.now()


def test_an_invitation_is_one_persons_to_one_course(memory: Remembered) -> None:
    asks(memory)

    assert memory.inviting(BO, "101", "b", within=DAY, again=False) is None
    assert memory.inviting(ADA, "102", "b", within=DAY, again=False) is None


def test_who_has_noted_it_may_go_on_with_it(memory: Remembered) -> None:
    asks(memory)

    assert asks(memory) is None


def test_one_that_went_out_is_not_sent_by_the_same_step_again(memory: Remembered) -> None:
    asks(memory)
    memory.invited(ADA, "101", "a", sent=True)

    assert isinstance(asks(memory), Invited)


def test_one_that_certainly_did_not_go_out_is_forgotten(memory: Remembered) -> None:
    asks(memory)
    memory.invited(ADA, "101", "a", sent=False)

    assert asks(memory, "b") is None


def test_only_who_noted_it_settles_it(memory: Remembered) -> None:
    asks(memory)
    memory.invited(ADA, "101", "b", sent=False)

    assert isinstance(asks(memory, "b"), Invited)


def test_after_the_time_another_may_go_out(memory: Remembered) -> None:
    asks(memory)

    assert asks(memory, "b", within=0.0) is None


def test_a_person_may_have_it_sent_again(memory: Remembered) -> None:
    asks(memory)
    memory.invited(ADA, "101", "a", sent=True)

    assert asks(memory, "b", again=True) is None


def test_what_is_taken_back_leaves_the_one_before_standing(memory: Remembered) -> None:
    asks(memory)
    memory.invited(ADA, "101", "a", sent=True)
    asks(memory, "b", again=True)
    memory.invited(ADA, "101", "b", sent=False)

    found = asks(memory, "c")

    assert isinstance(found, Invited)
    assert found.sure


def test_a_note_is_gone_from_redis_when_it_says_nothing_any_more(store: Store) -> None:
    memory = PortalMemory(store.connection, "emea")
    asks(memory, within=3600.0)
    memory.invited(ADA, "101", "a", sent=True)

    left = store.connection.redis.pttl(f"{KEYS['invited']}emea:101:{ADA}")

    assert 3_590_000 < left <= 3_600_000


def test_of_many_at_once_one_may_invite(store: Store) -> None:
    memory = PortalMemory(store.connection)
    told: list[object] = []
    at_once = [
        threading.Thread(
            target=lambda who=who: told.append(asks(memory, f"run {who}".replace(" ", "")))
        )
        for who in range(8)
    ]

    for each in at_once:
        each.start()
    for each in at_once:
        each.join()

    assert told.count(None) == 1


# removals


def test_one_removal_from_a_course_at_a_time(memory: Remembered) -> None:
    assert memory.removing("101", "a")
    assert not memory.removing("101", "b")
    assert memory.removing("102", "b")
    assert memory.removing("101", "a")

    memory.removal_over("101", "b")
    assert not memory.removing("101", "b")
    memory.removal_over("101", "a")
    assert memory.removing("101", "b")


def test_a_worker_that_dies_in_a_removal_keeps_the_others_out_for_a_time_only(store: Store) -> None:
    PortalMemory(store.connection).removing("101", "a")

    left = store.connection.redis.pttl(f"{KEYS['removing']}default:101")

    assert 170_000 < left <= 180_000


def test_it_is_known_for_a_while_who_was_taken_out(memory: Remembered) -> None:
    start = memory.now() - 1.0
    memory.removed("101", ["7", "8"])

    assert memory.removed_since("101", start) == {"7", "8"}
    assert memory.removed_since("101", memory.now() + 5.0) == frozenset()
    assert memory.removed_since("102", start) == frozenset()


def test_two_accounts_know_nothing_of_each_other(store: Store) -> None:
    one, other = PortalMemory(store.connection), PortalMemory(store.connection, "emea")
    one.keep_courses(COURSES)
    one.was_read("101")
    asks(one)
    one.removing("101", "a")

    assert other.courses(60.0) is None
    assert other.next_to_read(["101"], 0.001).course == "101"
    assert asks(other, "b") is None
    assert other.removing("101", "b")


# who is who


@pytest.fixture(params=["in this process", "in Redis", "only news"])
def directory(request: pytest.FixtureRequest) -> Iterator[AnyDirectory]:
    if request.param == "in this process":
        yield MemoryDirectory()
        return
    connection = Connection(request.getfixturevalue("redis_url"))
    kept = Directory(connection)
    yield OnlyNews(kept) if request.param == "only news" else kept
    connection.close()


def test_many_are_learned_at_once(directory: AnyDirectory) -> None:
    people = {f"p{number}@customer.example": str(number) for number in range(2_500)}

    directory.learn_all(people)
    directory.learn_all({})

    assert directory.user_id("p2499@customer.example") == "2499"
    assert directory.email("0") == "p0@customer.example"


def test_what_is_out_of_date_is_forgotten_and_can_be_learned_again(directory: AnyDirectory) -> None:
    directory.learn(ADA, "7")
    directory.forget(ADA, "8")
    assert directory.user_id(ADA) == "7"

    directory.forget(ADA, "7")
    assert (directory.user_id(ADA), directory.email("7")) == (None, None)

    directory.learn(ADA, "7")
    assert directory.user_id(ADA) == "7"


def test_a_portal_at_another_address_is_another_portal(redis_url: str) -> None:
    with running_simulator() as tried, running_simulator() as real:
        real.add_person(BO)
        for sim in (tried, real):
            with engine_room(redis_url, sim) as room:
                room.settle(room.post(email=ADA, course=101))

        assert (tried.learners(101), real.learners(101)) == ([ADA], [ADA])
