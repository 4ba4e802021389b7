"""A grown database beside one that has little behind it: `python -m tests.bench.growth_table SMALL_URL GROWN_URL`.

Both are made by `tests.bench.growth`. Each page is asked for in turns from a site on either, in one process, and
the medians of the processor's time are compared, the site's and that of PostgreSQL's processes for it: what grows
with the past shows in the ratio. Programs beside it change that time little, and it counts no waiting for a disk:
all was in memory. Ratios over 1.5 are marked. What takes less than a millisecond passes for one.
"""

import argparse
import gc
import os
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from sqlalchemy import func, make_url, select

from clinic_app import clock, create_app, database
from clinic_app.accounts import sign_ins
from clinic_app.accounts.models import Member
from clinic_app.booking import reminders
from clinic_app.extensions import db
from clinic_app.mail import claims
from clinic_app.retention import purging

from ..databases import make_sqlite_hasty
from ..queries import Statement, noted
from . import hot_pages

TURNS, SLOW = 5, 2.0  # an action that takes so many seconds is not measured again
GOAL = 1.5
COUNTED = {
    "posts": "posts",
    "testimonials": "testimonials",
    "enquiries": "enquiries",
    "appointments": "appointments",
    "mails": "mail_outbox",
    "entries of the audit trail": "audit_entries",
}
RESULTS = Path(__file__).with_name("GROWTH.md")
MANY = 1_000  # rows
NO_TIME = 0.001  # seconds: what takes less is as good as nothing, whatever the ratio


class Site:
    """A site on a database, and a browser in which a member is signed in."""

    def __init__(self, url: str, folder: Path):
        environ = {
            "CLINIC_DATABASE_URL": url,
            "CLINIC_MAIL_WORKER": "separate",
            "CLINIC_RATE_LIMITS": "off",
            "CLINIC_PUBLIC_URL": "https://clinic.example",
        }
        self.app = create_app(instance=folder, environ=environ)
        self.app.debug, self.app.jinja_env.auto_reload = True, False  # so that each page is made anew
        with self.app.app_context():
            self.engine = db.engine
            make_sqlite_hasty(db.engine)
            self.pages = hot_pages.pages(hot_pages.things_there())
            db.session.remove()
        self.client = self._signed_in()

    def close(self) -> None:
        with self.app.app_context():
            db.engine.dispose()
        self.app.extensions["content_version"].close()

    def processor_time(self) -> float:
        """Seconds, of this process and of what runs for the site in PostgreSQL, which is on this machine."""
        servers = [] if self.app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite") else self._servers()
        spent = (Path(f"/proc/{number}/schedstat").read_text().split()[0] for number in servers)
        return time.process_time() + sum(int(nanoseconds) / 1e9 for nanoseconds in spent)

    def _servers(self) -> list[int]:
        with self.app.app_context(), db.engine.connect() as connection:
            query = (
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND client_port IS NOT NULL"
            )
            return list(connection.exec_driver_sql(query).scalars())

    def behind(self) -> str:
        """How much of what there is."""
        with self.app.app_context():
            tables = {name: db.metadata.tables[table] for name, table in COUNTED.items()}
            counts = {name: select(func.count()).select_from(table) for name, table in tables.items()}
            told = [f"{db.session.scalar(query):,} {name}" for name, query in counts.items()]
            db.session.remove()
        return ", ".join(told)

    def _signed_in(self):
        client = self.app.test_client()
        with self.app.app_context(), database.transaction():
            member = Member(name="Casey Invented", email=f"{time.time()}@clinic.example", role_names=["owner"])
            db.session.add(member)
            db.session.flush()
            token, name = sign_ins.start(member, browser="Firefox on Linux"), member.fs_uniquifier
        with client.session_transaction("/staff") as session:
            session.update(_user_id=name, _fresh=True, sign_in=token)
        return client

    def get(self, path: str) -> None:
        answer = self.client.get(path, headers={"Sec-Fetch-Site": "same-origin"})
        if answer.status_code != 200:
            raise ValueError(f"{path} answered {answer.status_code}")

    def read(self, path: str) -> None:
        """The whole of a file, piece by piece, as a server sends it."""
        answer = self.client.get(path, buffered=False)
        if answer.status_code != 200:
            raise ValueError(f"{path} answered {answer.status_code}")
        for _ in answer.response:
            pass
        answer.close()

    def begin(self, path: str) -> None:
        """The first piece of a file."""
        answer = self.client.get(path, buffered=False)
        next(iter(answer.response))
        answer.close()

    def claim(self) -> None:
        with self.app.app_context():
            claims.work_waits(clock.now())
            for mail in claims.claim(clock.now(), limit=20):
                claims.record(claims.Outcome(mail_id=mail.id, claim=mail.claim, kind="released", at=clock.now()))

    def look_for_chores(self) -> None:
        with self.app.app_context():
            reminders.any_due()
            reminders.any_late()
            db.session.rollback()

    def purge_step(self) -> None:
        """Looks, and changes nothing."""
        with self.app.app_context():
            purging.step()
            db.session.rollback()

    def purge_dry(self) -> None:
        with self.app.app_context():
            purging.due()


@dataclass
class Row:
    """What is done to both sites, and how much of a processor it took (seconds)."""

    name: str
    act: Callable[[Site], None]
    small: list[float] = field(default_factory=list)
    grown: list[float] = field(default_factory=list)

    def measure(self, small: Site, grown: Site) -> None:
        for _ in range(TURNS):
            self.small.append(_seconds(self.act, small))
            self.grown.append(_seconds(self.act, grown))
            if self.grown[-1] > SLOW:
                break

    @property
    def ratio(self) -> float:
        return median(self.grown) / max(median(self.small), NO_TIME)

    def line(self) -> str:
        times = f"{1000 * median(self.small):.1f} ms | {1000 * median(self.grown):.1f} ms"
        return f"| {self.name} | {times} | {self.ratio:.2f}{'' if self.ratio <= GOAL else ' **'} |"


FILES = {
    "Export of enquiries": "/staff/figures/enquiries.csv?from=2016-11-28&to=2026-11-22",
    "Export of appointments": "/staff/figures/appointments.csv?from=2016-11-28&to=2026-11-22",
    "Export of the audit trail": "/staff/audit/trail.csv",
}


def rows(site: Site) -> list[Row]:
    """All that is measured, by the names of this site's pages, which another one of the kind has too."""
    found = [Row(name, lambda site, name=name: site.get(site.pages[name])) for name in site.pages]
    found += [
        Row(f"{name}, first bytes", lambda site, path=path: site.begin(path)) for name, path in FILES.items()
    ]
    return [
        *found,
        Row("Mail worker: a batch claimed and let go", Site.claim),
        Row("Mail worker: reminders that are due or late", Site.look_for_chores),
        Row("Purge, a step", Site.purge_step),
        Row("Purge, dry run", Site.purge_dry),
    ]


def memory_of(site: Site) -> list[str]:
    """The most that Python held while a whole file went out, in megabytes."""
    lines = []
    for name, path in FILES.items():
        tracemalloc.start()
        site.read(path)
        lines.append(f"{name}: {tracemalloc.get_traced_memory()[1] / 1e6:.1f} MB at most")
        tracemalloc.stop()
    return lines


def scans_of(site: Site) -> list[str]:
    """What is read of large tables from one end on, by what PostgreSQL says of each statement that reads."""
    lines = []
    for row in rows(site):
        with noted(site.engine) as statements:
            row.act(site)
        for statement in statements:
            if statement.sql.startswith(("SELECT", "WITH")):
                lines += [f"{row.name}: {count:,} rows of {table}" for table, count in _read(site, statement)]
    return lines


def _read(site: Site, statement: Statement) -> Iterator[tuple[str, int]]:
    """(table, rows) of each part of its plan that walks MANY rows of a table, by no index."""
    with site.engine.connect() as connection:
        explain = f"EXPLAIN (ANALYZE, FORMAT JSON) {statement.sql}"
        [[told]] = connection.exec_driver_sql(explain, statement.parameters)
    parts = [told[0]["Plan"]]
    for part in parts:
        parts += part.get("Plans", [])
        seen = part["Actual Rows"] + part.get("Rows Removed by Filter", 0)
        if part["Node Type"] == "Seq Scan" and seen >= MANY:
            yield part["Relation Name"], seen


def _seconds(act: Callable[[Site], None], site: Site) -> float:
    gc.collect()
    begun = site.processor_time()
    act(site)
    return site.processor_time() - begun


def measured(row: Row, small: Site, grown: Site) -> bool:
    """Whether it could be; says why not."""
    try:
        row.measure(small, grown)
    except ValueError as error:
        print(f"{row.name}: {error}", file=sys.stderr)
        return False
    return True


def write(kind: str, text: str) -> None:
    """Put it into the results, in the place of what was found on a database of this kind before."""
    parts = {}
    if RESULTS.exists():
        _, *known = RESULTS.read_text().split("\n## On ")
        parts = {name: body for name, _, body in (part.partition("\n\n") for part in known)}
    parts[kind] = f"{text}\n"
    head = f"# As the years go by\n\n{__doc__.partition(chr(10) * 2)[2]}"
    told = [f"\n## On {name}\n\n{body.rstrip()}\n" for name, body in sorted(parts.items(), reverse=True)]
    RESULTS.write_text("".join([head, *told]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("small")
    parser.add_argument("grown")
    parser.add_argument("--only", default="", help="rows whose name has this")
    parser.add_argument("--write", action="store_true", help="keep the table in GROWTH.md")
    parser.add_argument("--scans", action="store_true", help="PostgreSQL: what is read from one end of a table on")
    parser.add_argument("--memory", action="store_true", help="what exports of everything hold in memory")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        small, grown = (Site(getattr(asked, name), Path(folder, name)) for name in ("small", "grown"))
        table = ["| what | little behind it | grown | ratio |", "|---|--:|--:|--:|"]
        print(*table, sep="\n")
        for row in rows(small):
            if asked.only in row.name and measured(row, small, grown):
                table.append(row.line())
                print(table[-1], flush=True)
        memory = [line for site in (small, grown) if asked.memory for line in memory_of(site)]
        print(*memory, *(scans_of(grown) if asked.scans else ()), sep="\n")
        if asked.write:
            day = f"On {datetime.now(UTC):%d %B %Y}, {os.cpu_count()} cores."
            sizes = [f"- Little: {small.behind()}.", f"- Grown: {grown.behind()}."]
            write(make_url(asked.grown).get_backend_name(), "\n".join([day, "", *sizes, "", *table]))


if __name__ == "__main__":
    main()
