"""Three servers and their mail workers on one PostgreSQL, nginx in front; one is killed while people write."""

import re
import socket
import time
import urllib.parse
import urllib.request
from contextlib import ExitStack, closing, contextmanager
from email.message import Message
from http.client import HTTPConnection
from http.cookiejar import CookieJar

import pytest
from sqlalchemy import func, select

from clinic_app import create_app, database
from clinic_app.extensions import db
from clinic_app.mail.models import OutboxMail

from .databases import settings_on
from .faults.stream import SETTINGS, Stream, open_all_hours, survivors
from .mail.servers import MailServer
from .nginx import Nginx
from .server import DEADLINE_SECONDS, Server, free_port, wait_for
from .staff.conftest import PASSWORD, new_member
from .testimonials.invented import received

MACHINES = 3
LIMIT = "6 per day"
ONE_FOR_ALL = {
    "secret_key": "a-key-that-all-servers-of-a-clinic-share",
    "trusted_proxies": 1,
    "rate_limits": "on",
    "contact_limit": "100000 per day",
    "booking_limit": "100000 per day",
    "sign_in_limit": LIMIT,
}


@pytest.fixture(scope="module")
def running(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("machines")
    settings = SETTINGS | ONE_FOR_ALL | {"module": "tests.hasty"}
    settings |= settings_on("postgresql", request, "clinic_machines")
    with ExitStack() as stack:
        smtp = stack.enter_context(MailServer())
        settings |= {"mail_server": "127.0.0.1", "mail_port": smtp.port, "mail_security": "none"}
        machines = [Server(folder / f"machine{n}", starter=False, **settings) for n in range(MACHINES)]
        servers = [stack.enter_context(machine) for machine in machines]
        stack.enter_context(proxy := Nginx(folder / "nginx", [server.port for server in servers]))
        yield servers, proxy, create_app(instance=folder / "looker", environ=servers[0].environ)


@pytest.fixture
def machines(running):
    """The servers, the proxy, and an application on their database, in whose context the test runs."""
    with running[2].app_context():
        yield running
        db.session.remove()
        db.engine.dispose()


class Browser:
    """Keeps cookies, whichever machine gave them."""

    def __init__(self):
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self.opener.addheaders = [("Sec-Fetch-Site", "same-origin")]

    def open(self, url: str, **form: str) -> tuple[int, str]:
        """The status and the page."""
        try:
            with self.opener.open(url, urllib.parse.urlencode(form).encode() if form else None, 120) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()


def test_a_session_is_good_on_all_of_them_and_what_is_hidden_through_one_is_hidden_on_all(machines):
    servers, proxy, _ = machines
    with database.transaction():
        voice = received(name="Pat Pretend")
    number, email, staff = voice.id, new_member("owner").email, Browser()
    everywhere = [proxy.url, *(server.url for server in servers)]
    assert staff.open(f"{proxy.url}/staff/sign-in", email=email, password=PASSWORD)[0] == 200
    assert {staff.open(f"{url}/staff/testimonials")[0] for url in everywhere} == {200}
    assert all("Pat Pretend" in Browser().open(f"{url}/testimonials")[1] for url in everywhere * 2)
    assert staff.open(f"{servers[1].url}/staff/testimonials/{number}/hide", reason="x")[0] == 200
    assert not any("Pat Pretend" in Browser().open(f"{url}/testimonials")[1] for url in everywhere)


def ask(port: int, path: str) -> tuple[int, Message]:
    """The status and the headers, wherever they lead."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=DEADLINE_SECONDS)) as connection:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.headers


def test_secret_links_lead_to_the_site_and_stand_in_no_log(machines):
    _, proxy, _ = machines
    for path in ("/a/a-secret", "/calendar/a-secret.ics", "/staff/first/a-secret", "/staff/people?find=a-secret"):
        status, headers = ask(proxy.port, path)
        assert status in (200, 302, 404, 410), path
        assert headers["X-Request-ID"], "the site itself has answered"
    assert ask(proxy.port, "/privacy?from=a-secret")[0] == 200
    log = proxy.folder / "log" / "clinic.log"
    wait_for(lambda: '"GET /privacy" 200' in log.read_text(), "nginx to log what it has answered")
    assert not [word for word in ("secret", "/a/", "/calendar/", "/staff/") if word in log.read_text()]


def test_who_comes_unencrypted_is_led_to_the_site(machines):
    status, headers = ask(machines[1].plain_port, "/book?x=1")
    assert (status, headers["Location"]) == (301, "https://www.riverside.example/book?x=1")


def test_they_count_together_how_often_somebody_guesses(machines):
    servers, _, _ = machines
    guess = {"email": "kit@clinic.example", "password": "wrong"}
    found = [Browser().open(f"{servers[n % MACHINES].url}/staff/sign-in", **guess)[0] for n in range(7)]
    assert found == [200] * 6 + [429]


def test_while_an_update_goes_on_each_page_finds_its_own_style_wherever_it_was_made(tmp_path):
    """Two servers whose stylesheets differ stand for two versions."""
    with ExitStack() as stack:
        ports = []
        for version in ("old", "new"):
            server = Server(tmp_path / version, trusted_proxies=1)
            server.set_up()
            own = server.instance / "static" / "css" / "own.css"
            own.parent.mkdir(parents=True)
            own.write_text(f":root {{ --version: {version} }}")
            server.start()
            stack.callback(server.kill)
            ports.append(server.port)
        proxy = stack.enter_context(Nginx(tmp_path / "nginx", ports))
        sheets = set()
        for turn in range(8):
            found = re.findall(r'"(/static/css/own\.\w+\.css)"', Browser().open(f"{proxy.url}/privacy")[1])
            sheets.update(found)
            for _ in range(turn % 2):  # so that each is asked for what each has told
                ask(proxy.port, "/privacy")
            assert [ask(proxy.port, sheet)[0] for sheet in found] == [200]
        assert len(sheets) == 2
        assert ask(proxy.port, "/static/css/none.css")[0] == 404


def test_when_none_answers_people_hear_what_to_do(tmp_path):
    with Nginx(tmp_path / "alone", [free_port()]) as proxy:
        status, page = Browser().open(f"{proxy.url}/contact", message="My knee clicks on stairs.")
        assert status == 503
        assert "reload this page in a minute" in page
        assert ask(proxy.port, "/")[1]["Retry-After"] == "30"


@pytest.mark.parametrize(("seconds", "seen"), [(1, 200), (0, 503)])
def test_nginx_may_show_the_pages_it_has_while_none_answers_where_shared_caches_keep_them(tmp_path, seconds, seen):
    server = Server(tmp_path / "site", trusted_proxies=1, shared_cache_seconds=seconds)
    with server, Nginx(tmp_path / "nginx", [server.port], keeps_pages=True) as proxy:
        assert [ask(proxy.port, path)[0] for path in ("/privacy", "/contact")] == [200, 200]
        server.kill()
        time.sleep(seconds + 1)  # longer than it may be sent without asking
        assert ask(proxy.port, "/privacy")[0] == seen
        assert ask(proxy.port, "/contact")[0] == 503, "it was made for the asker"


def test_a_machine_that_answers_nothing_at_all_keeps_nobody_waiting_for_long(machines, tmp_path):
    servers, _, _ = machines
    began = time.monotonic()
    with gone() as port, Nginx(tmp_path / "nginx", [port, servers[1].port]) as proxy:  # which asks them in turns
        assert ask(proxy.port, "/privacy")[0] == 200
    assert 2 < time.monotonic() - began < 30  # nginx by itself waits for a minute


@contextmanager
def gone():
    """A port that takes no more connections and refuses none, as a machine whose power has failed."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, socket.socket() as only:
        only.connect(full.getsockname())
        yield full.getsockname()[1]


def test_when_one_dies_while_people_write_nothing_is_lost_and_nobody_sees_it(machines):
    servers, proxy, app = machines
    open_all_hours()
    with Stream(app, proxy) as stream:
        stream.wait_for(6)
        servers[0].kill()
        stream.wait_for(15)
        servers[0].start()
        stream.wait_for(3)
    assert set(stream.statuses) == {303}, "whoever was with it was served by another"
    assert survivors(stream.answered) == len(stream.answered)
    wait_for(lambda: left_to_send() == 0, "the others to send what waits")


def left_to_send() -> int:
    """Mails that wait for a worker; what the dead one had begun comes back later."""
    db.session.rollback()
    return db.session.scalar(select(func.count()).where(OutboxMail.state == "queued"))
