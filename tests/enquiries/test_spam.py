"""What speaks for spam, and what does not."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_app.enquiries import spam
from clinic_app.enquiries.models import MESSAGE_LENGTH


def signs(**changes):
    ordinary = {
        "name": "Robin Sample",
        "message": "Do you have parking?",
        "honeypot": "",
        "filled_in_seconds": 30.0,
        "repeats": 0,
    }
    return spam.Signs(**(ordinary | changes))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"filled_in_seconds": 1.0},
        {"filled_in_seconds": -7200.0},
        {"filled_in_seconds": None},
        {"message": "See https://example.org/my-race and https://example.org/my-scan"},
        {"message": "我想预约 👍", "name": "李 Example"},
        {"message": "My website is about SEO and I run."},
        {"message": "I do SEO for a crypto company and sit all day. My neck is stiff."},
        {"repeats": 1},
        {"repeats": 50, "message": "Please call me back."},
        {"repeats": 50, "message": "The very same long message. " * 5},
    ],
)
def test_no_one_weak_sign_makes_spam(changes):
    assert not spam.assess(signs(**changes)).is_spam


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"honeypot": "x"}, "the hidden field was filled in"),
        ({"name": "https://spam.example"}, "a link in the name"),
        ({"message": "https://a.example " * 5}, "5 links"),
        ({"repeats": 3, "message": "See https://a.example"}, "the same words came before (3 times)"),
        ({"message": "SEO backlinks and casino jackpots"}, "offers search ranking"),
        ({"message": '<a href="https://a.example">SEO</a>'}, "links written as HTML"),
        ({"message": "SEO www.a.example", "filled_in_seconds": 0.5}, "filled in within 0.5 seconds"),
    ],
)
def test_strong_or_many_signs_make_spam_with_the_reason(changes, reason):
    verdict = spam.assess(signs(**changes))
    assert verdict.is_spam
    assert any(reason in each for each in verdict.reasons)


def test_an_ordinary_message_has_no_reasons():
    assert spam.assess(signs()) == spam.Verdict(0, [])


@given(st.builds(signs, message=st.text(), name=st.text(), honeypot=st.text(max_size=3)))
def test_the_score_is_explained_to_the_point(any_signs):
    verdict = spam.assess(any_signs)
    assert (verdict.score > 0) == bool(verdict.reasons)


def test_links_that_are_never_ended_are_little_work():
    """In processor time, beside a message of the same length that begins no link in the same breath."""
    spent = []
    for row in ("<a ", "by "):
        began = time.process_time()
        spam.assess(signs(message=(row * MESSAGE_LENGTH)[:MESSAGE_LENGTH]))
        spent.append(time.process_time() - began)
    assert spent[0] < 6 * spent[1]
