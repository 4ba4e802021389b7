"""Real mail servers on this machine: one that behaves as told, and one that never answers."""

import asyncio
import contextlib
import socket
import subprocess
import threading
from email import message_from_bytes, policy

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from tests.needs import missing
from tests.server import DEADLINE_SECONDS as DEADLINE
from tests.server import free_port

__all__ = ["DEADLINE", "MailServer", "SilentServer", "free_port", "make_certificate", "password_is"]


class _Listener(Controller):
    """Knows its conversations, to end them: a socket that stays open is told of in whichever test comes next."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.conversations = []

    def factory(self):
        self.conversations.append(super().factory())
        return self.conversations[-1]

    def stop(self, no_assert=False):
        asyncio.run_coroutine_threadsafe(self._hang_up(), self.loop).result(DEADLINE)
        super().stop(no_assert)

    async def _hang_up(self):
        for conversation in self.conversations:
            if conversation.transport:
                conversation.transport.abort()
        await asyncio.sleep(0)  # after which they are closed


class MailServer:
    """Takes mail unless told otherwise, and keeps what it took.

    `replies` maps a stage and a recipient, ("RCPT", "kit@example.org") or ("DATA", ...), to the replies to give
    in turn; "drop" breaks the conversation, "hang" never answers. `on_data(address)` is called when a mail has
    come, before the reply; `enough_sessions` is how many conversations must have brought one before any is taken.
    """

    def __init__(self, port: int | None = None, **options) -> None:
        self.port = port or free_port()
        self.options = {"auth_require_tls": False, **options}
        self.replies: dict[tuple[str, str], list[str]] = {}
        self.on_data = lambda address: None
        self.taken = []
        self.asked = []
        self.sessions = set()
        self.enough_sessions = 0
        self.changed = threading.Condition()

    def __enter__(self):
        self.controller = _Listener(self, "127.0.0.1", self.port, **self.options)
        self.controller.start()
        return self

    def __exit__(self, *exc_info):
        self.controller.stop()

    async def handle_RCPT(self, server, session, envelope, address, options):
        reply = self._next("RCPT", address, server)
        if reply.startswith("2"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server, session, envelope):
        (address,) = envelope.rcpt_tos
        with self.changed:
            self.asked.append(address)
            self.sessions.add(session.peer)
            self.changed.notify_all()
        self.on_data(address)
        while len(self.sessions) < self.enough_sessions:
            await asyncio.sleep(0.01)
        reply = self._next("DATA", address, server)
        if reply == "hang":
            await asyncio.Event().wait()
        with self.changed:
            if reply.startswith("2"):
                self.taken.append((address, message_from_bytes(envelope.content, policy=policy.default)))
            self.changed.notify_all()
        return reply

    def _next(self, stage, address, server):
        planned = self.replies.get((stage, address))
        reply = planned.pop(0) if planned else "250 OK"
        if reply == "drop":
            server.transport.abort()
            return "451 gone"
        return reply

    @property
    def addresses(self) -> list[str]:
        return sorted(address for address, _ in self.taken)

    def wait_for(self, count: int) -> None:
        """Until so many mails are here; fails after the deadline."""
        self.wait_until(lambda: len(self.taken) >= count)

    def wait_until(self, condition) -> None:
        """Until `condition()` holds; fails after the deadline."""
        with self.changed:
            assert self.changed.wait_for(condition, DEADLINE), f"{len(self.taken)} mails, {self.sessions}"


class SilentServer:
    """Greets and then never says a word; `heard` is set when someone has spoken to it."""

    def __enter__(self):
        self.heard = threading.Event()
        self.connections = []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.socket.accept()
                self.connections.append(connection)
                connection.sendall(b"220 here\r\n")
                connection.recv(1000)
                self.heard.set()

    def __exit__(self, *exc_info):
        self.socket.close()
        for connection in self.connections:
            connection.close()


def password_is(password: str):
    """An aiosmtpd authenticator."""

    def check(server, session, envelope, mechanism, given):
        return AuthResult(success=given.password == password.encode(), handled=False)

    return check


def make_certificate(folder):
    """A certificate of its own for `localhost`: (certificate file, key file)."""
    certificate, key = folder / "localhost.pem", folder / "localhost.key"
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
    try:
        subprocess.run(
            [*command.split(), "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate],
            check=True,
            capture_output=True,
        )
    except FileNotFoundError:
        missing("the openssl command", "apt-get install openssl")
    return certificate, key
