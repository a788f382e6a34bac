"""The web application: the receiver, health and metrics, put together."""

from flask import Flask

from senders.sources import Sources
from webhooks.address import public_address
from webhooks.answers import answer_error
from webhooks.health import Health
from webhooks.metrics import Metrics
from webhooks.receiver import Receiver
from webhooks.rejections import Rejections
from workers.jobs import Doorbell
from workers.logs import configure_logs
from workers.redis_server import redis_url
from workers.secret_key import secret_key
from workers.settings import Settings, load_settings
from workers.sources_file import load_sources
from workers.store import Archive, Connection, Rejected, Store

# Senders give up after 3 to 5 s, and a command is tried twice: better 503 in time than an answer
# nobody waits for.
REDIS_TIMEOUT = 1.0


def create_app(settings: Settings, sources: Sources, store: Store, doorbell: Doorbell) -> Flask:
    """The application over the given parts. Raises SettingsError where there is no secret key."""
    app = Flask("webhooks", static_folder=None)
    # a sender must not be redirected: what it signed is the address it called
    app.url_map.merge_slashes = False
    rejections = Rejections(Rejected(store.connection, secret_key(settings)))
    receiver = Receiver(
        sources,
        store,
        doorbell,
        settings.max_body_bytes,
        public_address(settings),
        rejections,
    )
    app.register_blueprint(receiver.blueprint())
    archive = Archive(store.connection)
    app.register_blueprint(Health(sources, archive, store).blueprint())
    app.register_blueprint(Metrics(sources, archive, store).blueprint())
    app.register_error_handler(Exception, answer_error)
    return app


def wsgi() -> Flask:
    """The application of the settings in force, for a WSGI server: `webhooks.app:wsgi()`."""
    settings = load_settings()
    configure_logs(settings.log_format, settings.log_level)
    connection = Connection(redis_url(settings), timeout=REDIS_TIMEOUT)
    return create_app(settings, load_sources(settings), Store(connection), Doorbell(connection))
