"""Erasing a testimonial: nothing of its words and names is left, and it does not come back by a backup."""

import pytest
from sqlalchemy import insert, select, text

from clinic_app import database
from clinic_app.extensions import db
from clinic_app.people import erasing, finding
from clinic_app.people.erasing import Decision
from clinic_app.people.models import ERASED, ErasedIdentifier
from clinic_app.testimonials import listing, models, moderation, search

from .. import databases
from ..reading import how_many
from ..testimonials.invented import SERVICE, received
from .conftest import left_of_jo

JOS = ("fictional", "trapeze", "walrus")  # words of Jo's and of nobody else
SAID = f"{SERVICE} My trapeze too, said the walrus."


@pytest.fixture
def voices(app):
    """Jo's testimonial, of whom the others tell; two that resemble it, the first published."""
    with database.transaction():
        jo = received(SAID, name="Jo Fictional", source="webflow", source_id="a1")
        copy = received(SERVICE, name="Kit Example")
        another = received(SERVICE.replace("always", "really"), name="Robin Sample")
        moderation.correct(jo, name="J. S.", published_at=jo.published_at, by="Casey")
        moderation.publish(copy, by="Casey")
        for featured in (copy, jo):
            moderation.feature(featured, by="Casey")
        moderation.arrange([jo, copy])
        return jo.id, copy.id, another.id


def erase(number, **changes):
    """As its page does."""
    seen = finding.of_records(testimonials=[number]).fingerprint
    given = {"kind": ERASED, "reason": "asked", "seen": seen, "member_name": "Casey"}
    with database.transaction():
        return erasing.erase_testimonial(number, Decision(**(given | changes)))


def test_nothing_of_its_words_and_names_is_left_in_any_table_or_index(voices):
    assert left_of_jo() == list(JOS)
    erasure = erase(voices[0], remark="By letter of 3 November")
    assert left_of_jo() == []
    assert how_many(models.Testimonial, models.Testimonial.id.in_(search.words("said").by_index)) == 0
    assert (erasure.kind, erasure.reason, erasure.counts) == (ERASED, "asked", {"testimonials": 1})
    assert how_many(ErasedIdentifier) == 3  # the row, the item, the words
    assert how_many(models.Decision, models.Decision.testimonial_id == voices[0]) == 0


@pytest.mark.parametrize("migrated_app", ["sqlite"], indirect=True)
def test_sqlite_keeps_nothing_of_it_in_what_it_frees(voices):
    erase(voices[0])
    db.session.remove()
    with db.engine.connect() as connection:
        connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    file = databases.bytes_of(db.engine.url.database).lower()
    assert [word for word in JOS if word.encode() in file] == []


def test_the_others_stay_one_group_and_in_their_order(voices):
    erase(voices[0])
    copy, another = db.session.scalars(select(models.Testimonial).order_by(models.Testimonial.id))
    assert (copy.resembles_id, another.resembles_id) == (None, copy.id)
    assert copy.reasons[-1]["why"].endswith(f"testimonial {voices[0]}.")
    assert (listing.featured(), [each.id for each in listing.voices(3)]) == (None, [copy.id])


@pytest.mark.parametrize(
    ("remark", "words"), [("Jo Fictional wrote", "Jo Fictional"), ("a letter of J. S. came", "J. S.")]
)
def test_the_reason_must_not_tell_a_name_that_it_has_or_had(voices, remark, words):
    with pytest.raises(erasing.NamesThePerson) as refusal:
        erase(voices[0], remark=remark)
    assert refusal.value.words == words
    assert how_many(models.Testimonial) == 3


def test_what_was_decided_since_it_was_looked_at_is_not_erased_unseen(voices):
    seen = finding.of_records(testimonials=[voices[0]]).fingerprint
    with database.transaction():
        moderation.hide(db.session.get_one(models.Testimonial, voices[0]), by="Kit Example")
    with pytest.raises(erasing.ChangedMeanwhile):
        erase(voices[0], seen=seen)
    with pytest.raises(erasing.NothingHeld):
        erase(999)
    assert how_many(models.Testimonial) == 3


def test_one_that_a_backup_brings_back_is_erased_again_and_the_same_words_that_came_later_are_not(app, voices):
    table = models.Testimonial.__table__
    backed_up = db.session.execute(select(table).where(table.c.id == voices[0])).mappings().one()
    erase(voices[0])
    with database.transaction() as session:
        later = received(SAID, name="Lee Invented").id
        session.execute(insert(table).values(**backed_up))
    answer = app.test_cli_runner().invoke(args=["people", "erase-again"])
    assert "testimonials that were back: 1" in answer.output
    assert "Erased again: testimonials 1." in answer.output
    assert set(db.session.scalars(select(models.Testimonial.id))) == {*voices[1:], later}
    assert "were back: 0" in app.test_cli_runner().invoke(args=["people", "erase-again"]).output
