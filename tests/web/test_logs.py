"""The log tells what happened, where, and at which request; never what somebody wrote, or who they are."""

import io
import json
import logging
import re
import sys
import traceback

import pytest
from sqlalchemy import event, text
from werkzeug.routing.converters import NumberConverter

from clinic_app import logs
from clinic_app.extensions import db
from clinic_app.logs import ForReading, JsonLines
from clinic_app.mail.worker import Worker
from clinic_app.web.requests import AnswerBrokenOff, RequestIds, watched

from ..mail.conftest import queue, server, use_server  # noqa: F401  fixtures
from ..staff.conftest import staff  # noqa: F401  a fixture

WORD = "walrusmark"
SECRETS = {"email": f"{WORD}@example.org", "phone": "0491 570 156", "starts_at": "2026-11-30T10:00"}
# Every name that a form of the site has, or may get: what a view does not know it leaves alone.
NAMES = re.findall(
    r"\w+",
    """name email phone topic message note token website reason text who words body title slug excerpt tags subject
    address password new_password new_password_confirm identity code passcode remark kind choice roles service
    practitioner starts_at day start end starts ends minutes price description bio role alt nonce seen to template
    override url q next quote author file ids decision order position""",
)


@pytest.fixture
def log():
    """What is written to the log, as JSON lines."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonLines())
    logging.getLogger().addHandler(handler)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    logging.getLogger().removeHandler(handler)


@pytest.fixture
def as_served(app, with_settings):
    """Faults are answered with a page, as on a server, and each request is written down."""
    with_settings(log_requests="on")
    app.config["PROPAGATE_EXCEPTIONS"] = False
    yield app
    app.config["PROPAGATE_EXCEPTIONS"] = None


@pytest.fixture
def broken_database(app):
    """Each statement that carries the marked word fails, and the fault quotes all that it carries."""

    def fail(_connection, _cursor, statement, parameters, _context, _many):
        if WORD in repr(parameters):
            raise ValueError(f"{statement} with {parameters!r}")

    event.listen(db.engine, "before_cursor_execute", fail)
    yield
    event.remove(db.engine, "before_cursor_execute", fail)


def every_address(app, *, method):
    """Each rule of the site with the marked word for each of its variables, and in its query."""
    for rule in app.url_map.iter_rules():
        if method in rule.methods and not rule.rule.startswith("/static"):
            values = {
                name: 1 if isinstance(rule._converters[name], NumberConverter) else WORD
                for name in rule._converters
            }
            with app.test_request_context():
                path = app.url_map.bind("clinic.example").build(rule.endpoint, values, append_unknown=False)
            yield f"{path}?q={WORD}&to={WORD}%40example.org"


def send_to_every_form(app, client):
    """Posts marked words to each address that takes a form; gives the statuses."""
    typed = {name: SECRETS.get(name, f"I have a {WORD}") for name in NAMES}
    return [client.post(path, data=typed).status_code for path in every_address(app, method="POST")]


def told(entries) -> str:
    return json.dumps(entries, ensure_ascii=False)


@pytest.mark.parametrize("who", ["stranger", "owner"])
def test_marked_words_sent_to_every_form_and_address_are_never_logged(as_served, staff, log, who):  # noqa: F811
    client = staff("owner") if who == "owner" else as_served.test_client()
    statuses = send_to_every_form(as_served, client)
    for path in every_address(as_served, method="GET"):
        statuses.append(client.get(path).status_code)
    assert len(statuses) > 100
    assert len([entry for entry in log() if entry["logger"] == "clinic_app.requests"]) > 100
    assert WORD not in told(log())
    assert "570 156" not in told(log())


@pytest.mark.parametrize("who", ["stranger", "owner"])
def test_marked_words_are_not_logged_where_each_statement_fails(as_served, staff, log, broken_database, who):  # noqa: F811
    client = staff("owner") if who == "owner" else as_served.test_client()
    contact = as_served.test_client().get("/contact").text
    token = contact.partition('name="token"')[2].partition('value="')[2].partition('"')[0]
    statuses = send_to_every_form(as_served, client)
    sent = {"name": WORD, "message": WORD, "email": SECRETS["email"], "topic": "A question", "token": token}
    statuses.append(client.post("/contact", data=sent).status_code)
    statuses += [client.get(path).status_code for path in every_address(as_served, method="GET")]
    assert statuses.count(500) > 3, "no fault was met"
    faults = [entry for entry in log() if "exception" in entry]
    assert any("ValueError" in fault["exception"][0] for fault in faults)
    assert all(fault["route"] != "unknown" and fault["request_id"] for fault in faults)
    assert WORD not in told(log())


def test_what_the_databases_say_is_told_without_values(app, log):
    for statement in (
        "SELECT nothing FROM nowhere",
        "INSERT INTO privacy_notices (version, html) VALUES (:v, :v)",
    ):
        try:
            db.session.execute(text(statement), {"v": WORD} if ":v" in statement else {})
        except Exception:
            app.logger.exception("it failed")
        db.session.rollback()
    first, second = (entry["exception"][0] for entry in log())
    assert "SELECT nothing FROM nowhere" in first
    assert "INSERT INTO privacy_notices" in second
    assert WORD not in told(log())


def test_the_mail_servers_words_about_a_recipient_stay_in_the_outbox(app, server, queue, log):  # noqa: F811
    server.replies["RCPT", SECRETS["email"]] = ["550 no mailbox walrusmark@example.org for your walrusmark"]
    queue(SECRETS["email"])
    Worker(app).run_once()
    (entry,) = [entry for entry in log() if "Mail" in entry["message"]]
    assert entry["message"].endswith("failed (550)")
    assert WORD not in told(log())


@pytest.mark.parametrize(
    ("said", "logged"),
    [
        ("from robin.s+x@example.org.", "from [address]"),
        ("call +61 491 570 006 today", "call [number] today"),
        ("GET /search?q=my+knee HTTP/1.1", "GET /search?[query] HTTP/1.1"),
        ("GET /a/s3cr3t/cancel HTTP/1.1", "GET /a/[secret]/cancel HTTP/1.1"),
        ("postgresql://clinic:pass@db/x", "[address]"),
        ("key Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4MDE=", "key [secret]"),
        ("42 mails are given up after 2 days", "42 mails are given up after 2 days"),
    ],
)
def test_messages_lose_what_looks_like_somebodys(said, logged):
    assert logged in logs.scrubbed(said)
    assert "pass" not in logs.scrubbed("postgresql://clinic:pass@db/x")


def test_the_secret_of_each_link_is_taken_out_of_messages(app):
    rules = [rule.rule for rule in app.url_map.iter_rules() if "<token>" in rule.rule]
    assert "/staff/first/<token>" in rules
    for rule in rules:
        assert "s3cr3t" not in logs.scrubbed(f"GET {rule.replace('<token>', 's3cr3t')} HTTP/1.1"), rule


def test_a_fault_page_gives_the_number_by_which_the_log_tells_of_it(as_served, broken_database, log):
    answer = as_served.test_client().get(f"/blog/search?q={WORD}")
    assert answer.status_code == 500
    number = answer.headers["X-Request-ID"]
    assert f"<code>{number}</code>" in answer.text
    assert [entry["request_id"] for entry in log() if "exception" in entry] == [number]


def test_a_fault_while_an_answer_is_sent_is_told_by_us_and_not_by_the_server(app, log):
    def parts():
        yield b"begun"
        raise ValueError(WORD)

    answer = watched(parts(), {"request_id": "7f2c-0001"})
    assert next(answer) == b"begun"
    with pytest.raises(AnswerBrokenOff) as broken:
        next(answer)
    assert WORD not in "".join(traceback.format_exception(broken.value))
    assert [entry["request_id"] for entry in log()] == ["7f2c-0001"]
    assert WORD not in told(log())


@pytest.mark.parametrize("sent", ["", "short", "two words", "a" * 65, "../../../../etc", "x" * 20 + "\u00e9"])
def test_an_odd_request_number_is_not_taken(app, with_settings, sent):
    with_settings(trusted_proxies=1)

    def answer_to(environ):
        answered = {}
        RequestIds(lambda e, start: start("200 OK", []), app)(
            environ, lambda status, headers, exc=None: answered.update(headers)
        )
        return answered["X-Request-ID"]

    assert answer_to({"HTTP_X_REQUEST_ID": sent}) != sent
    assert answer_to({"HTTP_X_REQUEST_ID": "7f2c-0001.a"}) == "7f2c-0001.a"


def test_a_request_number_from_a_visitor_is_not_taken(client):
    answer = client.get("/healthz", headers={"X-Request-ID": "chosen-by-visitor"})
    assert answer.headers["X-Request-ID"] != "chosen-by-visitor"


def test_requests_are_written_down_by_route_where_wished(as_served, client, log):
    client.get(f"/a/{WORD}")
    (entry,) = [entry for entry in log() if entry["logger"] == "clinic_app.requests"]
    assert (entry["route"], entry["method"], entry["status"]) == ("/a/<token>", "GET", 404)


def test_the_form_is_json_where_nobody_reads_along():
    assert isinstance(logs.formatter("auto", on_terminal=False), JsonLines)
    assert isinstance(logs.formatter("auto", on_terminal=True), ForReading)
    assert isinstance(logs.formatter("text", on_terminal=False), ForReading)
    assert isinstance(logs.formatter("json", on_terminal=True), JsonLines)


def test_a_person_reads_a_line_with_places_below_it():
    try:
        raise ValueError(WORD)
    except ValueError:
        record = logging.LogRecord("clinic_app", logging.ERROR, __file__, 1, "It failed", None, sys.exc_info())
    first, second, place = ForReading().format(record).splitlines()
    assert first.endswith("error It failed")
    assert second.strip().startswith("builtins.ValueError: (its words are not logged")
    assert "test_a_person_reads" in place


def test_a_request_that_a_kept_page_answers_is_written_down_too(as_served, client, log):
    client.check_pages = False  # a HEAD has none
    client.get("/privacy")
    numbers = [client.get("/privacy").headers["X-Request-ID"], client.head("/privacy").headers["X-Request-ID"]]
    written = [each for each in log() if each.get("route") == "/privacy"][1:]
    assert [each["request_id"] for each in written] == numbers
    assert [(each["method"], each["status"]) for each in written] == [("GET", 200), ("HEAD", 200)]


def test_what_is_led_elsewhere_is_written_down_and_files_are_not(as_served, client, log):
    client.get("/contact/")
    client.get("/healthz")
    client.get("/static/none.css")
    assert [each["status"] for each in log() if "milliseconds" in each] == [308, 404]
