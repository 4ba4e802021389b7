"""Ten years of a clinic in a database: `python -m tests.bench.growth DATABASE_URL [--share 0.01]`.

The database may be empty, or hold starter content: it is migrated, and filled with that first. Then come a past,
of which `--share` says how much, and a present that is the same for any share: what waits, the weeks around today,
and a page of what is rare. So two databases of different shares differ in nothing but how much lies behind them.
Whole, the past is 10,000 posts, 100,000 testimonials, a million enquiries, a million appointments and four
million mails, and what goes with them; it takes some minutes and about seven gigabytes. Everything is invented,
the same at each run.
"""

import argparse
import sys
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path

from sqlalchemy import func, select

from clinic_app import create_app
from clinic_app.booking import kept_figures as appointments_kept
from clinic_app.database import transaction
from clinic_app.enquiries import kept_figures as enquiries_kept
from clinic_app.extensions import db

from . import bulk
from .growth_appointments import appointment_tables, people_tables
from .growth_content import content_tables
from .growth_messages import message_tables
from .past import FEWEST, WHOLE, Past

MANY = 0.01  # a share of which it pays to make indexes anew
NEED_INDEXES = ("appointments",)  # whose triggers look rows up by them
TABLES = (people_tables, content_tables, message_tables, appointment_tables)


def grow(*, share: float, fewest: int = FEWEST, say=print) -> None:
    """Fill the database of the current site, which holds starter content and no more."""
    past = Past(share=share, fewest=fewest)
    with bulk.opened() as database:
        for tables in TABLES:
            for name, columns, rows in tables(past):
                begun = time.monotonic()
                anew = share >= MANY and name not in NEED_INDEXES
                with bulk.indexes_afterwards(database, name) if anew else nullcontext():
                    database.add(name, columns, rows)
                say(f"{name}: {time.monotonic() - begun:.0f} s")
    db.session.remove()


def keep_figures() -> None:
    """What the site's mail workers do by themselves while years pass: they keep each week's figures."""
    for kept in (appointments_kept, enquiries_kept):
        while kept.is_due():
            with transaction():
                kept.keep()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("url", help="sqlite:////folder/clinic.sqlite or postgresql+psycopg://...")
    parser.add_argument("--share", type=float, default=1.0, help=f"of {WHOLE}; {FEWEST} of each at least")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(
            instance=Path(folder), environ={"CLINIC_DATABASE_URL": asked.url, "CLINIC_MAIL_WORKER": "separate"}
        )
        if app.test_cli_runner().invoke(args=["setup"]).exit_code:
            sys.exit("The database could not be set up.")
        with app.app_context():
            grow(share=asked.share)
            keep_figures()
            for name in ("posts", "testimonials", "enquiries", "appointments", "mail_outbox"):
                print(f"{name}: {db.session.scalar(select(func.count()).select_from(db.metadata.tables[name])):,}")


if __name__ == "__main__":
    main()
