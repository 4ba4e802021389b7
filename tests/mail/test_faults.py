"""Mail servers that misbehave in every way: mail waits or fails for a reason told in words, and none is lost."""

import contextlib
import datetime
import socket
import ssl
import threading
from datetime import timedelta

import pytest
import time_machine
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import select

from clinic_app import clock, database
from clinic_app.enquiries import inbox
from clinic_app.extensions import db
from clinic_app.mail.models import OutboxMail
from clinic_app.mail.smtp import TIMEOUT

from ..tally import times
from .servers import MailServer, SilentServer

MAILS = times(3, 50)
ADDRESSES = [f"guest{n}@example.org" for n in range(MAILS)]


def certificate(folder, *, host: str = "localhost", days: tuple[int, int] = (-2, 2)) -> tuple[str, str]:
    """(certificate file, key file) of a server that vouches for itself; `days` from now it begins and ends."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    today = datetime.datetime.now(datetime.UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today + timedelta(days=days[0]))
        .not_valid_after(today + timedelta(days=days[1]))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "server.pem", folder / "server.key"
    paths[0].write_bytes(built.public_bytes(serialization.Encoding.PEM))
    encoding = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    paths[1].write_bytes(key.private_bytes(*encoding))
    return str(paths[0]), str(paths[1])


class Wiretap:
    """Stands between us and a server on this machine, and keeps every byte that we send: `heard`."""

    def __init__(self, port: int):
        self.server_port = port

    def __enter__(self):
        self.heard = bytearray()
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.socket.close()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                ours, _ = self.socket.accept()
                theirs = socket.create_connection(("127.0.0.1", self.server_port))
                for pair in ((ours, theirs, self.heard), (theirs, ours, bytearray())):
                    threading.Thread(target=self._carry, args=pair, daemon=True).start()

    @staticmethod
    def _carry(source, target, kept):
        with contextlib.suppress(OSError), source, target:
            while data := source.recv(65536):
                kept += data
                target.sendall(data)
            target.shutdown(socket.SHUT_RDWR)


class CutsOff(SilentServer):
    """Takes the beginning of each message and hangs up in the middle of it."""

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.socket.accept()
                with contextlib.suppress(OSError), connection, connection.makefile("rwb", buffering=0) as lines:
                    self._talk(lines)

    @staticmethod
    def _talk(lines):
        lines.write(b"220 here\r\n")
        for line in lines:
            if line.upper().startswith(b"DATA"):
                lines.write(b"354 go on\r\n")
                lines.read(20)
                return
            lines.write(b"250 fine\r\n")


CERTIFICATES = {
    "nobody vouches for it": ({}, False, "self-signed certificate"),
    "it is another host's": ({"host": "other.example"}, True, "not valid for 'localhost'"),
    "it has expired": ({"days": (-9, -1)}, True, "certificate has expired"),
}


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize("why", CERTIFICATES)
def test_a_bad_certificate_gets_nothing_in_clear_and_the_mail_waits(
    app, tmp_path, use_server, worker, queue, mails, tally, why, security
):
    options, is_trusted, words = CERTIFICATES[why]
    files = certificate(tmp_path, **options)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*files)
    way = {"ssl_context": context} if security == "tls" else {"tls_context": context, "require_starttls": True}
    trusted = {"mail_ca_file": files[0]} if is_trusted else {}
    with MailServer(**way) as server, Wiretap(server.port) as wire:
        use_server(wire, mail_security=security, mail_username="clinic", mail_password="a secret", **trusted)
        queue(*ADDRESSES)
        worker.run_once()
        assert server.taken == []
    in_clear = bytes(wire.heard).lower()
    assert not any(word in in_clear for word in (b"example.org", b"auth", b"rcpt", b"subject", b"a secret"))
    found = list(mails().values())
    assert {(mail.state, mail.attempts) for mail in found} == {("queued", 0)}
    (said,) = {mail.last_error for mail in found}
    assert said.startswith("No connection to the mail server localhost: its certificate was not accepted (")
    assert words in said
    assert said.endswith("Nothing was sent to it")
    with MailServer() as good:
        use_server(good, mail_username="", mail_password="")
        worker.hold_until = 0
        worker.run_once()
        survived = len(set(good.addresses) & set(ADDRESSES))
    figures = {"faults": 1, "tried": MAILS, "survived": survived}
    tally(
        f"mail server's certificate: {why}",
        db.engine.dialect.name,
        **figures,
        remarks=f"{security}; nothing of a mail in clear",
    )


def refuses_then_recovers(server, worker):
    server.replies |= {("RCPT", address): ["450 4.2.1 not now"] for address in ADDRESSES}


def defers_after_the_message(server, worker):
    server.replies |= {("DATA", address): ["451 4.3.0 try again"] for address in ADDRESSES}


def hangs_after_the_message(server, worker):
    worker.timeout = 0.5
    server.replies["DATA", ADDRESSES[0]] = ["hang"]


def drops_after_the_message(server, worker):
    server.replies |= {("DATA", address): ["drop"] for address in ADDRESSES[::2]}


@pytest.mark.parametrize(
    "fault", [refuses_then_recovers, defers_after_the_message, hangs_after_the_message, drops_after_the_message]
)
def test_a_server_that_fails_for_a_while_gets_every_mail_in_the_end(server, worker, queue, mails, tally, fault):
    fault(server, worker)
    queue(*ADDRESSES)
    later = clock.now()
    for _ in range(10):
        worker.hold_until = 0
        with time_machine.travel(later, tick=True):
            worker.run_once()
        later += timedelta(minutes=30)
    assert {mail.state for mail in mails().values()} == {"sent"}
    survived = len({address for address, _ in server.taken})
    ids = {address: message["Message-ID"] for address, message in server.taken}
    assert ids == {address: mail.message_id for address, mail in mails().items()}
    name = f"mail server {fault.__name__.replace('_', ' ')}"
    tally(name, db.engine.dialect.name, faults=1, tried=MAILS, survived=survived)


@pytest.mark.parametrize("kind", [SilentServer, CutsOff])
def test_a_server_that_never_takes_a_message_loses_none(app, use_server, worker, queue, mails, tally, kind):
    with kind() as bad:
        use_server(bad)
        queue(*ADDRESSES)
        worker.timeout = 0.5
        worker.run_once()
    assert {mail.state for mail in mails().values()} == {"queued"}
    assert any(mail.last_error for mail in mails().values())
    with MailServer() as good, time_machine.travel(clock.now() + timedelta(hours=1), tick=True):
        use_server(good)
        worker.hold_until, worker.timeout = 0, TIMEOUT
        worker.run_once()
    survived = len(set(good.addresses) & set(ADDRESSES))
    name = {SilentServer: "mail server hangs", CutsOff: "mail server hangs up mid-message"}[kind]
    tally(name, db.engine.dialect.name, faults=1, tried=MAILS, survived=survived)


def test_one_of_three_who_are_told_of_an_enquiry_is_refused_and_the_others_hear_of_it(
    server, use_server, worker, mails
):
    people = tuple(f"{name}@clinic.example" for name in ("robin", "kit", "lee"))
    use_server(server, staff_recipients=people)
    server.replies["RCPT", people[1]] = ["550 5.1.1 no such mailbox"]
    told = {"name": "Alex Placeholder", "email": "alex@example.org", "phone": "", "topic": "A question"}
    with database.transaction():
        sent = inbox.Submission(
            **told, message="Is there a lift?", privacy_version="1", nonce="n1", filled_in_seconds=60
        )
        inbox.store(inbox.prepare(sent))
    worker.run_once()
    assert server.addresses == sorted({*people, "alex@example.org"} - {people[1]})
    refused = mails()[people[1]]
    assert (refused.state, refused.last_error) == ("failed", "550 5.1.1 no such mailbox")


def test_a_clock_that_is_set_on_or_back_makes_mail_late_at_most(server, worker, queue, mails):
    now = clock.now()
    with time_machine.travel(now + timedelta(hours=2), tick=True):
        queue("ahead@example.org")
    queue("now@example.org", event="test:2")
    for jump in (0, -2, 0, 2):
        with time_machine.travel(now + timedelta(hours=jump, minutes=1), tick=True):
            worker.run_once()
    assert server.addresses == ["ahead@example.org", "now@example.org"]
    assert {(mail.state, mail.attempts) for mail in mails().values()} == {("sent", 1)}
    assert len(db.session.scalars(select(OutboxMail)).all()) == 2


def test_a_clock_set_on_while_a_worker_sends_costs_nothing_but_the_mail_in_hand_again(
    server, worker, queue, mails
):
    """Its claims look stale to another worker, who takes them; the first asks before each mail, and lets go."""
    queue(*[f"guest{n}@example.org" for n in range(5)])
    jump = time_machine.travel(clock.now() + timedelta(hours=2), tick=True)

    def as_the_first_comes(_address):
        server.on_data = lambda address: None
        jump.start()
        other = type(worker)(worker.app, timeout=5)
        thread = threading.Thread(target=other.run_once)
        thread.start()
        server.others.append(thread)

    server.others = []
    server.on_data = as_the_first_comes
    try:
        worker.run_once()
        for thread in server.others:
            thread.join(60)
        worker.run_once()
    finally:
        jump.stop()
    assert {mail.state for mail in mails().values()} == {"sent"}
    assert len(server.taken) - len(set(server.addresses)) <= 1
