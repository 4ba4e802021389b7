"""`make bench`: the site beside the floor, in one run, in turns; prints a table and keeps it in RESULTS.md.

Both run under the same server with the same settings, two processes each, on one machine, which also makes the
load: 16 connections where nothing else is said. Figures are medians over the turns. Compare the ratios; the rest
is that machine's at that hour. The floor is a bare Flask: it sends the same bytes, renders a template of the same
size with a row of four values every hundred bytes or so, or inserts one row in the site's own database, as safe
from power cuts (`synchronous=FULL`, `fsync`): by the database's own driver or, where that is said, by
Flask-SQLAlchemy, as the site's rows are. An enquiry is such a row with its reference and search words, spam
judged, and two mails rendered and queued.
"""

import os
import sys
import tempfile
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from statistics import median

from clinic_app import create_app
from clinic_app.web import form_token
from tests.reading import parsed

from .. import databases
from ..server import Server
from . import wrk
from .floor_server import Floor

RESULTS = Path(__file__).with_name("RESULTS.md")
TURNS, SECONDS = 3, 2
CODED = {"Accept-Encoding": "br"}
READY = {
    "Home": "/",
    "Blog": "/blog",
    "A post": "/blog/ten-areas-of-the-spine-every-runner-should-know",
    "Testimonials": "/testimonials",
    "A week of times": "/book/follow-up/anyone",
}
# With an argument that is not in its true form, pages are made for the asker.
MADE = {
    "Contact form": "/contact",
    "Choose who, made anew": "/book/follow-up?note=none",
    "A week of times, made anew": "/book/follow-up/robin-sample?note=none",
}
TYPED = {"name": "Robin Sample", "topic": "A question", "phone": ""}
MANY = (1, 16, 64)  # clients that send forms
A_TURN = 2000  # forms at most, each sent once
COLUMNS = ("page", "requests/s", "floor's", "ratio", "goal", "p50", "p99/p50", "floor's", "failed")


@dataclass
class Row:
    """What is measured: the site's page and the floor's, in turns."""

    name: str
    goal: float
    ours: dict
    floor: str  # a path
    forms: Iterator[str] | None = None
    found: list[tuple[wrk.Result, wrk.Result]] = field(default_factory=list)

    def measure(self, floor_url: str) -> None:
        bodies = list(islice(self.forms, A_TURN)) if self.forms else []
        loads = (self.ours, self.ours | {"url": floor_url + self.floor})
        self.found.append(tuple(wrk.run(seconds=SECONDS, bodies=bodies, **load) for load in loads))

    def line(self) -> str:
        ours, floors = zip(*self.found, strict=True)
        rate, floor = median(each.rate for each in ours), median(each.rate for each in floors)
        p50 = median(each.p50 for each in ours)
        told = [self.name, f"{rate:,.0f}", f"{floor:,.0f}", f"{rate / floor:.2f}", f"{self.goal:g}"]
        told += [f"{p50:.1f} ms", *(f"{median(each.spread for each in side):.1f}" for side in (ours, floors))]
        told.append(str(sum(each.failed for each in ours)))
        return f"| {' | '.join(told)} |"


def ready_pages(site: Server) -> Iterator[Row]:
    """Each page as a browser asks for it, and as one that has it; their bytes are the floor's."""
    for number, (name, path) in enumerate(READY.items()):
        with urllib.request.urlopen(urllib.request.Request(site.url + path, headers=CODED), timeout=60) as answer:
            (site.instance / f"{number}.br").write_bytes(answer.read())
            known = CODED | {"If-None-Match": answer.headers["ETag"]}
        for what, headers in ((name, CODED), (f"{name}, 304", known)):
            yield Row(what, 1, {"url": site.url + path, "headers": headers}, f"/bytes/{number}")


def made_pages(site: Server) -> Iterator[Row]:
    for name, path in (MADE | {"Details of an appointment": free_time(site)}).items():
        size = len(read(site, path))
        yield Row(name, 0.5, {"url": site.url + path}, f"/template/{size}")


def free_time(site: Server) -> str:
    """The address of the form for a time that is free, and can be booked for as long as this takes."""
    return parsed(read(site, "/")).select(".next-list a")[-1]["href"]


def read(site: Server, path: str) -> bytes:
    return urllib.request.urlopen(site.url + path, timeout=60).read()


def submissions(site: Server) -> Iterator[Row]:
    with create_app(instance=site.instance, environ=site.environ).test_request_context():
        tokens = [form_token.new() for _ in range(2 * A_TURN * TURNS * len(MANY))]
    forms = iter([enquiry(number, token) for number, token in enumerate(tokens)])
    for clients in MANY:
        ours = {"url": f"{site.url}/contact", "clients": clients}
        name = f"An enquiry, {clients} client{'s'[: clients - 1]}"
        yield Row(name, 0.5, ours, "/insert", forms)
        yield Row(f"{name}, beside Flask-SQLAlchemy", 0.5, ours, "/insert-by-orm", forms)


def enquiry(number: int, token: str) -> str:
    """A form that nobody else sends."""
    own = {"email": f"robin{number}@example.org", "message": f"Do you have parking for {number}?", "token": token}
    return urllib.parse.urlencode(TYPED | own)


def measured(kind: str) -> list[Row]:
    """All rows on the database of this kind."""
    with ExitStack() as stack:
        # Folders of their own, which are open to the user that PostgreSQL runs as.
        folders = [Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench"))) for _ in range(2)]
        settings = {"rate_limits": "off", "mail_worker": "separate"}
        if kind == "postgresql":
            cluster = stack.enter_context(databases.cluster(folders[0], runtime=folders[1]))
            settings["database_url"] = databases.create_database(cluster.url, "clinic_bench")
        site = stack.enter_context(Server(folders[1] / "instance", workers=2, **settings))
        rows = [*ready_pages(site), *made_pages(site), *submissions(site)]
        floor = stack.enter_context(Floor(site))
        for turn in range(TURNS):
            print(f"{kind}: turn {turn + 1} of {TURNS}", file=sys.stderr)
            for row in rows:
                row.measure(floor.url)
    return rows


def main() -> None:
    wrk.program()
    began, load = datetime.now(UTC), os.getloadavg()[0]
    head = [f"| {' | '.join(COLUMNS)} |", "|---|" + "--:|" * (len(COLUMNS) - 1)]
    parts = []
    for kind in databases.KINDS:
        table = "\n".join([*head, *(row.line() for row in measured(kind))])
        print(table)
        parts.append(f"## On {kind}\n\n{table}\n")
    loads = f"{load:.0f} at the start, {os.getloadavg()[0]:.0f} at the end"
    machine = f"On {began:%d %B %Y}, {os.cpu_count()} cores. Programs that wanted one of them: {loads}.\n"
    RESULTS.write_text("\n".join([f"# Beside the floor\n\n{__doc__.partition(chr(10) * 2)[2]}", machine, *parts]))


if __name__ == "__main__":
    main()
