"""The web application over a real store, called without a server in between."""

from typing import Final

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from senders.delivery import Delivery
from senders.sources import Sources
from webhooks.app import create_app
from workers.jobs import Doorbell
from workers.settings import Settings
from workers.store import Store

LONGEST: Final = 100_000


def client_of(store: Store, sources: Sources, **more: str) -> FlaskClient:
    """A client of an application that takes bodies of up to LONGEST bytes."""
    return application(store, sources, **more).test_client()


def application(store: Store, sources: Sources, **more: str) -> Flask:
    """The application, which takes bodies of up to LONGEST bytes."""
    variables = {"MAX_BODY_BYTES": str(LONGEST), "SECRET_KEY": "sample key of the receiver"}
    told = Settings.model_validate(variables | more)
    return create_app(told, sources, store, Doorbell(store.connection))


def post(client: FlaskClient, delivery: Delivery) -> TestResponse:
    """The answer to the delivery as it is."""
    return client.open(
        delivery.target,
        method=delivery.method,
        headers=list(delivery.headers),
        data=delivery.body,
    )


def keys(store: Store) -> set[str]:
    """Every key in Redis."""
    return set(store.connection.redis.keys("*"))
