"""The site as people run it: set up, served by real processes, stopped."""

import email
import email.policy
import http.client
import re
import signal
import socket
import sqlite3
import stat
import urllib.error
import urllib.parse
import urllib.request
from contextlib import closing, suppress

import pytest

from .mail.servers import MailServer
from .server import DEADLINE_SECONDS, Server, hidden_value, wait_for

TYPED = {
    "name": "Robin Sample",
    "email": "robin@example.org",
    "phone": "",
    "topic": "A question",
    "message": "Do you have parking?",
}


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A site for tests that leave it as it is."""
    with Server(tmp_path_factory.mktemp("served") / "instance") as running:
        yield running


@pytest.fixture
def server(tmp_path):
    """A site of one's own."""
    with Server(tmp_path / "instance") as running:
        yield running


def get(server, path: str) -> str:
    return urllib.request.urlopen(server.url + path, timeout=DEADLINE_SECONDS).read().decode()


def send(server, form: dict) -> str:
    """Post the contact form; the address of the page after."""
    data = urllib.parse.urlencode(form).encode()
    return urllib.request.urlopen(f"{server.url}/contact", data, timeout=DEADLINE_SECONDS).url


def filled_form(server) -> dict:
    return TYPED | {"token": hidden_value(get(server, "/contact"), "token")}


def tables(server) -> dict:
    with closing(sqlite3.connect(server.instance / "clinic.sqlite")) as database:
        names = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: database.execute(f"SELECT * FROM {name}").fetchall() for name in sorted(names)}


def test_an_empty_instance_is_set_up_with_starter_content_and_served(served):
    assert "Ten areas" in get(served, "/blog")
    assert "Robin Sample" in get(served, "/")
    assert "sample" in get(served, "/testimonials").lower()
    assert stat.S_IMODE((served.instance / "secret_key").stat().st_mode) == 0o600
    assert "<feed" in get(served, "/blog/feed.atom")


def test_setting_up_again_changes_no_data(tmp_path):
    server = Server(tmp_path / "instance")
    server.set_up()
    before = tables(server)
    said = server.flask("setup").stdout
    assert tables(server) == before
    assert said == ""


def test_a_site_can_begin_without_starter_content(tmp_path):
    server = Server(tmp_path, starter=False)
    server.set_up()
    assert tables(server)["posts"] == []


def test_an_enquiry_gives_a_row_and_a_mail_each_to_staff_and_sender_once(server):
    form = filled_form(server)
    first, again = send(server, form), send(server, form)
    assert first == again
    outbox = server.instance / "outbox"
    paths = wait_for(lambda: (found := sorted(outbox.glob("*.eml")))[1:] and found, "two mails", server.output)
    mails = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in paths]
    assert {mail["To"].addresses[0].addr_spec for mail in mails} == {"hello@clinic.example", "robin@example.org"}
    wait_for(
        lambda: all(path.name in server.output() for path in paths), "their names on the console", server.output
    )
    with closing(sqlite3.connect(server.instance / "clinic.sqlite")) as database:
        assert database.execute("SELECT count(*) FROM enquiries").fetchone() == (1,)
    server.stop()
    assert len(list(outbox.glob("*.eml"))) == 2


def test_mail_waits_for_a_server_that_is_down_and_arrives_when_it_is_up(tmp_path):
    smtp = MailServer()
    settings = {"mail_server": "127.0.0.1", "mail_port": smtp.port, "mail_security": "none"}
    with Server(tmp_path / "instance", module="tests.hasty", **settings) as server:
        assert "/contact/thanks/" in send(server, filled_form(server))
        wait_for(lambda: "Mail waits" in server.output(), "an attempt", server.output)
        with smtp:
            smtp.wait_for(2)
    assert smtp.addresses == ["hello@clinic.example", "robin@example.org"]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_cleanly(server, how):
    assert server.stop(how) == 0
    assert "Traceback" not in server.output()


def test_a_server_on_an_older_schema_refuses_and_says_what_to_run(tmp_path):
    server = Server(tmp_path)
    with pytest.raises(AssertionError, match="the server ended"):
        server.start()
    assert "flask setup" in server.output()


def test_an_address_in_use_is_said_to_be_in_words(served):
    done = served.flask("setup", check=False)
    assert done.returncode == 1
    assert f"cannot listen on 127.0.0.1:{served.port}" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_database_that_does_not_answer_is_said_to_be_in_words(tmp_path):
    server = Server(tmp_path, database_url="postgresql://nobody@127.0.0.1:9/none")
    done = server.flask("setup", check=False)
    assert done.returncode == 1
    assert "The database does not answer" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_damaged_database_is_told_in_words_with_what_to_do(tmp_path):
    server = Server(tmp_path)
    (tmp_path / "clinic.sqlite").write_bytes(bytes(8192))  # as a power cut may leave it
    for command in (["setup"], ["staff", "list"]):
        done = server.flask(*command, check=False)
        assert (done.returncode, "Traceback" in done.stderr) == (1, False)
        assert "Error: The database is damaged: file is not a database. Put the newest backup back" in done.stderr
    with pytest.raises(AssertionError, match="the server ended"):
        server.start()
    assert "The site cannot start. The database is damaged" in server.output()


def test_a_wrong_setting_stops_the_start_with_its_name(tmp_path):
    server = Server(tmp_path, mail_port="abc")
    done = server.flask("setup", check=False)
    assert done.returncode != 0
    assert "CLINIC_MAIL_PORT was 'abc'; it should be a whole number from 1 to 65535" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_large_body_is_refused_kindly_by_the_real_server(served):
    with pytest.raises(urllib.error.HTTPError) as refusal:
        send(served, TYPED | {"message": "x" * 100_000})
    with refusal.value as answer:
        assert answer.code == 413
        assert re.search("02 5550 0142", answer.read().decode())


@pytest.mark.parametrize(("path", "bytes_sent"), [("/contact", 30_000_000), ("/staff/posts/pictures", 20_000_000)])
def test_who_sends_far_too_much_sees_why_and_no_broken_connection(served, path, bytes_sent):
    with socket.create_connection(("127.0.0.1", served.port), timeout=60) as connection:
        head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nSec-Fetch-Site: same-origin\r\nConnection: close\r\n"
        head += f"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: {bytes_sent}\r\n\r\n"
        connection.sendall(head.encode())
        connection.sendall(b"x" * bytes_sent)  # as browsers do: all of it, before they look at the answer
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 413"), answer[:200]
    assert b"That was too much to send" in answer


def test_what_is_no_request_is_refused_and_the_server_goes_on(served):
    for sent in (
        b"\0\xff\r\n\r\n",
        b"GET /\r\nHost: x\r\n\r\n",
        b"GET /%00%ff%c0%80 HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nX: \x80\xff\r\nConnection: close\r\n\r\n",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /",
        b"POST /contact HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /contact HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nx",
    ):
        with socket.create_connection(("127.0.0.1", served.port), timeout=60) as connection:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            with suppress(ConnectionError):
                assert b" 500 " not in connection.recv(65536).partition(b"\r\n")[0], sent[:60]
    assert get(served, "/healthz")


def test_static_files_are_compressed_and_cached_for_good(served):
    path = re.search(r"/static/css/site\.[0-9a-f]{10}\.css", get(served, "/contact"))[0]
    connection = http.client.HTTPConnection("127.0.0.1", served.port)
    connection.request("GET", path, headers={"Accept-Encoding": "br"})
    answer = connection.getresponse()
    assert answer.headers["Content-Encoding"] == "br"
    assert "immutable" in answer.headers["Cache-Control"]
    connection.close()
