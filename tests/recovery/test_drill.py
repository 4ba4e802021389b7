"""The drill: patients write while the site is backed up, its disk dies, the backup goes to a new machine.

Real server processes, real `flask` commands, both databases. Whatever was acknowledged before the backup began is
there afterwards, with its mails; what came while it was made is there whole or not at all.
"""

import re
import shutil
import threading
import urllib.parse
import urllib.request
from contextlib import closing

import pytest
from sqlalchemy import create_engine, text

from .. import databases
from ..server import Server, answers, hidden_value, wait_for
from .conftest import NUMBERS, PASSPHRASE

WRITERS = 3
THINKING_SECONDS = 0.3  # between two forms of one writer: so that the backup has some of the machine too


class Patients:
    """Threads that send enquiries, one after the other, and keep the reference of each that was acknowledged."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.acknowledged: list[str] = []
        self.faults: list[Exception] = []
        self.ended = threading.Event()
        self.threads = [threading.Thread(target=self._write, args=(n,)) for n in range(WRITERS)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        for thread in self.threads:
            thread.join(60)

    def _write(self, number: int) -> None:
        while not self.ended.wait(THINKING_SECONDS) and not self.faults:
            try:
                self.acknowledged.append(self._enquire(number))
            except Exception as error:
                self.faults.append(error)

    def _enquire(self, number: int) -> str:
        address = f"{self.server.url}/contact"
        with closing(urllib.request.urlopen(address, timeout=60)) as page:
            token = hidden_value(page.read().decode(), "token")
        form = {
            "name": "Robin Sample",
            "email": f"robin{number}@example.org",
            "topic": "A question",
            "message": "My knee clicks on stairs.",
            "consent": "y",
            "token": token,
        }
        with closing(urllib.request.urlopen(address, urllib.parse.urlencode(form).encode(), timeout=60)) as answer:
            return re.search(r"/contact/thanks/([\w-]+)", answer.url)[1]


def references(url: str) -> dict[str, int]:
    """The reference of each enquiry that the database holds, and how many mails are about it."""
    engine = create_engine(url)
    query = (
        "SELECT reference, (SELECT count(*) FROM mail_outbox WHERE about_kind = 'enquiry' AND about_id = e.id) "
        "FROM enquiries e"
    )
    with engine.connect() as connection:
        found = dict(connection.execute(text(query)).all())
    engine.dispose()
    return found


@pytest.mark.parametrize("kind", databases.KINDS)
def test_a_dead_disk_costs_nothing_that_was_acknowledged_before_the_backup(kind, request, tmp_path, monkeypatch):
    settings = {"rate_limits": "off", "mail_worker": "separate", "module": "tests.hasty"}
    if kind == "postgresql":
        monkeypatch.setenv("PATH", f"{request.getfixturevalue('programs')}:/usr/bin:/bin")
        server = request.getfixturevalue("postgres")
    settings |= databases.settings_on(kind, request, f"drill_{next(NUMBERS)}")
    word = tmp_path / "passphrase"
    word.write_text(PASSPHRASE)
    file, old, new = tmp_path / "elsewhere.tar.gz.age", tmp_path / "old", tmp_path / "new"
    with Server(old, workers=2, starter=False, **settings) as site, Patients(site) as patients:
        wait_for(lambda: len(patients.acknowledged) >= 8 or patients.faults, "eight enquiries")
        before = list(patients.acknowledged)
        site.flask("backup", str(file), "--passphrase-file", str(word))
        wait_for(lambda: len(patients.acknowledged) > len(before) or patients.faults, "one more enquiry")
    assert patients.faults == []
    key = (old / "secret_key").read_text()
    shutil.rmtree(old)
    if kind == "postgresql":
        settings["database_url"] = databases.create_database(server, f"drill_{next(NUMBERS)}")
    fresh = Server(new, **settings)
    said = fresh.flask("restore", str(file), "--passphrase-file", str(word)).stdout
    assert "Restored what was there" in said
    found = references(settings.get("database_url") or f"sqlite:///{new / 'clinic.sqlite'}")
    assert {reference.replace("-", "").upper() for reference in before} <= set(found)
    assert set(found.values()) == {2}
    assert (new / "secret_key").read_text() == key
    fresh.start()
    try:
        assert answers(fresh.url)
    finally:
        fresh.kill()
