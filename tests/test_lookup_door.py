"""The door to other systems: where it goes, where it never goes, and that every wait ends."""

import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import SHUT_RDWR, create_server, socket

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.crm_server import HERE, Crm, Reply, crm
from workers.lookups.address import Address
from workers.lookups.door import LARGEST, Door, NoAnswer
from workers.lookups.failures import Kind
from workers.lookups.reach import refusal

LONG = 20.0


@pytest.fixture
def server() -> Iterator[Crm]:
    with crm() as known:
        known.replies["/"] = {"fine": True}
        yield known


def ask(door: Door, url: str, *, private: bool = True, within: float = LONG) -> bytes:
    until = time.monotonic() + within
    return door.get(Address.parse(url), {}, until, private=private).body


def leads_to(*addresses: str) -> Callable[[str, int], Sequence[str]]:
    return lambda host, port: addresses


def kind_of(door: Door, url: str, *, private: bool = False, within: float = LONG) -> Kind:
    with pytest.raises(NoAnswer) as failed:
        ask(door, url, private=private, within=within)
    return failed.value.kind


# -- where it goes ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.8.8.8", "::1", "0.0.0.0", "::"),  # noqa: S104
        *("10.0.0.7", "172.16.0.1", "192.168.1.1", "100.64.0.1", "fd00::1", "192.0.2.1"),
        *("169.254.169.254", "fe80::1", "fe80::1%eth0", "fd00:ec2::254", "100.100.100.200"),
        *("168.63.129.16", "224.0.0.1", "255.255.255.255", "ff02::1"),
        *("192.0.0.192", "::ffff:192.0.0.192", "192.0.0.8", "fec0::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.7", "::ffff:169.254.169.254", "::127.0.0.1"),
        *("64:ff9b::a00:7", "64:ff9b::a9fe:a9fe", "2002:a00:7::", "not an address"),
    ],
)
def test_an_address_inside_is_refused(address: str) -> None:
    assert refusal(address, private=False) != ""


@pytest.mark.parametrize(
    "address", ["104.18.0.1", "2606:4700::1111", "::ffff:104.18.0.1", "64:ff9b::6812:1"]
)
def test_an_address_of_the_internet_is_called(address: str) -> None:
    assert refusal(address, private=False) == ""


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "10.0.0.7", "fd00::1", "::ffff:10.0.0.7"])
def test_a_host_that_is_named_may_be_private(address: str) -> None:
    assert refusal(address, private=True) == ""


@pytest.mark.parametrize(
    "address",
    [
        *("169.254.169.254", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "fd00:ec2::254"),
        *("168.63.129.16", "100.100.100.200", "fe80::1", "0.0.0.0", "224.0.0.1"),  # noqa: S104
        "192.0.0.192",
    ],
)
def test_metadata_of_a_cloud_is_refused_whoever_is_named(address: str) -> None:
    assert refusal(address, private=True) != ""


def test_a_name_that_leads_inside_is_not_called(server: Crm) -> None:
    with Door(leads_to(HERE)) as door:
        assert kind_of(door, f"http://crm.example:{server.port}/") is Kind.NOT_ALLOWED

    assert server.asked == []


def test_an_address_written_as_such_is_checked_as_well(server: Crm) -> None:
    with Door() as door:
        assert kind_of(door, f"{server.url}/") is Kind.NOT_ALLOWED
        assert kind_of(door, f"http://[::ffff:127.0.0.1]:{server.port}/") is Kind.NOT_ALLOWED
        assert kind_of(door, f"http://2130706433:{server.port}/") is Kind.NOT_ALLOWED

    assert server.asked == []


def test_a_name_with_one_address_inside_is_refused_whole(server: Crm) -> None:
    with Door(leads_to("104.18.0.1", HERE)) as door:
        assert kind_of(door, f"http://crm.example:{server.port}/") is Kind.NOT_ALLOWED


def test_the_connection_goes_to_the_address_that_was_checked(server: Crm) -> None:
    # a name service that gives another answer the second time would lead inside
    answers = iter([[HERE], ["169.254.169.254"]])
    asked = []

    def rebinding(host: str, port: int) -> Sequence[str]:
        asked.append((host, port))
        return next(answers)

    with Door(rebinding) as door:
        assert ask(door, f"http://crm.example:{server.port}/") == b'{"fine": true}'

    assert asked == [("crm.example", server.port)]
    assert server.headers[0]["host"] == f"crm.example:{server.port}"


def test_a_new_connection_is_checked_anew(server: Crm) -> None:
    server.replies["/"] = Reply({"fine": True}, headers={"Connection": "close"})
    answers = iter([[HERE], ["169.254.169.254"]])

    with Door(lambda host, port: next(answers)) as door:
        ask(door, f"http://crm.example:{server.port}/")
        second = kind_of(door, f"http://crm.example:{server.port}/", private=True)

    assert second is Kind.NOT_ALLOWED
    assert len(server.asked) == 1


def test_a_connection_that_one_look_up_may_have_serves_no_other(server: Crm) -> None:
    with Door(leads_to(HERE)) as door:
        ask(door, f"http://crm.example:{server.port}/", private=True)
        second = kind_of(door, f"http://crm.example:{server.port}/", private=False)

    assert second is Kind.NOT_ALLOWED
    assert len(server.asked) == 1


def test_connections_stay_warm(server: Crm) -> None:
    with Door() as door:
        for _ in range(3):
            ask(door, f"{server.url}/")

    assert len(server.connections) == 1


def test_the_next_address_is_tried_where_one_does_not_answer(server: Crm) -> None:
    with Door(leads_to("127.0.0.2", HERE)) as door:
        assert ask(door, f"http://crm.example:{server.port}/") == b'{"fine": true}'


def test_a_name_that_is_not_known_is_said(server: Crm) -> None:
    def unknown(host: str, port: int) -> Sequence[str]:
        raise OSError("no such name")

    with Door(unknown) as door:
        assert kind_of(door, "https://crm.example/") is Kind.UNREACHABLE


# -- TLS -------------------------------------------------------------------------------------------


@contextmanager
def tls_server(folder: Path, name: str) -> Iterator[tuple[int, ssl.SSLContext, list[str | None]]]:
    """A server that proves that name: its port, whom to trust, and which names it was asked for."""
    certificate = folder / "certificate.pem"
    certificate.write_bytes(self_signed(name))
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(certificate)
    asked: list[str | None] = []
    serving.sni_callback = lambda _, wanted, __: asked.append(wanted)
    listener = create_server((HERE, 0))
    thread = threading.Thread(target=answer_all, args=(listener, serving))
    thread.start()
    try:
        trust = ssl.create_default_context(cafile=str(certificate))
        yield listener.getsockname()[1], trust, asked
    finally:
        listener.shutdown(SHUT_RDWR)
        listener.close()
        thread.join()


def answer_all(listener: socket, serving: ssl.SSLContext) -> None:
    reply = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
    while True:
        try:
            connection = listener.accept()[0]
        except OSError:
            return
        try:
            with serving.wrap_socket(connection, server_side=True) as secure:
                secure.recv(10_000)
                secure.sendall(reply)
        except OSError:
            connection.close()


def self_signed(name: str) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return private + made.public_bytes(serialization.Encoding.PEM)


def test_tls_proves_the_name_although_the_connection_goes_to_an_address(tmp_path: Path) -> None:
    with (
        tls_server(tmp_path, "crm.example") as (port, trust, asked),
        Door(leads_to(HERE), trust) as door,
    ):
        assert ask(door, f"https://crm.example:{port}/") == b"{}"

    assert asked == ["crm.example"]


def test_another_name_than_the_one_called_is_not_believed(tmp_path: Path) -> None:
    with (
        tls_server(tmp_path, "other.example") as (port, trust, _),
        Door(leads_to(HERE), trust) as door,
    ):
        assert kind_of(door, f"https://crm.example:{port}/", private=True) is Kind.UNREACHABLE


# -- every wait ends -------------------------------------------------------------------------------


def test_an_answer_that_does_not_come_is_a_time_out(server: Crm) -> None:
    never = threading.Event()
    server.replies["/"] = Reply({}, pause=never)

    with Door() as door:
        found = kind_of(door, f"{server.url}/", private=True, within=0.2)
    never.set()

    assert found is Kind.TIMED_OUT


def test_an_answer_that_drips_is_a_time_out() -> None:
    listener = create_server((HERE, 0))
    done = threading.Event()

    def drip() -> None:
        connection = listener.accept()[0]
        with connection:
            connection.sendall(b"HTTP/1.1 200 OK\r\n")
            while not done.wait(0.02):
                try:
                    connection.sendall(b"X-More: x\r\n")
                except OSError:
                    return

    thread = threading.Thread(target=drip)
    thread.start()
    with Door() as door:
        port = listener.getsockname()[1]
        found = kind_of(door, f"http://{HERE}:{port}/", private=True, within=0.3)
    done.set()
    thread.join()
    listener.close()

    assert found is Kind.TIMED_OUT


def test_a_name_service_that_does_not_answer_is_a_time_out() -> None:
    never = threading.Event()

    def silent(host: str, port: int) -> Sequence[str]:
        never.wait(10)
        return [HERE]

    with Door(silent) as door:
        found = kind_of(door, "https://crm.example/", within=0.2)
    never.set()

    assert found is Kind.TIMED_OUT


def test_a_call_that_begins_too_late_sends_nothing(server: Crm) -> None:
    with Door() as door:
        assert kind_of(door, f"{server.url}/", private=True, within=0) is Kind.TIMED_OUT

    assert server.asked == []


def test_an_answer_may_have_a_megabyte_and_not_more(server: Crm) -> None:
    server.replies = {"/most": Reply(b"x" * LARGEST), "/more": Reply(b"x" * (LARGEST + 1))}

    with Door() as door:
        assert len(ask(door, f"{server.url}/most")) == LARGEST
        assert kind_of(door, f"{server.url}/more", private=True) is Kind.TOO_LARGE
        assert ask(door, f"{server.url}/most")


def test_an_answer_that_is_cut_off_is_no_answer(server: Crm) -> None:
    server.replies["/"] = Reply({"fine": True}, cut=True)

    with Door() as door:
        assert kind_of(door, f"{server.url}/", private=True) is Kind.LOST


def test_what_is_compressed_unasked_is_not_unfolded(server: Crm) -> None:
    server.replies["/"] = Reply(b"\x1f\x8b", headers={"Content-Encoding": "gzip"})

    with Door() as door:
        assert kind_of(door, f"{server.url}/", private=True) is Kind.UNREADABLE

    assert server.headers[0]["accept-encoding"] == "identity"


# -- addresses -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        *("ftp://crm.example/", "file:///etc/passwd", "//crm.example/", "/deals", ""),
        *("https://user:word@crm.example/", "https://", "https://crm.example:99999/"),
        *("https://crm.example/\r\nX-Evil: 1", "https://crm.example/a b", "https://crm.example/ä"),
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        Address.parse(text)

    assert str(refused.value)


@pytest.mark.parametrize(
    ("text", "authority", "target"),
    [
        ("https://CRM.example", "crm.example", "/"),
        ("https://crm.example:443/a?b=c#d", "crm.example", "/a?b=c"),
        ("http://[::1]:8080/a", "[::1]:8080", "/a"),
    ],
    ids=["no path", "usual port, and a fragment", "IPv6"],
)
def test_an_address_is_told_as_it_is_called(text: str, authority: str, target: str) -> None:
    address = Address.parse(text)

    assert (address.authority, address.target) == (authority, target)
