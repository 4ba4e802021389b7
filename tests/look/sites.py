"""The sites whose pages are looked at, each with a server of its own."""

import sqlite3
import time
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

from clinic_app import clock, create_app, database, rate_limits
from clinic_app.accounts import sign_ins
from clinic_app.accounts.models import Member
from clinic_app.booking import appointments, availability, changes, links, profiles, requests
from clinic_app.booking.models import OfferedTime
from clinic_app.cli.content import bring_in_folder
from clinic_app.extensions import db
from clinic_app.keys.secret_key import token_hash
from clinic_app.public.choice import start_text
from clinic_app.testimonials.models import Testimonial
from tests import databases
from tests.booking import make
from tests.server import served_here

from . import office, overfull

PATIENT = appointments.Patient(name="Alex Placeholder", email="alex@example.org", note="I come by bike.")
MANY = appointments.Patient(name="Jo Fictional", email="jo@example.org")  # has all that can be booked online
SOMEONE = appointments.Patient(name="Lee Invented", phone="+61491570006")
PAST_LINK, LAPSED_LINK = "over-and-past", "never-confirmed"


class Site:
    """A site. `facts` are what its addresses are made of: `/a/{booked}`."""

    def __init__(self, folder: Path, *, starter: bool = True, **settings):
        self.folder = folder
        self.facts = {}
        self.members: dict[str, int] = {}  # of staff: who is looked at the site as, and their numbers
        self._sessions: dict[str, dict] = {}
        self._starter = starter
        self._environ = {f"CLINIC_{key.upper()}": str(value) for key, value in settings.items()}
        self._running = ExitStack()

    def start(self) -> None:
        """Set it up and serve it, in this very process: three more would cost more than all their pages."""
        self.folder.mkdir(parents=True)
        self.app = create_app(instance=self.folder, environ=self._environ)
        with self.app.app_context():
            databases.make_sqlite_hasty(db.engine)
        done = self.app.test_cli_runner().invoke(args=["setup", "--starter" if self._starter else "--no-starter"])
        assert done.exit_code == 0, done.output
        self.url = self._running.enter_context(served_here(self.app))

    def free_time(self) -> str:
        """The address of the details form for a time that is free, a week or more ahead."""
        with self.app.app_context():
            service, person = self._offer()
            return f"/book/{service.slug}/{person.slug}/{start_text(soonest(service, person).starts_at)}"

    def take_time(self) -> None:
        """Have someone else book the time that `free_time` gives."""
        with self.app.app_context(), database.transaction():
            book(*self._offer(), patient=SOMEONE)

    def _offer(self) -> tuple:
        return profiles.service(self.facts["service"]), profiles.practitioner(self.facts["person"])

    def sign_in(self, who: str) -> dict:
        """The cookie of one of `members`, or of a new one with this role, for Playwright."""
        if who not in self._sessions:
            with self.app.app_context(), database.transaction():
                member = self._member(who)
                token = sign_ins.start(member, browser="Chromium on Linux")
                self._sessions[who] = {"_user_id": member.fs_uniquifier, "_fresh": True, "sign_in": token}
        session = self._sessions[who] | {"fs_paa": time.time()}  # has just confirmed who they are
        signed = self.app.session_interface.get_signing_serializer(self.app).dumps(session)
        return {"name": self.app.config["SESSION_COOKIE_NAME"], "value": signed, "url": self.url}

    def _member(self, who: str) -> Member:
        if who in self.members:
            return db.session.get_one(Member, self.members[who])
        member = Member(name="Casey Invented", email=f"{who}@clinic.example", role_names=[who])
        db.session.add(member)
        db.session.flush()
        return member

    @contextmanager
    def without_table(self, name: str):
        """While this runs, the site meets a database that is not whole."""
        rename = "ALTER TABLE {} RENAME TO {}"
        connection = sqlite3.connect(self.folder / "clinic.sqlite", isolation_level=None, timeout=60)
        connection.execute(rename.format(name, "mislaid"))
        try:
            yield
        finally:
            connection.execute(rename.format("mislaid", name))
            connection.close()

    def stop(self) -> None:
        self._running.close()
        with self.app.app_context():
            db.engine.dispose()


def fill_starter(site: Site) -> None:
    """As it is after `make run`, with appointments in every state."""
    site.facts |= {"service": "follow-up", "person": "robin-sample"}
    with site.app.app_context(), database.transaction():
        site.facts |= _appointments_in_all_states()
        facts, site.members = office.fill(site.facts)
        site.facts |= facts


def fill_full(site: Site) -> None:
    """More of everything than a page was drawn for; all that limits allow has been sent from here before."""
    content = site.folder / "content"
    overfull.write(content)
    overfull.break_pages(site.folder)
    site.facts |= {"service": "service-00", "person": "person-0"}
    with site.app.app_context():
        bring_in_folder(content)
        with database.transaction():
            service, person = profiles.services()[0], profiles.practitioners()[0]
            patient = appointments.Patient(name=overfull.LONG_NAME, email="kit@example.org", note="x" * 500)
            people = overfull.members()
            asked = book(service, person, patient=patient, ahead=until_monday())
            booked = requests.accept(asked, hand=changes.hand_of(people[0]))
            patient = appointments.Patient(name=overfull.RIGHT_TO_LEFT.strip(), email="lee@example.org")
            book(service, person, patient=patient, ahead=until_monday())
            site.facts |= {"booked": links.token_of(booked), "a_booked": booked.id}
            waiting = book(service, person, patient=patient, ahead=until_monday())
            site.facts |= {"requested": links.token_of(waiting)}
            site.facts |= {"busy_day": clock.local(booked.starts_at).date()} | overfull.staff_facts(people)
            site.facts |= {"member": people[0].id, "voice": db.session.scalars(_unbroken_voice()).first()}
            for action in ("contact", "book"):
                rate_limits.hit(action, "127.0.0.1", "1 per day")


def _unbroken_voice():
    return db.select(Testimonial.id).where(Testimonial.name == overfull.UNBROKEN)


# How each site is set up, and what is put in before it is looked at.
SITES = {
    "starter": ({"rate_limits": "off", "mail_worker": "separate"}, fill_starter),
    "empty": ({"rate_limits": "off", "starter": False}, lambda site: None),
    "full": (overfull.SETTINGS | {"starter": False}, fill_full),
}


def book(service, person, *, patient, ahead=timedelta(days=7)):
    return appointments.book(
        service=service, practitioner=person, patient=patient, starts_at=soonest(service, person, ahead).starts_at
    )


def until_monday() -> timedelta:
    """How long it is until the next one: the day on which the overfull clinic is open round the clock."""
    today = clock.today()
    return clock.instant_of(today + timedelta(days=7 - today.weekday())) - clock.now()


def soonest(service, person, ahead=timedelta(days=7)):
    """The first free time that lies so far ahead."""
    openings = availability.load(service, practitioner=person)
    return next(slot for slot in openings.slots() if slot.starts_at > clock.now() + ahead)


def _appointments_in_all_states() -> dict[str, str]:
    robin, follow_up = profiles.practitioner("robin-sample"), profiles.service("follow-up")
    check = profiles.service("running-check")
    offered = book(check, robin, patient=PATIENT)
    other_times = [(robin, soonest(check, robin, timedelta(weeks=weeks)).starts_at) for weeks in (2, 3, 4)]
    offers_gone = book(check, robin, patient=SOMEONE)
    offers_gone.offered = [OfferedTime(practitioner=robin, starts_at=clock.now() - timedelta(hours=1))]
    made = {
        "booked": book(follow_up, robin, patient=PATIENT),
        "requested": book(check, robin, patient=PATIENT),
        "offered": requests.offer(offered, times=other_times),
        "offers_gone": offers_gone,
        "to_confirm": requests.accept(book(check, robin, patient=SOMEONE)),
        "cancelled": appointments.cancel(book(follow_up, robin, patient=PATIENT), reason="I am away."),
        "withdrawn": appointments.cancel(
            book(follow_up, robin, patient=PATIENT), by=appointments.STAFF, reason="Robin is ill."
        ),
    }
    for _ in range(4):
        book(follow_up, robin, patient=MANY)
    this_hour = clock.now().replace(minute=0, second=0, microsecond=0)
    past = make.row(
        SimpleNamespace(robin=robin, visit=follow_up),
        this_hour - timedelta(days=30),
        price_cents=8500,
        token_hash=token_hash(PAST_LINK),
    )
    lapsed = make.row(
        SimpleNamespace(robin=robin, visit=check),
        this_hour - timedelta(days=2),
        status="requested",
        price_cents=14000,
        token_hash=token_hash(LAPSED_LINK),
    )
    db.session.add_all((past, lapsed))
    db.session.flush()
    numbers = {f"a_{state}": appointment.id for state, appointment in made.items()}
    tokens = {state: links.token_of(appointment) for state, appointment in made.items()}
    return numbers | tokens | {"past": PAST_LINK, "lapsed": LAPSED_LINK}
