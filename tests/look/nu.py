"""The Nu HTML checker (what validator.w3.org/nu runs), as a server that starts once and checks many pages."""

import http.client
import json
import shutil
import subprocess
import urllib.error
import urllib.request
from contextlib import contextmanager

from tests import npm
from tests.needs import missing
from tests.server import free_port, wait_for

HEADERS = {"Content-Type": "text/html; charset=utf-8"}
WAIT_SECONDS = 60


class Checker:
    """`faults(html)` are the errors of a document."""

    def __init__(self, port: int):
        self.url = f"http://127.0.0.1:{port}/?out=json&level=error"

    def faults(self, html: str) -> list[str]:
        told = json.loads(self._ask(html.encode()))
        return [
            f"line {fault.get('lastLine')}: {fault['message']}: {fault.get('extract', '')!r}"
            for fault in told["messages"]
        ]

    def answers(self) -> bool:
        try:
            return bool(self._ask(b"<!doctype html><title>x</title>"))
        except (OSError, http.client.HTTPException):
            return False

    def _ask(self, body: bytes) -> bytes:
        sent = urllib.request.Request(self.url, data=body, headers=HEADERS)
        with urllib.request.urlopen(sent, timeout=WAIT_SECONDS) as answer:
            return answer.read()


@contextmanager
def running(folder):
    """The checker; a test that lacks it, or Java, is skipped by name."""
    jar, java = npm.path("vnu-jar") / "build" / "dist" / "vnu.jar", shutil.which("java")
    if not java:
        missing("Java", "apt-get install default-jre-headless")
    if not jar.exists():
        missing("the Nu HTML checker", "make test, or: python -m tests.npm vnu-jar")
    port, log = free_port(), folder / "nu.log"
    options = ["-Xss4m", "-XX:TieredStopAtLevel=1", "-Dnu.validator.servlet.bind-address=127.0.0.1"]
    command = [java, *options, "-cp", str(jar), "nu.validator.servlet.Main", str(port)]
    with log.open("w") as out, subprocess.Popen(command, stdout=out, stderr=out) as process:
        try:
            checker = Checker(port)
            wait_for(checker.answers, "the Nu HTML checker", log.read_text)
            yield checker
        finally:
            process.kill()
