"""A portal that repeats what it was told: in front of the simulator, it answers as worst as it can.

Everything goes through to the simulator, and every secret on the way is kept for the test to know:
the passwords that were sent, the tokens that were given out. A learner whose address begins with
the name of an echo gets that echo instead of the simulator's answer to `createAccount`.
"""

import base64
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import quote

from coursebox.simulator import RunningSimulator

JSON: Final = "application/json"
Echo = tuple[int, str, str]  # status, content type, text
LOGIN: Final = "/auth/login"
CREATE: Final = "/api/wineusers/createAccount"


@dataclass(frozen=True, slots=True)
class Told:
    """A request: its body and token, and the password that is in it."""

    text: str
    token: str

    @property
    def password(self) -> str:
        return password_in(json.loads(self.text))


def password_in(value: object) -> str:
    """The first password in a JSON value, "" if there is none."""
    if not isinstance(value, dict):
        return ""
    if isinstance(value.get("password"), str):
        return str(value["password"])
    return next(filter(None, map(password_in, value.values())), "")


def _error(status: int, **error: Any) -> Echo:
    return status, JSON, json.dumps({"error": {"statusCode": status, **error}})


ECHOES: Final[Mapping[str, Callable[[Told], Echo]]] = {
    # LoopBack 2 repeats a body that it cannot read, and a password that is too long
    "raw": lambda told: _error(400, message=f"cannot parse {told.text}", body=told.text),
    "long": lambda told: _error(
        422,
        name="PasswordTooLong",
        code="PASSWORD_TOO_LONG",
        message=f"The password entered was too long: {told.password}",
        details={"value": told.password, "user": json.loads(told.text)},
    ),
    "start": lambda told: _error(400, message=f"no: {told.password[:14]}"),
    "end": lambda told: _error(400, message=f"no: …{told.password[-14:]} is weak"),
    "key": lambda told: _error(400, message="no", details={told.password: 1, told.token: 2}),
    "escaped": lambda told: _error(400, message=json.dumps(json.dumps(told.text))),
    "quoted": lambda told: _error(400, message=quote(told.text) + quote(told.token)),
    "base": lambda told: _error(400, message=base64.b64encode(told.password.encode()).decode()),
    "header": lambda told: _error(403, message=f"X-Access-Token: {told.token} may not"),
    "fault": lambda told: _error(500, message=told.text, stack=f"at {told.token}\n at login"),
    "html": lambda told: (502, "text/html", f"<pre>{told.text}\n{told.token}</pre>"),
    "cut": lambda told: (200, JSON, told.text[:-9]),
    "plain": lambda told: (200, "text/plain", f"{told.text} {told.token}"),
    "good": lambda told: (200, JSON, told.text),
    "inside": lambda told: (200, JSON, json.dumps({"note": told.text, "seen": told.token})),
}


@dataclass(slots=True)
class Mirror:
    """The portal's address, and the secrets that have passed through it. With `log_in` an answer
    to log-ins is made up by it."""

    sim: RunningSimulator
    url: str = ""
    passwords: set[str] = field(default_factory=set)
    tokens: set[str] = field(default_factory=set)
    echoed: set[str] = field(default_factory=set)
    log_in: Callable[[Told], Echo] | None = None

    def answer(self, method: str, path: str, headers: Mapping[str, str], text: str) -> Echo | None:
        told = Told(text, headers.get("X-Access-Token", ""))
        if text and told.password:
            self.passwords.add(told.password)
        if path == LOGIN and self.log_in:
            return self.log_in(told)
        name = _learner(text).partition("-")[0]
        if path == CREATE and name in ECHOES:
            self.echoed.add(name)
            return ECHOES[name](told)
        return self.through(method, path, headers, text)

    def through(self, method: str, path: str, headers: Mapping[str, str], text: str) -> Echo | None:
        """The simulator's own answer; None where it gives none."""
        line = HTTPConnection("127.0.0.1", int(self.sim.url.rpartition(":")[2]), timeout=20)
        try:
            line.request(method, path, text.encode() or None, dict(headers))
            given = line.getresponse()
            answer = given.status, given.headers.get("Content-Type", ""), given.read().decode()
        except ConnectionError:
            return None
        finally:
            line.close()
        if path == LOGIN and answer[0] == 200:
            self.tokens.add(json.loads(answer[2])["token"]["id"])
        return answer


def _learner(text: str) -> str:
    user = json.loads(text).get("data", {}).get("user", {}) if text else {}
    return str(user.get("email", ""))


@contextmanager
def mirror(sim: RunningSimulator) -> Iterator[Mirror]:
    """A mirror that listens on a free port of this machine."""
    portal = Mirror(sim)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def serve(self) -> None:
            text = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            kept = ("X-Access-Token", "Content-Type", "Accept")
            headers = {name: self.headers[name] for name in kept if name in self.headers}
            answer = portal.answer(self.command, self.path, headers, text)
            self.close_connection = answer is None
            if answer is not None:
                self.respond(*answer)

        def respond(self, status: int, content_type: str, text: str) -> None:
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            if status != 204:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_DELETE = serve

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    portal.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield portal
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
