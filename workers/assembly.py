"""Puts a worker process together: every part gets what it needs here, and nowhere else."""

import os
import random
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final

import structlog
from ulid import ULID

from coursebox.directory import OnlyNews
from rulebook import Vocabulary
from rulebook.actions import CALLBACK
from senders.sources import Sources
from workers import jobs
from workers.acting import Actors
from workers.callbacks import CallbackActions, Callbacks
from workers.callbacks_file import load_callback_shapes, open_callbacks
from workers.dispatching import Dispatcher
from workers.engine import Engine
from workers.hangup import on_hangup
from workers.lookups import LookUps
from workers.lookups_file import load_shapes, open_lookups
from workers.portal_actions import PortalActions
from workers.portal_settings import (
    NO_PORTAL,
    PortalSettings,
    known_policies,
    portal_settings,
)
from workers.portals import Portal, destination, known_as
from workers.prober import Prober
from workers.pulse import Pulse
from workers.redis_server import serving_redis
from workers.rulebooks import RuleBooks
from workers.ruleloader import RuleLoader
from workers.running import Runner
from workers.secret_key import secret_key
from workers.settings import Settings, SettingsError
from workers.sources_file import load_names, load_sources, vocabulary
from workers.store import Connection, Directory, Publication, SharedTokens, Store
from workers.store.gate import Limits, Probing, SharedGate
from workers.store.proofs import Proofs

# what is read where a source is no longer in sources.yaml: its body stays as it came
UNKNOWN_PRESET: Final = "hmac"

log = structlog.get_logger("worker")


def run_worker(settings: Settings) -> None:
    """Works until SIGTERM or SIGINT. Raises SettingsError, SourcesError, LookUpsError or
    RedisServerError when it cannot begin; a Redis that is away is waited for."""
    if not portal_settings(settings):
        raise SettingsError([NO_PORTAL])
    sources, known = load_sources(settings), _known(settings)
    stopping = threading.Event()
    with _opened(settings, stopping.is_set) as doors:
        name = f"{socket.gethostname()}-{os.getpid()}-{str(ULID())[-6:].lower()}"
        _work(settings, sources, known, doors, name, stopping)


@dataclass(frozen=True, slots=True)
class _Doors:
    """What a worker reaches the world through."""

    connection: Connection
    portals: Mapping[str, Portal]
    lookups: LookUps
    callbacks: Callbacks


def _known(settings: Settings) -> Vocabulary:
    return vocabulary(
        load_names(settings.sources_file),
        load_shapes(settings),
        known_policies(settings),
        callbacks=load_callback_shapes(settings),
    )


@contextmanager
def _opened(settings: Settings, stopping: Callable[[], bool]) -> Iterator[_Doors]:
    with ExitStack() as stack:
        connection = Connection(stack.enter_context(serving_redis(settings)))
        stack.callback(connection.close)
        told, secret = portal_settings(settings), secret_key(settings)
        opening = partial(open_portal, spare=len(told) > 1)
        portals = {
            name: stack.enter_context(opening(name, one, connection, secret, stopping))
            for name, one in told.items()
        }
        clients = {name: portal.client for name, portal in portals.items()}
        lookups = stack.enter_context(open_lookups(settings, clients))
        if lookups.problems():
            log.info("look-ups that cannot be used", reasons=dict(lookups.problems()))
        callbacks = stack.enter_context(open_callbacks(settings))
        if callbacks.problems():
            log.info("callbacks that cannot be used", reasons=dict(callbacks.problems()))
        yield _Doors(connection, portals, lookups, callbacks)


@contextmanager
def open_portal(
    name: str,
    told: PortalSettings,
    connection: Connection,
    secret: str,
    stopping: Callable[[], bool],
    *,
    spare: bool = False,
) -> Iterator[Portal]:
    """One account as a worker uses it: all that workers share of it goes by its name. `spare`:
    there are others, and it must not take up all workers."""
    tokens = SharedTokens(connection, secret, name)
    limits = Limits.of(told.policy.rate, told.policy.concurrency, spare=spare)
    gate = SharedGate(connection, destination(name), limits, stopping=stopping)
    with told.client(tokens, gate) as client:
        directory = OnlyNews(Directory(connection, known_as(name, client.address)))
        yield Portal(name, client, directory, told.policy, stopping)


def _work(
    settings: Settings,
    sources: Sources,
    known: Vocabulary,
    doors: _Doors,
    name: str,
    stopping: threading.Event,
) -> None:
    store = Store(doors.connection)
    doorbell = jobs.Doorbell(doors.connection)
    pulse = Pulse(store, name, doorbell.ring)
    publication = Publication(doors.connection)
    rules = RuleBooks(publication, name)
    loader = RuleLoader(settings.rules_dir, known, publication, name, published=rules.follow)
    on_hangup(loader.look_now)
    preset, jitter = preset_of(sources), random.SystemRandom().random
    engine = Engine(
        store,
        Dispatcher(store, lambda: rules.book, preset),
        _runner(settings, doors, preset, stopping.is_set, jitter),
        pulse,
        doorbell.ring,
        settings.retry_schedule,
        jitter,
        stopping,
    )
    prober = Prober(store, Probing(doors.connection), doors.portals)
    jobs.work(store, engine, name, doors.connection, beside=(pulse, loader, rules, prober))
    log.info("worker stopped", worker=name)


def _runner(
    settings: Settings,
    doors: _Doors,
    preset: Callable[[str], str],
    stopping: Callable[[], bool],
    jitter: Callable[[], float],
) -> Runner:
    store = Store(doors.connection)
    return Runner(
        store,
        actors_of(store, doors.connection, doors.portals, doors.callbacks),
        preset,
        settings.retry_schedule,
        stopping,
        jitter,
        look_ups=doors.lookups,
    )


def preset_of(sources: Sources) -> Callable[[str], str]:
    """The preset by which a source's events are read."""
    return lambda source: sources.preset_of(source) or UNKNOWN_PRESET


def actors_of(
    store: Store, connection: Connection, portals: Mapping[str, Portal], callbacks: Callbacks
) -> Actors:
    """Who carries out which action."""
    in_portals = PortalActions(store, Proofs(connection), portals)
    telling = CallbackActions(store, callbacks)
    return lambda action: telling if action == CALLBACK else in_portals
