"""Every address takes as many queries with a hundred rows of each kind as with one."""

from datetime import timedelta

from clinic_app import clock, database
from clinic_app.booking import profiles
from clinic_app.booking.models import Appointment
from clinic_app.extensions import db
from clinic_app.staff import searching

from . import multiplied
from .hostile import doors
from .hostile.site import Site
from .queries import noted

# Files that are read some rows at a time (clinic_app.lists.chunks).
IN_STEPS = ("staff.audit.file", "staff.figures.enquiries", "staff.figures.appointments")
LAST = "/staff/audit"  # asks once for each kind of thing that it names, and every look at one makes an entry
# Tables of which no page shows anything, and those without which figures count for themselves.
UNSHOWN = {
    "erased_identifiers",
    "rate_limit_counts",
    "sent_forms",
    "site_marks",
    "appointment_weeks",
    "enquiry_weeks",
}
MOST = 36  # *Health*, which asks for each of its checks
MOST_IN_BOOKING = 6


def test_every_address_takes_as_many_queries_with_one_row_as_with_a_hundred(app):
    site = Site(app)
    site.client("owner")
    add_the_rest(site.things)
    assert multiplied.empty_tables() == UNSHOWN
    asked = addresses(site)
    few = counted(site, asked)
    multiplied.multiply(100)
    many = counted(site, asked)
    assert {path: many[path] for path in asked if many[path] != few[path]} == {}
    assert len(asked) > 110
    assert max(many.values()) <= MOST
    assert max(number for path, number in many.items() if path.startswith("/book")) <= MOST_IN_BOOKING


def addresses(site: Site) -> dict[str, str]:
    """All that can be got, and some with what they are asked for behind; with who asks."""
    found = [door for door in doors.all_of(site, ("GET",)) if door.endpoint not in IN_STEPS]
    asked = {door.path(): "owner" if door.endpoint.startswith("staff.") else "stranger" for door in found}
    asked |= dict.fromkeys(lists(site.things), "owner")
    return dict(sorted(asked.items(), key=lambda each: each[0].startswith(LAST)))


def lists(things: dict) -> list[str]:
    """Lists that show nothing, or something else, unless they are asked for it."""
    day = clock.local(db.session.get_one(Appointment, things["appointment_id"]).starts_at).date()
    return [
        *(f"/staff/calendar?day={day}{view}" for view in ("", "&view=week")),
        "/staff/calendar/requests?state=offered",
        *(f"/staff/{name}?state=all" for name in ("enquiries", "mail", "testimonials")),
        *("/staff/testimonials?state=published", "/staff/mail?state=sent"),
        *(f"/staff/{name}?q=a" for name in ("posts", "testimonials", "people")),
        *(f"/staff/{name}={searching.token_of('a')}" for name in ("enquiries?q", "mail?to")),
        *("/staff/people?q=alex@example.org", "/blog/search?q=words", f"/book/visit/robin?week={day}"),
    ]


def counted(site: Site, asked: dict[str, str]) -> dict[str, int]:
    """How many statements each address sends."""
    found = {}
    with noted() as statements:
        for path, name in asked.items():
            statements.clear()
            assert site.open(name, "GET", path).status_code < 500, path
            found[path] = len(statements)
    return found


def add_the_rest(things: dict) -> None:
    """What `Site` has none of: a second practitioner, and a row of each table that it leaves empty."""
    with database.transaction():
        profiles.save_practitioner("kim", name="Kim Sample", offers=[profiles.service("visit")])
    with db.engine.begin() as connection:
        for name, row in rows(things, clock.now()).items():
            connection.execute(db.metadata.tables[name].insert(), row)


def rows(things: dict, now) -> dict[str, dict]:
    """By their tables' names."""
    member, casey = things["member_id"], "Casey Invented"
    enquiry = db.session.scalar(db.text("SELECT min(id) FROM enquiries"))
    told = {"author_id": member, "author_name": casey, "created_at": now, "mail_id": things["mail_id"]}
    offered = {"appointment_id": things["appointment_id"], "practitioner_id": things["practitioner_id"]}
    key = {"credential_id": b"x", "public_key": b"x", "backup_state": False, "device_type": "multi_device"}
    erased = {"member_id": member, "member_name": casey, "kind": "erased", "reason": "asked", "remark": ""}
    run = {"file_name": "clinic.tar.gz", "encrypted": False, "verified": "", "error": ""}
    return {
        "post_redirects": {"slug": "before", "post_id": things["post_id"]},
        "passkeys": {"user_id": member, "name": "Phone", "usage": "either", "lastuse_datetime": now} | key,
        "enquiry_entries": {"enquiry_id": enquiry, "kind": "reply", "text": "Yes."} | told,
        "offered_times": {"starts_at": now + timedelta(days=5)} | offered,
        "servers": {"name": "web2:/srv/clinic/instance", "digests": {}, "seen_at": now},
        "erasures": {"erased_at": now, "counts": {}} | erased,
        "disposals": {"name": "Alex Placeholder", "first_at": now, "last_at": now, "disposed_at": now},
        "purges": {"started_at": now, "finished_at": now, "counts": {}},
        "backup_runs": {"started_at": now, "finished_at": now} | run,
        "privacy_notices": {"version": "1", "html": "<p>Words</p>", "first_used_at": now},
    }
