"""A disk that is full, and a database that may only be read: who writes hears of it, and it mends by itself."""

import os
import resource
import sqlite3
import subprocess
import tempfile
from contextlib import closing, contextmanager
from pathlib import Path

import psutil
import pytest
from sqlalchemy import create_engine, text

from clinic_app.extensions import db

from ..databases import cluster, create_database
from ..server import wait_for
from .asking import appointment_form, enquiry_form, read, send
from .conftest import served
from .stream import survivors

READ = ("/", "/blog", "/book/visit/robin", "/testimonials", "/privacy")
FILLED = 400  # forms, at most, until the last corner of a disk is full


def mount(*arguments) -> bool:
    """Whether the mount command worked, which as a rule only root may use."""
    return os.geteuid() == 0 and subprocess.run(["mount", *map(str, arguments)], check=False).returncode == 0


class SmallDisk:
    """A folder of a few megabytes that can be filled: a file system of its own where that is allowed, else one
    whose files may not grow in the processes of `server`."""

    def __init__(self, folder: Path, megabytes: int):
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.filler = folder / "filler"
        self.is_mounted = mount("-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", folder)

    def fill(self, server) -> None:
        if not self.is_mounted:
            self._limit(server, 1)
            return
        with self.filler.open("wb", buffering=0) as filler, pytest.raises(OSError, match="No space"):
            while True:
                filler.write(bytes(4096))

    def free(self, server) -> None:
        if self.is_mounted:
            self.filler.unlink()
        else:
            self._limit(server, resource.RLIM_INFINITY)

    def _limit(self, server, size: int) -> None:
        first = psutil.Process(server.process.pid)
        for process in (first, *first.children(recursive=True)):
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    def close(self) -> None:
        if self.is_mounted:
            subprocess.run(["umount", "--lazy", str(self.folder)], check=True)


@contextmanager
def on_sqlite(tmp_path, _runtime):
    """A site whose database lies on a small disk; gives both."""
    disk = SmallDisk(tmp_path / "disk", 24)
    try:
        with served(disk.folder, "sqlite") as site:
            with closing(sqlite3.connect(disk.folder / "clinic.sqlite")) as database:
                database.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # so that the log has no room of its own
            yield site, disk
    finally:
        disk.close()


@contextmanager
def on_postgresql(tmp_path, runtime):
    with tempfile.TemporaryDirectory(prefix="cluster") as folder:
        disk = SmallDisk(Path(folder) / "disk", 160)
        if not disk.is_mounted:
            pytest.skip("needs a small disk for PostgreSQL; only root can make one")
        try:
            with cluster(disk.folder, runtime=runtime) as postgresql:
                url = create_database(postgresql.url, "clinic")
                with served(tmp_path / "instance", "postgresql", database_url=url) as site:
                    yield site, disk
        finally:
            disk.close()


@pytest.fixture(params=[on_sqlite, on_postgresql])
def crowded(request, tmp_path, tmp_path_factory):
    """A served site and the small disk that its database lies on."""
    with request.param(tmp_path, tmp_path_factory.mktemp("runtime")) as (site, disk), site.looked_into():
        yield site, disk


def forms():
    """Enquiries and appointments in turn, from somebody new each time."""
    return [enquiry_form() if n % 2 else appointment_form() for n in range(FILLED)]


def keeps_what_was_typed(page: str, form: dict) -> bool:
    return all(value in page for value in (form["email"], form["token"])) and "Nothing you typed is lost" in page


def test_a_full_disk_loses_nothing_that_was_acknowledged_or_typed(crowded, tally):
    site, disk = crowded
    people = iter(forms())
    assert send(site, *next(people))[0] == 303
    disk.fill(site.server)
    acknowledged, refused = [], []
    while len(refused) < 6:
        path, form = next(people)
        status, page, _ = send(site, path, form)
        if status == 303:
            acknowledged.append(form["email"])
        else:
            assert status == 503, page
            assert keeps_what_was_typed(page, form)
            refused.append((path, form))
    assert {read(site, path)[0] for path in READ} == {200}, "what is read can be read"
    disk.free(site.server)
    for path, form in refused:
        wait_for(lambda: send(site, path, form)[0] == 303, "the site to recover", site.server.output)  # noqa: B023
        acknowledged.append(form["email"])
    remarks = f"{len(refused)} forms given back, and taken when there was space"
    figures = {"faults": len(refused), "tried": len(acknowledged), "survived": survivors(acknowledged)}
    tally("disk full", site.database, **figures, remarks=remarks)


@contextmanager
def file_only_read(site):
    """SQLite: the server starts on a file that it may not write to, as after a restore by another user."""
    site.server.stop()
    db.engine.dispose()
    path = site.server.instance / "clinic.sqlite"
    is_mounted = mount("--bind", path, path) and mount("-o", "remount,bind,ro", path)
    path.chmod(0o400) if not is_mounted else None
    try:
        site.server.start()
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(path)], check=True) if is_mounted else path.chmod(0o600)


@contextmanager
def database_only_read(site):
    """PostgreSQL: a server that is set so, or a standby, refuses all that writes."""
    _say(f'ALTER DATABASE "{db.engine.url.database}" SET default_transaction_read_only = on')
    _say("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
    yield
    _say(f'ALTER DATABASE "{db.engine.url.database}" RESET default_transaction_read_only')


def _say(command: str) -> None:
    engine = create_engine(db.engine.url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(command))
    engine.dispose()


ONLY_READ = {"sqlite": file_only_read, "postgresql": database_only_read}


def test_a_database_that_may_only_be_read_is_read_and_forms_come_back(site, tally):
    form = enquiry_form()
    with ONLY_READ[site.database](site):
        assert {read(site, path)[0] for path in READ} == {200}
        status, page, _ = send(site, *form)
        assert status == 503
        assert keeps_what_was_typed(page, form[1])
    wait_for(lambda: send(site, *form)[0] == 303, "the site to recover", site.server.output)
    survived = survivors([form[1]["email"]])
    tally("database read-only", site.database, faults=1, tried=1, survived=survived)
