"""How a command reaches a portal: the account's log-in, the client, and the words of a failure."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, TypeVar

import click

from coursebox.address import check_address
from coursebox.client import Coursebox
from coursebox.errors import CourseboxError, Kind
from coursebox.findings import cause
from coursebox.gate import Gate, MemoryGate
from coursebox.policy import Policy
from coursebox.tokens import MemoryTokens
from usher.failing import COULD_NOT_RUN, FOUND_WRONG, Failed
from usher.progress import waiting
from workers.account_variables import NEEDED, variable_of
from workers.portal_settings import PortalSettings, one_portal, portal_settings
from workers.portals import DEFAULT, destination
from workers.redis_server import embedded_url, socket_path
from workers.settings import Settings, load_settings
from workers.store import Connection, Store, StoreUnavailable
from workers.store.gate import Limits, SharedGate

T = TypeVar("T")
Client = TypeVar("Client", bound=Coursebox)

# the longest wait for an answer of Redis (seconds): without it the command goes on
PATIENCE: Final = 2.0
# what an answer says of the id that was given; all else says that the portal cannot be asked
ABOUT_THE_ID: Final = frozenset({Kind.NO_SUCH_RECORD, Kind.INVALID_REQUEST, Kind.NOT_VALID})
ALL_COURSES: Final = "`usher coursebox courses` lists the courses with their ids."
ABOUT_THE_ADDRESS: Final = frozenset({Kind.LOGIN_UNREADABLE, Kind.REDIRECTED, Kind.WRONG_ROUTE})

account_option = click.option(
    "--account",
    default=DEFAULT,
    metavar="NAME",
    help="Which Coursebox account; without it that of COURSEBOX_URL.",
)


@dataclass(frozen=True, slots=True)
class Access:
    """What Usher logs in to a portal with, and what is set about it."""

    settings: Settings
    account: str
    portal: PortalSettings

    @property
    def address(self) -> str:
        """The portal's origin, as proofs know it."""
        return check_address(self.portal.url)

    @property
    def policy(self) -> Policy:
        return self.portal.policy

    def variable(self, own: str) -> str:
        """What COURSEBOX_RATE and its like are called for this account."""
        return variable_of(self.account, own)

    @contextmanager
    def client(self, kind: type[Client]) -> Iterator[Client]:
        """A client with a token of its own: so it works where no Redis runs."""
        with (
            _gate(self) as gate,
            kind(
                self.portal.url,
                self.portal.email,
                self.portal.password.get_secret_value(),
                tokens=MemoryTokens(),
                id_type=self.policy.id_type,
                gate=gate,
            ) as client,
        ):
            yield client


def access(account: str) -> Access:
    """What the settings say of an account. Raises Failed where its log-in is not set."""
    settings = load_settings()
    found = portal_settings(settings).get(account)
    if found is None and account == DEFAULT:
        missing = [name for name in NEEDED if getattr(settings, name.lower()) is None]
        raise Failed(
            f"Not set: {', '.join(missing)}.",
            "Set what Usher logs in to Coursebox with, in the environment or in .env;\n"
            "`usher simulator` is a Coursebox to try this on.",
        )
    return Access(settings, account, found or one_portal(settings, account))


def asked(account: str, get: Callable[[Coursebox], T], ids: str = "") -> T:
    """What the portal answers; `ids` says where ids of that kind are to be found. Raises Failed."""
    with reaching(account, ids) as client, waiting(f"Asking {client.address}"):
        return get(client)


@contextmanager
def reaching(account: str, ids: str = "") -> Iterator[Coursebox]:
    """The client of an account; failures of its calls become Failed."""
    to = access(account)
    with in_words(to, ids), to.client(Coursebox) as client:
        yield client


@contextmanager
def in_words(to: Access, ids: str = "") -> Iterator[None]:
    """Makes Failed of a failed call: what happened, and what to do about it."""
    try:
        yield
    except CourseboxError as error:
        known = error.kind in ABOUT_THE_ID or error.kind is Kind.PERMISSION_DENIED
        code = FOUND_WRONG if known else COULD_NOT_RUN
        raise Failed(cause(error), _cure(error.kind, to, ids), code) from error


@contextmanager
def _gate(to: Access) -> Iterator[Gate]:
    """The one that the workers pass as well, where their Redis answers; else one of our own."""
    connection = _answering(to.settings)
    if connection is None:
        yield MemoryGate(to.policy.rate, to.policy.concurrency)
        return
    try:
        limits = Limits(to.policy.rate, to.policy.concurrency)
        yield SharedGate(connection, destination(to.account), limits)
    finally:
        connection.close()


def _answering(settings: Settings) -> Connection | None:
    url = settings.redis_url
    if url is None and socket_path(settings.data_dir).exists():
        url = embedded_url(settings.data_dir)
    if url is None:
        return None
    connection = Connection(url, timeout=PATIENCE)
    try:
        Store(connection).holds()
    except StoreUnavailable:
        connection.close()
        return None
    return connection


def _cure(kind: Kind, to: Access, ids: str) -> str:
    if kind in ABOUT_THE_ID:
        return ids
    url, variable = to.portal.url, to.variable("COURSEBOX_URL")
    if kind in ABOUT_THE_ADDRESS:
        return (
            f"Is {variable} ({url}) the address of your own portal, and is the API part of your "
            "plan?"
        )
    match kind:
        case Kind.PERMISSION_DENIED:
            return "The user that Usher logs in with must be an administrator of that course."
        case Kind.LOGIN_FAILED:
            return (
                f"Correct {to.variable('COURSEBOX_EMAIL')} and {to.variable('COURSEBOX_PASSWORD')} "
                "before the next try: many refused log-ins could lock the account."
            )
        case Kind.INVALID_ARGUMENT:
            return ""
        case Kind.UNEXPECTED:
            return "Report it; `usher lookups try` with --json shows the answer."
        case _:
            return f"Try again later. Asked was {url} ({variable})."
