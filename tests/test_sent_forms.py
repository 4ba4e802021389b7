"""Forms that were taken: what is sent twice does its work once."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from clinic_app import sent_forms
from clinic_app.extensions import db
from clinic_app.sent_forms import SentForm

NOON = "2026-11-23 12:00+11:00"


@pytest.fixture
def made() -> list[int]:
    """The numbers of what the forms have made, from 1."""
    return []


@pytest.fixture
def send(writing, made):
    """Sends the form with a nonce; gives the number of what it made."""

    def make() -> int:
        made.append(len(made) + 1)
        return made[-1]

    return lambda nonce: sent_forms.once(nonce, make)


def test_a_form_makes_one_thing_however_often_it_is_sent_and_another_form_another(send, made):
    assert [send(nonce) for nonce in ("n-1", "n-1", "n-2", "n-1")] == [1, 1, 2, 1]
    assert made == [1, 2]
    assert [sent_forms.made_of(nonce) for nonce in ("n-1", "n-2", "n-3")] == [1, 2, None]


def test_a_form_is_known_for_a_week(send):
    with time_machine.travel(NOON, tick=False) as clocked:
        send("n-1")
        over = select(SentForm.nonce)
        clocked.shift(timedelta(days=7, seconds=-1))
        assert db.session.scalars(over.where(sent_forms.is_over())).all() == []
        clocked.shift(timedelta(seconds=1))
        assert db.session.scalars(over.where(sent_forms.is_over())).all() == ["n-1"]


def test_the_same_words_on_the_same_form_are_the_same_and_any_others_are_others(app):
    forms = [("n-1", "A", "B"), ("n-2", "A", "B"), ("n-1", "A", "C"), ("n-1", "AB", ""), ("", "A", "B")]
    assert len({sent_forms.key_of(*form) for form in forms * 2}) == len(forms)


def test_without_a_nonce_the_same_words_are_the_same_for_a_day(app):
    keys = []
    with time_machine.travel(NOON, tick=False) as clocked:
        for _ in range(3):
            keys.append(sent_forms.key_of("", "A"))
            clocked.shift(timedelta(hours=11))
    assert keys[0] == keys[1] != keys[2]
