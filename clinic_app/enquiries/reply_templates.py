"""Texts that staff answer with again and again, kept by them, with gaps that are filled in for each enquiry."""

import re
from collections.abc import Sequence
from contextlib import contextmanager

from flask import current_app
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from .. import database
from ..extensions import db
from . import references
from .models import Enquiry, ReplyTemplate
from .refusals import NameTaken

NAME_LENGTH, TEXT_LENGTH = 100, 5_000
GAPS = ("name", "reference", "clinic", "phone")
_GAP = re.compile(r"\{(" + "|".join(GAPS) + r")\}")
_LIKE_A_GAP = re.compile(r"\{\s*[^\W\d][\w ]*\}")


def in_order() -> Sequence[ReplyTemplate]:
    """All templates by name."""
    return db.session.scalars(select(ReplyTemplate).order_by(ReplyTemplate.name, ReplyTemplate.id)).all()


def create(*, name: str, text: str) -> ReplyTemplate:
    """Keep a template; the very same one again is the one that is there. Raises NameTaken."""
    if same := _named(name):
        if same.text == text:
            return same
        raise NameTaken
    template = ReplyTemplate(name=name, text=text)
    with _own_name():
        db.session.add(template)
    return template


def change(template: ReplyTemplate, *, name: str, text: str) -> None:
    """Change it. Raises NameTaken."""
    if (other := _named(name)) and other is not template:
        raise NameTaken
    with _own_name():
        template.name, template.text = name, text


def delete(template: ReplyTemplate) -> None:
    """Keep it no longer; replies that were made of it stay as they were sent."""
    db.session.delete(template)
    db.session.flush()


def filled(template: ReplyTemplate, enquiry: Enquiry) -> str:
    """The template's text for this enquiry. Braces that are no gap of ours stay, in names too."""
    clinic = current_app.config["CLINIC"]
    values = {
        "name": enquiry.name,
        "reference": references.shown(enquiry.reference),
        "clinic": clinic.name,
        "phone": clinic.phone,
    }
    return _GAP.sub(lambda gap: values[gap[1]], template.text)


def unknown_gaps(text: str) -> list[str]:
    """What looks like a gap and would not be filled in, such as `{refrence}`: each once, in their order."""
    return [gap for gap in dict.fromkeys(_LIKE_A_GAP.findall(text)) if not _GAP.fullmatch(gap)]


@contextmanager
def _own_name():
    """The block's changes, or NameTaken where somebody else was quicker to take the name."""
    try:
        with db.session.begin_nested():
            yield
    except IntegrityError as error:
        if database.broken_rule(error) != "templates_have_their_own_names":
            raise
        raise NameTaken from None


def _named(name: str) -> ReplyTemplate | None:
    return db.session.scalar(select(ReplyTemplate).filter_by(name=name))
