"""Followers of the published rules: they swap whole snapshots, and refuse what they cannot read."""

import json
import threading
from collections.abc import Iterator

import pytest

from rulebook import Book, Snapshot, document_of
from tests.engine_room import a_book, eventually
from tests.rule_files import rule
from workers.rulebooks import RuleBooks, live_snapshot
from workers.store import Archive, Connection, Publication
from workers.store.keys import KEYS

QUICK = 0.01


@pytest.fixture
def connection(redis_url: str) -> Iterator[Connection]:
    connection = Connection(redis_url)
    yield connection
    connection.close()


@pytest.fixture
def publication(connection: Connection) -> Publication:
    return Publication(connection)


def publish(publication: Publication, text: str, commit: str = "") -> str:
    """Makes the rules of one file live; their version."""
    snapshot = Snapshot(tuple(a_book(text)), commit)
    publication.elect("loader", True, 60)
    live: dict[str, str | int] = {
        "document": document_of(snapshot.text),
        "version": snapshot.version,
        "rules": len(snapshot.rules),
        "files": 1,
        "folder": "/rules",
        "commit": commit,
    }
    assert publication.publish("loader", live, snapshot.text, snapshot.bodies, {}, ())
    return snapshot.version


def test_before_anything_was_published_there_are_no_rules(publication: Publication) -> None:
    books = RuleBooks(publication, "w1")
    books.follow()

    assert len(books.book) == 0
    assert live_snapshot(publication) is None
    assert [one.version for one in publication.followers()] == [""]


def test_what_is_published_is_taken_whole_and_told(publication: Publication) -> None:
    books = RuleBooks(publication, "w1")
    version = publish(publication, rule("orders"), "c" * 40)
    books.follow()

    assert (books.book.version, books.book.commit) == (version, "c" * 40)
    assert [each.id for each in books.book] == ["orders"]
    assert books.book.rule("orders").file == "rules.yaml"
    assert [(one.worker, one.version) for one in publication.followers()] == [("w1", version)]


def test_rules_that_stay_are_not_compiled_again(publication: Publication) -> None:
    books = RuleBooks(publication, "w1")
    publish(publication, rule("orders"))
    books.follow()
    kept = books.book.rule("orders")
    publish(publication, rule("orders") + rule("refunds").split("rules:\n")[1])
    books.follow()

    assert books.book.rule("orders") is kept
    assert len(books.book) == 2


def test_a_new_name_is_another_document_of_the_same_version(publication: Publication) -> None:
    books = RuleBooks(publication, "w1")
    version = publish(publication, rule("orders"))
    books.follow()
    publish(publication, rule("orders").replace("A rule", "Orders that were paid"))
    books.follow()

    found = publication.live()
    assert found is not None
    assert (found[0].version, found[0].generation) == (version, 2)
    assert books.book.rule("orders").name == "Orders that were paid"


def test_the_same_again_is_no_new_generation(publication: Publication) -> None:
    publish(publication, rule("orders"))
    publish(publication, rule("orders"))

    found = publication.live()
    assert found is not None
    assert found[0].generation == 1


@pytest.mark.parametrize(
    ("change", "why"),
    [
        pytest.param({"engine": 2}, "engine 2", id="a newer engine"),
        pytest.param({"rule": {"unheard_of": 1}}, '"unheard_of"', id="a key of rules"),
        pytest.param(
            {"rule": {"then": [{"id": "1", "action": "teleport", "with": {}}]}},
            "cannot be read",
            id="an action",
        ),
        pytest.param(
            {"rule": {"then": [{"id": "1", "action": "enrol", "with": {}, "swiftly": True}]}},
            '"swiftly"',
            id="a key of steps",
        ),
    ],
)
def test_a_rule_that_this_usher_does_not_know_is_refused_and_what_was_live_stays(
    publication: Publication, connection: Connection, change: dict[str, object], why: str
) -> None:
    books = RuleBooks(publication, "w1")
    version = publish(publication, rule("orders"))
    books.follow()
    (newer,) = a_book(rule("orders", 105))
    body = {**newer.body, **change}
    body["rule"] = {**newer.body["rule"], **body["rule"]}
    connection.redis.set(KEYS["rule"] + newer.hash, json.dumps(body))
    publish(publication, rule("orders", 105))
    for _ in range(2):
        books.follow()

    assert books.book.version == version
    (told,) = Archive(connection).rule_problems()
    assert why in told
    mended = publish(publication, rule("orders", 106))
    books.follow()
    assert books.book.version == mended
    assert Archive(connection).rule_problems() == ()


def test_a_body_that_is_lost_is_told(publication: Publication, connection: Connection) -> None:
    publish(publication, rule("orders"))
    connection.redis.delete(*connection.redis.keys(KEYS["rule"] + "*"))
    books = RuleBooks(publication, "w1")
    books.follow()
    books.follow()

    assert len(books.book) == 0
    assert "is not kept any more" in Archive(connection).rule_problems()[0]


def test_several_followers_come_to_the_same_while_rules_change(redis_url: str) -> None:
    connections = [Connection(redis_url) for _ in range(5)]
    publication = Publication(connections[0])
    followers = [
        RuleBooks(Publication(each), f"w{n}", poll=QUICK) for n, each in enumerate(connections[1:])
    ]
    torn: list[object] = []
    over = threading.Event()

    def watch(books: RuleBooks) -> None:
        while not over.is_set():
            book: Book = books.book
            courses = {step.with_["course_id"] for each in book for step in each.steps}
            if len(courses) > 1 or len(book) not in {0, 2}:
                torn.append(courses)

    watchers = [threading.Thread(target=watch, args=(books,)) for books in followers]
    for books, watcher in zip(followers, watchers, strict=True):
        books.start()
        watcher.start()
    for course in range(200, 230):
        second = rule("refunds", course).split("rules:\n")[1]
        last = publish(publication, rule("orders", course) + second)
    eventually(lambda: {books.book.version for books in followers} == {last})
    over.set()
    for books, watcher in zip(followers, watchers, strict=True):
        watcher.join()
        books.stop()
    for each in connections:
        each.close()

    assert torn == []
