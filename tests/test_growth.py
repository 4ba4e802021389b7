"""No page, and nothing that runs by itself, reads a table whole that grows with the years."""

from pathlib import Path

from clinic_app import clock, database
from clinic_app.booking import kept_figures as appointments_kept
from clinic_app.cli.content import bring_in_folder
from clinic_app.enquiries import kept_figures as enquiries_kept
from clinic_app.extensions import db
from clinic_app.mail import claims
from clinic_app.retention import purging

from . import databases
from .bench import growth, growth_table, hot_pages
from .queries import noted
from .scans import scans
from .staff.conftest import client_of, new_member

FEW = 8
MOST = 33  # statements of a page
FILES = (
    "/staff/figures/enquiries.csv",
    "/staff/figures/appointments.csv?status=booked",
    "/staff/figures/no-shows.csv",
    "/staff/audit/trail.csv",
    "/blog/search?q=spine+running&page=1",
)


def pages_with(app, fewest: int) -> dict[str, str]:
    """The pages of a site with at least so many of everything, and nothing else."""
    databases.empty_all_tables()
    bring_in_folder(Path(app.root_path) / "starter")
    growth.grow(share=0, fewest=fewest, say=lambda _: None)
    return hot_pages.pages(hot_pages.things_there())


def visited(app, pages: dict[str, str]) -> dict[str, list]:
    """What an owner's first look at each page sends to the database: public ones are kept after it."""
    owner = client_of(app, new_member("owner"))
    owner.check_pages = False
    found = {}
    with noted() as sent:
        for name, path in pages.items():
            sent.clear()
            assert owner.get(path).status_code == 200, path
            found[name] = list(sent)
    return found


def test_pages_ask_as_often_however_much_there_is_and_read_no_growing_table_whole(app):
    few = visited(app, pages_with(app, FEW))
    many = visited(app, pages_with(app, 100))
    # The few testimonials have one page, with a head; and what was kept already asks nothing.
    lists = [name for name in many if few[name] and not name.startswith("Testimonials, ")]
    assert [(name, len(many[name])) for name in lists] == [(name, len(few[name])) for name in lists]
    assert max(map(len, many.values())) <= MOST
    statements = {each.sql: (name, each) for name, sent in many.items() for each in sent}
    owner = client_of(app, new_member("owner"))
    with noted() as sent:
        for path in FILES:
            assert owner.get(path).status_code == 200, path
        claims.work_waits(clock.now())
        claims.claim(clock.now(), limit=20)
        purging.due()
        purging.is_due()
        purging.step()
        for kept in (appointments_kept, enquiries_kept):
            kept.is_due()
            kept.keep()
        statements |= {each.sql: ("by itself", each) for each in sent}
    db.session.rollback()
    assert len(statements) > 100
    asked = [each for each in statements.values() if each[1].sql.lstrip().startswith(("SELECT", "WITH", "UPDATE"))]
    found = [f"{where}\n{whole}\n{each.sql}\n" for where, each in asked if (whole := scans(each))]
    assert not found, "\n".join(found)


def test_all_of_the_table_of_growth_can_be_measured(app, tmp_path):
    pages_with(app, FEW)
    site = growth_table.Site(app.config["SQLALCHEMY_DATABASE_URI"], tmp_path)
    rows = growth_table.rows(site)
    for row in rows:
        row.act(site)
    assert len(rows) > 80
    site.close()


def test_a_scan_is_noticed(app):
    by_sight, by_index = "SELECT id FROM enquiries WHERE topic = 'x'", "SELECT count(*) FROM mail_outbox"
    page, state = (
        "SELECT id FROM posts ORDER BY saved_at, id LIMIT 5",
        "SELECT id FROM enquiries WHERE state = 'new'",
    )
    with noted() as sent:
        for statement in (by_sight, by_index, page, state):
            db.session.execute(db.text(statement))
    assert [bool(scans(each)) for each in sent] == [True, database.is_sqlite(), False, False]
