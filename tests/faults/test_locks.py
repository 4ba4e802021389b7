"""Another program holds a lock on the database: nobody waits without an end, and nothing typed is lost."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from clinic_app.extensions import db

from .asking import appointment_form, enquiry_form, read, send
from .stream import survivors

HOLDERS = {
    "sqlite": """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("BEGIN IMMEDIATE")
""",
    "postgresql": """
import sys
import psycopg
database = psycopg.connect(sys.argv[1])
database.execute("LOCK TABLE mail_outbox IN EXCLUSIVE MODE")
""",
}
WAITS = """
print("held", flush=True)
sys.stdin.readline()
database.rollback()
"""
AT_ONCE = 20  # more than a pool has connections on either database


@contextmanager
def lock_held(site):
    """Another process holds the lock that writers need, within the block."""
    url = db.engine.url
    where = url.database if site.database == "sqlite" else url.set(drivername="postgresql")
    where = where if isinstance(where, str) else where.render_as_string(hide_password=False)
    command = [sys.executable, "-c", HOLDERS[site.database] + WAITS, where]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **pipes) as holder:
        assert holder.stdout.readline() == "held\n"
        try:
            yield
            assert holder.poll() is None, "the lock was held all the time"
        finally:
            holder.communicate("\n", timeout=60)


def test_while_the_database_is_locked_pages_are_read_and_forms_come_back(site, tally):
    forms = [enquiry_form() if n % 2 else appointment_form() for n in range(AT_ONCE)]
    with ThreadPoolExecutor(AT_ONCE) as pool, lock_held(site):
        answers = pool.map(lambda form: send(site, *form), forms)
        for path in ("/", "/blog", "/book/visit/robin", "/testimonials"):
            assert read(site, path)[0] == 200, "nobody who reads waits for those who wait for the lock"
        for (_, form), (status, page, _) in zip(forms, answers, strict=True):
            assert status == 503
            assert form["email"] in page and form["token"] in page
            assert "Nothing you typed is lost" in page
    assert {send(site, *form)[0] for form in forms} == {303}
    survived = survivors(form["email"] for _, form in forms)
    tally("database locked by another program", site.database, faults=1, tried=AT_ONCE, survived=survived)
