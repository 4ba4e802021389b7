"""Workers as processes of their own on one database, started, stopped and killed; and inside the real server."""

import os
import signal
import subprocess
import sys
from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine

from clinic_app import clock
from clinic_app.extensions import db
from clinic_app.mail import claims
from tests.processes import context
from tests.server import DEADLINE_SECONDS, answers, free_port, wait_for

from . import one_of_many

ROOT = Path(__file__).resolve().parents[2]
KIT, ROBIN = "kit@example.org", "robin@example.org"


@pytest.fixture
def environ(app, server):
    """The environment of a process that works on the test's database and mail server."""
    settings = app.config["CLINIC"]
    others = {name: value for name, value in os.environ.items() if not name.startswith(("CLINIC_", "FLASK_"))}
    return others | {
        "CLINIC_INSTANCE": app.instance_path,
        "CLINIC_DATABASE_URL": db.engine.url.render_as_string(hide_password=False),
        "CLINIC_MAIL_SERVER": settings.mail_server,
        "CLINIC_MAIL_PORT": str(settings.mail_port),
        "CLINIC_MAIL_SECURITY": settings.mail_security,
    }


@pytest.fixture
def start(environ, tmp_path):
    """Starts a command on the test's database and mail server; whatever still runs at the end is killed."""
    with ExitStack() as running:

        def run(*command, **pipes):
            output = running.enter_context((tmp_path / f"{len(list(tmp_path.iterdir()))}.txt").open("w+"))
            pipes = {"stdout": output, "stderr": subprocess.STDOUT} | pipes
            process = subprocess.Popen([sys.executable, "-m", *command], cwd=ROOT, env=environ, text=True, **pipes)
            process.output = output
            running.enter_context(process)
            running.callback(kill, process)
            return process

        yield run


def kill(process):
    """Kill it, and its children where it leads a group."""
    with suppress(ProcessLookupError):
        if os.getpgid(process.pid) == process.pid:
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()


def work(start, *options):
    return start("flask", "--app", "wsgi", "mail", "work", *options)


def one_or_other(on_sqlite, on_postgresql):
    """Of two ways that have nothing to do with databases, each is taken on one."""
    return on_sqlite if db.engine.dialect.name == "sqlite" else on_postgresql


def said(process) -> str:
    process.output.seek(0)
    return process.output.read()


def test_no_number_of_workers_sends_a_mail_twice(app, server, environ, queue, mails):
    addresses = [f"guest{n:03}@example.org" for n in range(300)]
    queue(*addresses)
    server.enough_sessions = 4  # nothing is taken until four workers each have a batch in hand
    barrier, put = context.Barrier(4), context.Queue()
    given = (app.instance_path, environ, barrier, put)
    processes = [context.Process(target=one_of_many.send_some, args=given, daemon=True) for _ in range(4)]
    for process in processes:
        process.start()
    shares = [put.get(timeout=DEADLINE_SECONDS) for _ in processes]
    for process in processes:
        process.join(DEADLINE_SECONDS)
        assert process.exitcode == 0
    assert server.addresses == addresses
    assert {(m.state, m.attempts) for m in mails().values()} == {("sent", 1)}
    assert sum(shares) == 300
    assert min(shares) > 0


def test_a_worker_killed_while_sending_leaves_a_mail_that_goes_out_later(server, start, queue, worker, mail_at):
    server.replies["DATA", KIT] = ["hang"]
    queue(KIT)
    process = work(start)
    server.wait_until(lambda: KIT in server.asked)
    process.kill()
    process.wait()
    words = mail_at(KIT).message_id
    assert mail_at(KIT).state == "sending"
    assert worker.run_once() == {}
    with time_machine.travel(clock.now() + claims.STALE_AFTER + timedelta(seconds=1)):
        assert worker.run_once() == {"sent": 1}
    assert (mail_at(KIT).state, mail_at(KIT).attempts) == ("sent", 2)
    assert [message["Message-ID"] for _, message in server.taken] == [words]


def test_a_worker_told_to_stop_ends_soon_and_leaves_no_claim(server, start, queue, mails):
    queue(KIT)
    process = work(start)
    server.wait_for(1)
    process.send_signal(one_or_other(signal.SIGTERM, signal.SIGINT))
    assert process.wait(DEADLINE_SECONDS) == 0
    assert said(process).endswith("The mail worker has stopped.\n")
    assert mails()[KIT].state == "sent"


@contextmanager
def granian(start):
    """The production server; gives it and its address once it answers."""
    port = free_port()
    command = ("granian", "--interface", "wsgi", "--port", str(port), "--workers", "2")
    patience = ("--workers-kill-timeout", "5")  # as `make run` does it, for processes that are still loading
    process = start(*command, *patience, "tests.hasty:app", start_new_session=True)
    wait_for(lambda: ended(process) or answers(f"http://127.0.0.1:{port}"), "the server", lambda: said(process))
    assert not ended(process), said(process)
    yield process


def ended(process) -> bool:
    return process.poll() is not None


def by_a_supervisor(process):
    process.send_signal(signal.SIGTERM)


def by_ctrl_c(process):
    os.killpg(process.pid, signal.SIGINT)  # a terminal tells every process of the group


def test_the_server_sends_mail_and_stops_with_no_claim_left(server, start, queue, mails):
    server.replies["DATA", KIT] = ["hang"]
    with granian(start) as process:
        queue(ROBIN)
        server.wait_for(1)
        queue(KIT)
        server.wait_until(lambda: KIT in server.asked)
        one_or_other(by_a_supervisor, by_ctrl_c)(process)
        process.wait(DEADLINE_SECONDS)
    assert (mails()[ROBIN].state, mails()[KIT].state, mails()[KIT].claim) == ("sent", "queued", None)
