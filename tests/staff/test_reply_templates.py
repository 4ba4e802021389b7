"""The texts that staff keep to answer with."""

import pytest
from sqlalchemy import select

from clinic_app.accounts.models import AuditEntry
from clinic_app.enquiries.models import ReplyTemplate
from clinic_app.extensions import db
from tests.reading import parsed

from .conftest import is_told_gone

PATH = "/staff/enquiries/templates"


@pytest.fixture
def desk(staff):
    return staff("reception")


def kept() -> list[tuple[str, str]]:
    db.session.rollback()
    return [(t.name, t.text) for t in db.session.scalars(select(ReplyTemplate).order_by(ReplyTemplate.id))]


def number_of(name: str) -> int:
    db.session.rollback()
    return db.session.scalars(select(ReplyTemplate.id).filter_by(name=name)).one()


def test_a_template_is_written_changed_and_deleted(desk):
    assert "No templates yet" in desk.get(PATH).text
    assert desk.post(PATH, data={"name": "Fees", "text": "Hello {name}"}).location == PATH
    number = number_of("Fees")
    assert "Fees" in desk.get(PATH).text
    assert "Hello {name}" in desk.get(f"{PATH}/{number}").text
    desk.post(f"{PATH}/{number}", data={"name": "Our fees", "text": "See the page."})
    assert kept() == [("Our fees", "See the page.")]
    desk.post(f"{PATH}/{number}/delete")
    assert kept() == []
    actions = db.session.scalars(
        select(AuditEntry.action).filter_by(kind="reply template").order_by(AuditEntry.id)
    ).all()
    assert actions == ["wrote", "changed", "deleted"]


def test_a_form_that_is_wrong_comes_back_with_what_was_typed(desk):
    desk.post(PATH, data={"name": "Fees", "text": "Hello"})
    desk.post(PATH, data={"name": "Other", "text": "Hello"})
    answer = desk.post(PATH, data={"name": "Fees", "text": "Something else"})
    assert (answer.status_code, "Something else" in answer.text) == (200, True)
    assert "There is a template of this name already" in answer.text
    number = number_of("Other")
    answer = desk.post(f"{PATH}/{number}", data={"name": "Fees", "text": "Mine"})
    assert "There is a template of this name already" in answer.text
    assert "Enter the text" in desk.post(f"{PATH}/{number}", data={"name": "Fees", "text": ""}).text
    assert kept() == [("Fees", "Hello"), ("Other", "Hello")]


def test_a_gap_that_nothing_fills_in_is_told_with_those_that_are(desk):
    typed = {"name": "Fees", "text": "Hello {nmae}, your {refrence}"}
    page = desk.post(PATH, data=typed).text
    assert "{nmae}, {refrence} would not be filled in. Use {name}, {reference}, {clinic} or {phone}" in page
    assert typed["text"] in page
    desk.post(PATH, data={"name": "Fees", "text": "Hello"})
    assert typed["text"] in desk.post(f"{PATH}/{number_of('Fees')}", data=typed).text
    assert kept() == [("Fees", "Hello")]


@pytest.mark.parametrize("number", [999, 2**31, 10**30])
def test_an_unknown_template_is_not_there(desk, number):
    assert desk.get(f"{PATH}/{number}").status_code == 404
    assert is_told_gone(desk, f"{PATH}/{number}/delete")


def test_what_is_typed_for_a_template_that_was_deleted_meanwhile_can_be_saved_as_a_new_one(desk):
    desk.post(PATH, data={"name": "Fees", "text": "Hello"})
    path = f"{PATH}/{number_of('Fees')}"
    assert desk.post(f"{path}/delete").location == PATH
    page = parsed(desk.post(path, data={"name": "Our fees", "text": "See {clinic}"}).text)
    assert "That was removed meanwhile. What you typed is below" in page.select(".flash")[-1].text
    form = page.select_one("#text").find_parent("form")
    typed = {"name": page.select_one("#name")["value"], "text": page.select_one("#text").text.strip()}
    assert desk.post(form["action"], data=typed).status_code == 303
    assert kept() == [("Our fees", "See {clinic}")]
