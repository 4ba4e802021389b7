"""What the schema itself refuses, whoever writes."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from clinic_app import database
from clinic_app.extensions import db
from clinic_app.testimonials import models, moderation

from .invented import CLINICAL, received, several


@pytest.fixture
def stored(app):
    with database.transaction():
        return received().id


def change(statement: str, **values) -> None:
    with db.engine.begin() as connection:
        connection.execute(text(statement), values)


@pytest.mark.parametrize("words", ["Other words", "", None])
def test_raw_sql_cannot_change_the_words(stored, words):
    with pytest.raises(IntegrityError, match="testimonial_text_is_verbatim"):
        change("UPDATE testimonials SET text = :words WHERE id = :id", words=words, id=stored)


def test_even_white_space_and_case_of_the_words_cannot_change(stored):
    for expression in ("text || ' '", "upper(text)", "trim(text, 'Te.')"):
        with pytest.raises(IntegrityError, match="testimonial_text_is_verbatim"):
            change(f"UPDATE testimonials SET name = 'x', text = {expression}")


def test_the_mapper_cannot_change_the_words_either(stored):
    with pytest.raises(IntegrityError, match="testimonial_text_is_verbatim"), database.transaction():
        db.session.get(models.Testimonial, stored).text = "Words they never wrote"


def test_everything_else_can_change(stored):
    change("UPDATE testimonials SET name = 'Kit Example', position = 3 WHERE id = :id", id=stored)
    assert db.session.get(models.Testimonial, stored).name == "Kit Example"


@pytest.mark.parametrize(
    ("rule", "assignment"),
    [
        ("testimonial_state_is_known", "state = 'lost'"),
        ("only_published_testimonials_are_featured", "state = 'hidden', is_featured = true"),
        ("withdrawn_testimonials_are_not_shown", "withdrawn_at = received_at"),
        ("consent_says_when_and_how", "consent_how = 'by email'"),
        ("source_says_which_item", "source = 'webflow'"),
    ],
)
def test_the_schema_refuses_by_the_name_of_the_rule(stored, rule, assignment):
    with pytest.raises(IntegrityError, match=rule):
        change(f"UPDATE testimonials SET {assignment}")


def test_two_can_never_be_featured(app):
    with database.transaction():
        several(2)
    with pytest.raises(IntegrityError):
        change("UPDATE testimonials SET is_featured = true")


def test_deleting_a_testimonial_takes_its_history_and_frees_its_group(app):
    with database.transaction():
        first, second = received(CLINICAL), received(CLINICAL)
        moderation.hide(first, by="Kit Example")
        first_id, second_id = first.id, second.id
    with database.transaction():
        db.session.delete(db.session.get(models.Testimonial, first_id))
    assert db.session.get(models.Testimonial, second_id).resembles_id is None
    assert {d.testimonial_id for d in db.session.query(models.Decision)} == {second_id}
