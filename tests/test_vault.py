"""What workers share about Coursebox: a token that nobody can read in Redis, and who is who."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from coursebox.client import Coursebox
from coursebox.errors import CourseboxError, NotYet
from coursebox.failures import Decision, Kind
from coursebox.simulator import running_simulator
from coursebox.tokens import Token
from workers.store import Connection, Directory, SharedTokens, Store
from workers.store.keys import KEYS

SECRET = "sample key of the vault"
TOKEN = Token("a-token-to-be-kept-secret", 1_700_000_000.0, 1_209_600.0, "7")


@pytest.fixture
def connection(redis_url: str) -> Iterator[Connection]:
    connection = Connection(redis_url)
    yield connection
    connection.close()


@pytest.fixture
def tokens(connection: Connection) -> SharedTokens:
    return SharedTokens(connection, SECRET)


def test_a_token_is_read_as_it_was_put(connection: Connection, tokens: SharedTokens) -> None:
    assert tokens.get() is None

    tokens.put(TOKEN)

    assert SharedTokens(connection, SECRET).get() == TOKEN


def test_a_token_lies_in_redis_encrypted(connection: Connection, tokens: SharedTokens) -> None:
    tokens.put(TOKEN)
    once = connection.redis.get(KEYS["token"] + "default")
    tokens.put(TOKEN)

    assert TOKEN.id not in once
    assert connection.redis.get(KEYS["token"] + "default") != once


@pytest.mark.parametrize("secret", ["another key of the vault", SECRET + " "])
def test_a_token_of_another_key_counts_as_none(
    connection: Connection, tokens: SharedTokens, secret: str
) -> None:
    tokens.put(TOKEN)

    assert SharedTokens(connection, secret).get() is None


def test_what_is_no_token_counts_as_none(connection: Connection, tokens: SharedTokens) -> None:
    connection.redis.set(KEYS["token"] + "default", "not one of ours")

    assert tokens.get() is None


def test_a_token_is_dropped_only_by_its_own_id(tokens: SharedTokens) -> None:
    tokens.put(TOKEN)

    tokens.drop("an older token")
    assert tokens.get() == TOKEN

    tokens.drop(TOKEN.id)
    assert tokens.get() is None
    tokens.drop(TOKEN.id)


def test_one_worker_logs_in_at_a_time(connection: Connection, tokens: SharedTokens) -> None:
    order: list[str] = []
    inside = threading.Event()

    def second() -> None:
        with SharedTokens(connection, SECRET).login_lock():
            order.append("second")

    with tokens.login_lock():
        thread = threading.Thread(target=second)
        thread.start()
        inside.wait(0.3)  # the other one has every chance to come in
        order.append("first")
    thread.join()

    assert order == ["first", "second"]


def test_nobody_waits_long_for_the_log_in_of_another(
    connection: Connection, tokens: SharedTokens
) -> None:
    with running_simulator() as sim, tokens.login_lock():
        others = SharedTokens(connection, SECRET)
        with Coursebox(sim.url, sim.email, sim.password, tokens=others) as client:
            with pytest.raises(NotYet, match="another worker is at it") as caught:
                client.courses()

            assert caught.value.decision is Decision.WAIT
            assert sim.calls() == []


def test_a_log_in_that_fails_frees_the_lock(tokens: SharedTokens) -> None:
    with pytest.raises(ValueError, match="refused"), tokens.login_lock():
        raise ValueError("refused")

    with tokens.login_lock():
        pass


def test_a_lock_that_ran_out_meanwhile_harms_nobody(
    connection: Connection, tokens: SharedTokens
) -> None:
    with tokens.login_lock():
        connection.redis.delete(KEYS["login"] + "default")

    with tokens.login_lock():
        pass


def test_a_wrong_password_is_tried_once_however_many_workers_have_it(
    connection: Connection,
) -> None:
    with running_simulator() as sim:
        together = threading.Barrier(6)

        def work(password: str) -> Kind | None:
            tokens = SharedTokens(connection, SECRET)
            with Coursebox(sim.url, sim.email, password, tokens=tokens) as client:
                together.wait()
                try:
                    client.courses()
                except CourseboxError as error:
                    return error.kind
            return None

        with ThreadPoolExecutor(6) as workers:
            kinds = list(workers.map(work, ["wrong"] * 6))
        assert kinds == [Kind.LOGIN_FAILED] * 6
        assert [call["call"] for call in sim.calls()] == ["login"]
        together.reset()

        # one that has the right password is not kept out
        with ThreadPoolExecutor(6) as workers:
            assert None in list(workers.map(work, ["wrong"] * 5 + [sim.password]))


def test_a_refused_log_in_is_remembered_for_seconds_and_only_as_a_mark(
    connection: Connection, tokens: SharedTokens
) -> None:
    tokens.refused("the log-in", "it was refused")

    assert tokens.refusal("the log-in") == "it was refused"
    assert tokens.refusal("another log-in") is None
    key = KEYS["login_refused"] + "default"
    assert "the log-in" not in connection.redis.get(key)
    assert 0 < connection.redis.pttl(key) <= 5000


@pytest.mark.parametrize(
    ("account", "released", "known"),
    [
        ("default", "coursebox", False),
        ("emea", "coursebox:emea", False),
        ("emea", "coursebox", True),
        ("default", "coursebox/unenrol", True),
    ],
)
def test_whoever_releases_a_portal_has_its_log_in_made_again(
    connection: Connection, account: str, released: str, known: bool
) -> None:
    tokens = SharedTokens(connection, SECRET, account)
    tokens.refused("the log-in", "it was refused")

    Store(connection).release(released)

    assert (tokens.refusal("the log-in") is not None) is known


def test_the_directory_knows_both_ways(connection: Connection) -> None:
    directory = Directory(connection)
    assert (directory.user_id("ada@customer.example"), directory.email("7")) == (None, None)

    directory.learn("ada@customer.example", "7")

    assert directory.user_id("ada@customer.example") == "7"
    assert directory.email("7") == "ada@customer.example"
