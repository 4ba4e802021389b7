"""What a mail looks like to the one who gets it; no text that anyone types can become a header."""

from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.utils import parseaddr

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from jinja2 import DictLoader, StrictUndefined

from clinic_app import clock
from clinic_app.mail import outbox
from clinic_app.mail.addresses import BadAddress, greeting, one_line, pair
from clinic_app.mail.models import OutboxMail
from clinic_app.mail.smtp import message_of

HOSTILE = [
    "Robin\nBcc: victim@example.com",
    "Robin\r\nBcc: victim@example.com\r\n\r\nBuy now",
    "Robin\rBcc: victim@example.com",
    "Robin\u2028Bcc: victim@example.com",
    "Robin\u2029Bcc: victim@example.com",
    "Robin\x85Bcc: victim@example.com",
    "Robin\x0b\x0c\x1c\x1d\x1e\x00Bcc: victim@example.com",
    "Robin\n\nBcc: victim@example.com" * 20,
    '"Robin" <victim@example.com>, Kit',
    "=?utf-8?q?Robin=0ABcc=3A_victim=40example=2Ecom?=",
    "Śample, Robin é" * 9,
    "x" * 3000,
    "\ud800 lone",
    "\u202egnp.exe",
    "",
]
HEADERS = {
    "content-type",
    "mime-version",
    "subject",
    "from",
    "to",
    "date",
    "message-id",
    "reply-to",
    "auto-submitted",
    "x-auto-response-suppress",
}


@pytest.fixture
def letter(app, monkeypatch):
    """Makes the message of a mail whose subject, bodies and names are whatever it is given; parsed again."""
    templates = {
        "email/letter/subject.txt": "New enquiry from {{ text }}",
        "email/letter/body.txt": "{{ text }}",
        "email/letter/body.html": "<p>{{ text }}</p>",
    }
    environment = app.jinja_env.overlay(loader=DictLoader(templates), undefined=StrictUndefined)
    monkeypatch.setitem(app.extensions, "mail_templates", environment)

    def make(text, **more):
        given = {"to": (text, "kit@example.org"), "reply_to": (text, "robin@example.org"), **more}
        row = OutboxMail(**outbox.compose("letter", context={"text": text}, **given))
        return message_of(row).as_bytes()

    return make


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200, deadline=None)
@given(text=st.text())
def test_no_text_becomes_a_header_or_an_address(letter, text):
    content = letter(text)
    message = message_from_bytes(content, policy=policy.default)
    assert {name.lower() for name in message} == HEADERS
    assert len(message.keys()) == len(HEADERS)
    assert [a.addr_spec for a in message["To"].addresses] == ["kit@example.org"]
    assert [a.addr_spec for a in message["Reply-To"].addresses] == ["robin@example.org"]
    assert [a.addr_spec for a in message["From"].addresses] == ["hello@clinic.example"]
    assert max(len(line) for line in content.split(b"\r\n")) <= 998  # RFC 5322, 2.1.1
    assert content.isascii()


for text in HOSTILE:
    test_no_text_becomes_a_header_or_an_address = example(text=text)(test_no_text_becomes_a_header_or_an_address)


@pytest.mark.parametrize(
    "name", ["Robin Sample", "Sample, Robin", 'Robin "Rob" Sample', "Zoë 李雷 🙂", "Śample, R." * 9]
)
def test_names_arrive_as_they_were_given(letter, name):
    # Read with the older parser: the newer one puts spaces between encoded words (RFC 2047, 6.2 has none there).
    message = message_from_bytes(letter(name))
    to_name, to_address = parseaddr(message["To"])
    assert (str(make_header(decode_header(to_name))), to_address) == (name, "kit@example.org")
    assert str(make_header(decode_header(message["Subject"]))) == f"New enquiry from {name}"


def test_control_characters_and_line_separators_become_one_space():
    assert one_line(" a\r\n\u2028\u2029\x85\x0b\x00 b\t", 50) == "a b"
    assert one_line("\u202eevil\u2066", 50) == "evil"
    assert one_line("=?utf-8?q?a=0d=0ab?=", 50) == "= ?utf-8?q?a=0d=0ab?=", "what is typed is no encoded word"
    assert one_line("👩‍⚕️ ok", 50) == "👩‍⚕️ ok", "an emoji's joiner is no control"


@pytest.mark.parametrize(
    "address",
    ["", "kit", "kit@", "kit@example.org\nBcc: a@example.com", "kit@example.org, a@example.com", "a b@example.org"]
    + ["kit@exa\u2028mple.org", "Kit <kit@example.org>", "kit@example.org\x00", "kit@clinic.example\n"],
)
def test_what_is_not_an_address_is_refused(app, address):
    with pytest.raises(BadAddress):
        pair(("Kit", address))


def test_a_mail_has_two_parts_that_say_the_same_and_the_headers_of_a_machine(app, letter):
    message = message_from_bytes(letter("Fünf <b>Wirbel</b>"), policy=policy.default)
    text, html = (message.get_body([kind]) for kind in ("plain", "html"))
    assert text.get_content().strip() == "Fünf <b>Wirbel</b>"
    assert html.get_content().strip() == "<p>Fünf &lt;b&gt;Wirbel&lt;/b&gt;</p>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"].endswith("@clinic.example>")
    assert abs((message["Date"].datetime - clock.now()).total_seconds()) < 5


def test_a_row_makes_the_same_headers_every_time(app):
    row = OutboxMail(**outbox.compose("test", to="kit@example.org", context={"sent_at": clock.now()}))
    first, second = (message_from_bytes(message_of(row).as_bytes()) for _ in range(2))
    assert [first[name] for name in ("Message-ID", "Date")] == [second[name] for name in ("Message-ID", "Date")]


def test_a_calendar_part_says_its_method_and_its_lines_survive(letter):
    ics = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nSUMMARY:Zoë\r\nEND:VCALENDAR\r\n"
    message = message_from_bytes(letter("Robin", calendar=("REQUEST", ics)), policy=policy.default)
    (part,) = [p for p in message.walk() if p.get_content_type() == "text/calendar"]
    assert part.get_param("method") == "REQUEST"
    assert part.get_payload(decode=True).decode() == ics


def test_a_calendar_method_that_is_no_word_is_refused(letter):
    with pytest.raises(ValueError, match="iTIP"):
        letter("Robin", calendar=("REQUEST\r\nBcc: a@example.com", ""))


def test_an_answer_address_that_few_servers_carry_is_left_out(letter):
    message = message_from_bytes(letter("Robin", reply_to=("Jürgen", "jürgen@example.org")))
    assert message["Reply-To"] is None


def test_a_domain_outside_ascii_is_written_for_machines(letter):
    message = message_from_bytes(letter("Kit", to="kit@bücher.example.org"))
    assert message["To"] == "kit@xn--bcher-kva.example.org"


@pytest.mark.parametrize(
    "name", ["Robin Sample", "Zoë O’Brien-Smith", "李 小龍", "Dr Kit Example", "J. P. Example"]
)
def test_a_person_is_greeted_by_name(name):
    assert greeting(name) == f"Hello {name}"


@pytest.mark.parametrize(
    "name",
    [
        "Win $900 now",
        "see winners.example",
        "a@b.example",
        "Call 0491 570 006",
        "one two three four five six seven",
        "x" * 51,
    ],
)
def test_what_reads_like_no_name_is_not_repeated_to_an_address_that_anybody_can_type(name):
    assert greeting(name) == "Hello"
