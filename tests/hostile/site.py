"""The site with one of everything in it, and who comes: an owner, a stranger, and somebody half signed in."""

import re
import signal
from contextlib import contextmanager
from datetime import time, timedelta

from lxml import html

from clinic_app import clock, database
from clinic_app.accounts import invitations
from clinic_app.booking import links
from clinic_app.booking.models import Appointment, Practitioner
from clinic_app.extensions import db
from clinic_app.web.times import start_text
from tests import databases
from tests.blog.make import post
from tests.staff.conftest import browser, client_of, new_member
from tests.staff.signing import prove, set_up_app, sign_in
from tests.staff.things import make_things

from ..stored import Stored

CPU_SECONDS = 10
CHANGED = (302, 303)  # what answers a form that did something


@contextmanager
def bounded():
    """Fail what computes for longer than any answer needs: time of the processor, not of the clock."""

    def stop(*_):
        raise AssertionError(f"computes for longer than {CPU_SECONDS} s")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


class Site:
    """An application with content; `open` asks it."""

    def __init__(self, app):
        self.app = app
        self.harvested: dict[str, str] = {}
        self.asked = 0  # requests
        self._has_changed = False
        self._clients: dict = {}
        databases.empty_all_tables()
        with database.transaction():
            self.things = make_things()
            self.values = self.things | self._addresses()
        self._stored = Stored()

    def client(self, who: str):
        """The browser of "owner", "stranger", or "halfway": who has given a password, and is asked for a code."""
        if who not in self._clients:
            client = self._clients[who] = getattr(self, f"_{who}")()
            client.check_pages = False  # `answers` does, and goes on
        return self._clients[who]

    def _owner(self):
        client = client_of(self.app, new_member("owner"))
        prove(client)
        return client

    def _stranger(self):
        return browser(self.app)

    def _halfway(self):
        member, client = new_member("editor"), browser(self.app)
        set_up_app(member)
        sign_in(client, member.email)
        return client

    def _addresses(self) -> dict[str, str]:
        """What other addresses name, and secret links; `<area>:<argument>` where one name means several."""
        appointment = db.session.get_one(Appointment, self.things["appointment_id"])
        written = post("tagged", title="Tagged", tags=("Running",))
        invited = invitations.Invited(email="kit@clinic.example", roles=("editor",))
        feed = links.new_feed_url(db.session.get_one(Practitioner, self.things["practitioner_id"]))
        return {
            "slug": written.slug,
            "blog.tag:slug": "running",
            "service": "visit",
            "person": "robin",
            "start": start_text(appointment.starts_at),
            "manage:token": links.token_of(appointment),
            "calendars:token": re.search(r"/([^/]+)\.ics$", feed)[1],
            "welcome:token": invitations.invite(invited, by=None).rpartition("/")[2],
            "security:token": "x",
            "pages.sitemap_of_posts:page": 1,
            "cards.card:file_name": "home.png",
            "media.picture:name": "picture.webp",
            "manifest.icon:name": "favicon.ico",
        }

    def arguments(self, rule) -> dict[str, str]:
        """What the arguments of an address may be."""
        return {
            name: str(self._argument(rule.endpoint, name)) for name in rule.arguments - set(rule.defaults or ())
        }

    def _argument(self, endpoint: str, name: str):
        area = endpoint.partition(".")[0]
        known = self.values | self.harvested
        for key in (f"{endpoint}:{name}", f"{area}:{name}", name):
            if key in known:
                return known[key]
        raise AssertionError(
            f"{endpoint}: say in tests/hostile/site.py or tests/staff/things.py what {name} may be"
        )

    def open(self, who: str, method: str, path: str, **kwargs):
        """The answer to a request; see `client`."""
        client = self.client(who)
        self.asked += 1
        with bounded():
            answer = client.open(path, method=method, **kwargs)
        self._has_changed |= method == "POST" and answer.status_code in CHANGED
        return answer

    def put_back(self) -> None:
        """Put everything back as it was at first, if something has been changed; who is in comes in anew."""
        if self._has_changed:
            self._has_changed = False
            self._clients = {}
            db.session.remove()
            self._stored.put_back()

    def free_start(self) -> str:
        """A time that can be booked, as addresses have it."""
        return start_text(clock.instant_of(clock.today() + timedelta(days=4), time(11)))

    def typed(self, path: str) -> dict[str, str]:
        """What a visitor would send with the form of this page."""
        form = html.document_fromstring(self.client("stranger").get(path).text).xpath("//main//form")[-1]
        given = {"email": "alex@example.org", "phone": "", "visits": "new", "leave_empty": ""}
        return dict(form.form_values()) | given
