"""Puts a worker process together: every part gets what it needs here, and nowhere else."""

import os
import random
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import Final

import structlog
from ulid import ULID

from coursebox.client import Coursebox
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
from workers.portals import DEFAULT, Portal
from workers.pulse import Pulse
from workers.redis_server import serving_redis
from workers.rulebooks import RuleBooks
from workers.ruleloader import RuleLoader
from workers.running import Runner
from workers.secret_key import secret_key
from workers.settings import Settings, SettingsError
from workers.sources_file import load_names, load_sources, vocabulary
from workers.store import Connection, Directory, Publication, SharedTokens, Store
from workers.store.proofs import Proofs

# what is read where a source is no longer in sources.yaml: its body stays as it came
UNKNOWN_PRESET: Final = "hmac"

log = structlog.get_logger("worker")


def run_worker(settings: Settings) -> None:
    """Works until SIGTERM or SIGINT. Raises SettingsError, SourcesError, LookUpsError or
    RedisServerError when it cannot begin; a Redis that is away is waited for."""
    sources = load_sources(settings)
    names = load_names(settings.sources_file)
    told = load_callback_shapes(settings)
    known = vocabulary(names, load_shapes(settings), callbacks=told)
    with ExitStack() as stack:
        connection = Connection(stack.enter_context(serving_redis(settings)))
        stack.callback(connection.close)
        store = Store(connection)
        client = stack.enter_context(_coursebox(settings, connection))
        lookups = stack.enter_context(open_lookups(settings, client))
        if lookups.problems():
            log.info("look-ups that cannot be used", reasons=dict(lookups.problems()))
        callbacks = stack.enter_context(open_callbacks(settings))
        if callbacks.problems():
            log.info("callbacks that cannot be used", reasons=dict(callbacks.problems()))
        name = f"{socket.gethostname()}-{os.getpid()}-{str(ULID())[-6:].lower()}"
        _work(settings, sources, known, connection, store, client, lookups, callbacks, name)


def _work(
    settings: Settings,
    sources: Sources,
    known: Vocabulary,
    connection: Connection,
    store: Store,
    client: Coursebox,
    lookups: LookUps,
    callbacks: Callbacks,
    name: str,
) -> None:
    stopping = threading.Event()
    doorbell = jobs.Doorbell(connection)
    pulse = Pulse(store, name, doorbell.ring)
    publication = Publication(connection)
    rules = RuleBooks(publication, name)
    loader = RuleLoader(settings.rules_dir, known, publication, name, published=rules.follow)
    on_hangup(loader.look_now)
    portals = {DEFAULT: Portal(DEFAULT, client, OnlyNews(Directory(connection)))}
    preset = preset_of(sources)
    jitter = random.SystemRandom().random
    runner = Runner(
        store,
        actors_of(store, connection, portals, callbacks),
        preset,
        settings.retry_schedule,
        stopping.is_set,
        jitter,
        look_ups=lookups,
    )
    engine = Engine(
        store,
        Dispatcher(store, lambda: rules.book, preset),
        runner,
        pulse,
        doorbell.ring,
        settings.retry_schedule,
        jitter,
        stopping,
    )
    jobs.work(store, engine, name, connection, beside=(pulse, loader, rules))
    log.info("worker stopped", worker=name)


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


def _coursebox(settings: Settings, connection: Connection) -> Coursebox:
    url, email, password = (
        settings.coursebox_url,
        settings.coursebox_email,
        settings.coursebox_password,
    )
    if url is None or email is None or password is None:
        raise SettingsError(
            [
                "COURSEBOX_URL, COURSEBOX_EMAIL and COURSEBOX_PASSWORD must be set for a worker; "
                "to try Usher without a portal, start `usher up` or `usher simulator`"
            ]
        )
    tokens = SharedTokens(connection, secret_key(settings))
    return Coursebox(url, email, password.get_secret_value(), tokens=tokens)
