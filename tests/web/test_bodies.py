"""Forms that are too large: answered, and what was written comes back."""

import io

import pytest
from lxml import html

from clinic_app.web.bodies import LARGEST_READ, ReadToTheEnd

LONG = "A long story. " * 6_000  # 84 kB


def texts_in(answer) -> list[str]:
    return [area.text.strip() for area in html.document_fromstring(answer.text).xpath("//textarea[@readonly]")]


@pytest.mark.parametrize("as_file", [False, True])
def test_what_was_written_is_given_back(client, as_file):
    more = {"picture": (io.BytesIO(b"x" * 1000), "x.png")} if as_file else {}
    answer = client.post("/contact", data={"name": "Kit Example", "message": LONG, **more})
    assert answer.status_code == 413
    assert texts_in(answer) == [LONG.strip()]


def test_what_was_written_is_given_back_as_text(client):
    answer = client.post("/contact", data={"message": "</textarea><script>hostile()</script>" * 3_000})
    assert answer.status_code == 413
    assert "<script>hostile" not in answer.text


def test_what_is_far_too_large_is_refused_without_reading_it_as_a_form(client):
    answer = client.post("/contact", data={"message": "x" * 3_000_000})
    assert answer.status_code == 413
    assert not texts_in(answer)
    assert "That was too much to send" in answer.text


def ask(application, length: str, sent: bytes) -> tuple[bytes, int]:
    """The answer, and how much of the body has been read by then."""
    body = io.BytesIO(sent)
    answer = ReadToTheEnd(application)({"CONTENT_LENGTH": length, "wsgi.input": body}, None)
    return b"".join(answer), body.tell()


def reading(count: int):
    return lambda environ, _: [environ["wsgi.input"].read(count)]


@pytest.mark.parametrize("count", [0, 10, 200_000])
def test_a_body_is_read_to_its_end_and_no_further(count):
    sent = b"x" * 200_000 + b"GET / HTTP/1.1"  # the next request of the same connection
    assert ask(reading(count), "200000", sent) == (sent[:count], 200_000)


@pytest.mark.parametrize("length", ["", "-1", "1e3", "\u0663", "9" * 30, str(LARGEST_READ + 1)])
def test_a_body_of_unknown_or_boundless_length_is_left(length):
    assert ask(reading(0), length, b"x" * 1000) == (b"", 0)


def test_a_body_that_breaks_off_is_no_fault():
    assert ask(reading(0), "5000", b"x" * 1000) == (b"", 1000)
