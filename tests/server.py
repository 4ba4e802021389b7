"""The site as people run it: a real server process on an instance folder of its own."""

import functools
import itertools
import logging
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from werkzeug.serving import make_server
from werkzeug.wsgi import ClosingIterator

from clinic_app import config

ROOT = Path(__file__).parent.parent
DEADLINE_SECONDS = 120  # machines are slow, and busy with other tests; who waits as long has failed
# Below the ports that systems give to outgoing connections; a hundred for each test process, whose numbers follow.
FIRST_PORT = 20_000 + os.getpid() * 100 % 10_000
# Settings that no set-up asks for, or whose site is copied without its database.
OF_SERVING = (
    "appointments_",
    "booking_",
    "contact_",
    "database_",
    "mail_",
    "public_holidays",
    "rate_limits",
    "reminder_",
    "secret_",
    "sign_in_",
    "trusted_",
    "undo_",
)
PORTS = itertools.cycle(range(FIRST_PORT, FIRST_PORT + 100))


class Server:
    """`with Server(folder) as server:` sets the site up, serves it at `server.url`, and kills it at the end.

    Settings are given as `CLINIC_*` variables in small letters: `mail_server="127.0.0.1"`. `program` is the folder
    of another version of the program, `module` its WSGI module; `is_migrated` says that `database_url` needs no
    migration any more.
    """

    def __init__(
        self,
        instance: Path,
        *,
        workers: int = 1,
        starter: bool = True,
        program: Path = ROOT,
        module: str = "wsgi",
        is_migrated: bool = False,
        **settings,
    ):
        self.instance = instance
        self.program = program
        self.module = module
        self.is_migrated = is_migrated
        self.workers = workers
        self.starter = starter
        self.log_path = instance / "server.log"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        kept = {key: value for key, value in os.environ.items() if not key.startswith("CLINIC_")}
        self.environ = kept | {"CLINIC_INSTANCE": str(instance), "CLINIC_LISTEN": f"127.0.0.1:{self.port}"}
        self.settings = settings
        self.environ |= {f"CLINIC_{key.upper()}": str(value) for key, value in settings.items()}
        self.process = None

    def set_up(self) -> None:
        """Make the site as `make run` does, or copy one of the same settings that this process has made."""
        self.instance.mkdir(parents=True, exist_ok=True)
        is_elsewhere = "database_url" in self.settings
        if any(self.instance.iterdir()) or (is_elsewhere and not self.is_migrated):
            self.flask("setup", "--starter" if self.starter else "--no-starter")
            return
        told = {key: value for key, value in self.settings.items() if not key.startswith(OF_SERVING)}
        made = _made_once(self.program, self.starter, tuple(sorted(told.items())))
        but = shutil.ignore_patterns("clinic.sqlite*", "secret_key") if is_elsewhere else None
        shutil.copytree(made.name, self.instance, dirs_exist_ok=True, ignore=but)
        (self.instance / config.LISTENED).write_text(self.environ["CLINIC_LISTEN"])

    def flask(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess:
        """Run a `flask` command of the site."""
        command = [sys.executable, "-m", "flask", "--app", self.module, *arguments]
        done = subprocess.run(
            command, cwd=self.program, env=self.environ, capture_output=True, text=True, check=False
        )
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def start(self) -> None:
        command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"]
        command += ["--port", str(self.port), "--workers", str(self.workers)]
        command += ["--no-access-log", "--workers-kill-timeout", "5", f"{self.module}:app"]
        self.log = self.log_path.open("a")
        self.started = self._started() + self.workers
        self.process = subprocess.Popen(
            command,
            cwd=self.program,
            env=self.environ,
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
        )
        try:
            wait_for(self._answers, "all of the server to answer", self.output)
        except BaseException:
            self.stop(signal.SIGKILL)
            raise

    def stop(self, how: signal.Signals = signal.SIGINT) -> int:
        process, self.process = self.process, None
        process.send_signal(how)
        try:
            return process.wait(DEADLINE_SECONDS)
        finally:
            process.kill()
            self.log.close()

    def kill(self) -> None:
        """Kill the server and all its processes at once, as when the machine's power fails."""
        process, self.process = self.process, None
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(DEADLINE_SECONDS)
        self.log.close()

    def output(self) -> str:
        return self.log_path.read_text()

    def _answers(self) -> bool:
        """Whether each process does: one that still loads, and finds no database, would end them all."""
        assert self.process.poll() is None, f"the server ended: {self.output()}"
        if self._started() < self.started:
            return False
        return status(self.url) is not None  # not necessarily that it is well: its database may be read-only

    def _started(self) -> int:
        """How many processes have loaded the site since its folder was made."""
        return self.output().count("Started worker-")

    def __enter__(self):
        self.set_up()
        self.start()
        return self

    def __exit__(self, *_):
        if self.process:
            self.kill()  # one that is told to stop while it still loads takes five seconds


@functools.cache
def _made_once(program: Path, starter: bool, settings: tuple) -> tempfile.TemporaryDirectory:
    """A site that was set up and is only ever copied; it is removed when the process ends."""
    folder = tempfile.TemporaryDirectory(prefix="clinic-site-")
    Server(Path(folder.name), program=program, starter=starter, **dict(settings)).flask(
        "setup", "--starter" if starter else "--no-starter"
    )
    return folder


def answers(url: str) -> bool:
    """Whether the site at this address says that it is well."""
    return status(url) == 200


def status(url: str) -> int | None:
    """What the site at this address answers to machines; None where nobody answers."""
    try:
        with closing(urllib.request.urlopen(f"{url}/healthz", timeout=DEADLINE_SECONDS)) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        error.close()
        return error.code
    except OSError:
        return None


@contextmanager
def served_here(app):
    """The site in this very process, whose clock may have been set; gives its address."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, _whole_answers(app), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()


def _whole_answers(app):
    """The application, whose every answer is read and closed before it is sent: werkzeug's server leaves a file
    open when the browser that asked for it has gone on to another page."""

    def answer(environ, start_response):
        with closing(ClosingIterator(app(environ, start_response))) as parts:
            return [b"".join(parts)]

    return answer


def free_port() -> int:
    """A port of this machine's that nobody listens on, nor is given while a server starts."""
    for port in itertools.islice(PORTS, 100):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")


def wait_for(condition, what: str, explain=lambda: "") -> None:
    """Look again and again until the condition holds; fail when it never does."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not (found := condition()):
        assert time.monotonic() < deadline, f"waited {DEADLINE_SECONDS} s for {what}. {explain()}"
        time.sleep(0.02)
    return found


def hidden_value(html: str, name: str) -> str:
    """The value of a page's hidden field."""
    return re.search(rf'name="{name}"[^>]*value="([^"]*)"', html)[1]
