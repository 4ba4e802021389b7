"""Erasing a testimonial on its page; what others press meanwhile, and what an import brings, finds it gone."""

import json
import re

import pytest

from clinic_app import database
from clinic_app.extensions import db
from clinic_app.imports.run import ImportRun
from clinic_app.people import erasing
from clinic_app.people.models import Erasure
from clinic_app.testimonials import imports, models, moderation
from tests.locks import ON_POSTGRESQL, begin
from tests.reading import how_many, page_of, parsed, read, trail
from tests.server import DEADLINE_SECONDS

from ..testimonials.invented import SERVICE, draft, received
from .conftest import is_told_gone

LIST = "/staff/testimonials"
WHY = {"reason": "asked", "remark": "By letter"}


@pytest.fixture
def number(app) -> int:
    """That of Jo's testimonial."""
    with database.transaction():
        return received(SERVICE, name="Jo Fictional").id


def fields_of(page) -> dict[str, str]:
    """What the form sends by itself."""
    return {i["name"]: i["value"] for i in page.main.find_all("input", type="hidden") if i.get("value")}


def erase(client, number, **changes):
    path = f"{LIST}/{number}/erase"
    return client.post(path, data=fields_of(page_of(client, path)) | WHY | changes)


def test_it_is_erased_after_one_has_seen_what_goes(staff, number, with_settings, tmp_path):
    with_settings(backup_folder=str(tmp_path))
    owner = staff("owner")
    link = page_of(owner, f"{LIST}/{number}").main.find("a", string="Erase…")
    page = page_of(owner, link["href"])
    assert SERVICE in owner.get("/testimonials").text  # which is kept from now on
    assert SERVICE in page.main.text and "This cannot be undone." in page.main.text
    assert "Fictional" not in page.title.text
    done = erase(owner, number)
    assert (done.status_code, done.location) == (303, f"{LIST}?state=published")
    said = owner.get(done.location).text
    assert f"Erased: testimonial {number}, with its history." in said and "Fictional" not in said
    assert owner.get(f"{LIST}/{number}").status_code == 404
    assert SERVICE not in owner.get("/testimonials").text
    assert trail()[-1] == ("erased", "testimonial", number)
    listed = page_of(owner, "/staff/people/erasures").main.text
    assert "The person asked for it" in listed and "By letter" in listed and "· 1 testimonial" in listed
    assert json.loads((tmp_path / "clinic-erasures.jsonl").read_text())["counts"] == {"testimonials": 1}


def test_what_resembles_it_is_named_since_it_stays(staff, number):
    with database.transaction():
        other = received(f"{SERVICE} Thanks!", name="Kit Example").id
    page = page_of(staff("owner"), f"{LIST}/{number}/erase")
    assert page.main.find("a", href=f"{LIST}/{other}", string=f"testimonial {other}")


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"reason": ""}, "reason", "Choose the reason"),
        ({"reason": "wrong person"}, "reason", "Not a valid choice"),
        ({"remark": "Ms Fictional wrote"}, "remark", "Leave out “Fictional”"),
    ],
)
def test_what_is_missing_is_said_beside_its_field_and_nothing_is_erased(staff, number, changes, field, words):
    page = read(erase(staff("owner"), number, **changes))
    assert page.title.text.startswith("Error: ")
    assert words in page.find(id=f"{field}-error").text
    assert how_many(models.Testimonial) == 1


def test_a_first_name_in_the_remark_is_asked_about_once(staff):
    with database.transaction():
        number = received(SERVICE, name="May Fictional").id
    owner = staff("owner")
    page = read(erase(owner, number, remark="Letter of May"))
    assert "“May” may be their name" in page.find(id="remark-error").text
    data = fields_of(page) | WHY | {"remark": "Letter of May"}
    assert owner.post(f"{LIST}/{number}/erase", data=data).status_code == 303


def test_what_a_colleague_has_decided_meanwhile_is_seen_first(staff, number):
    owner = staff("owner")
    data = fields_of(page_of(owner, f"{LIST}/{number}/erase")) | WHY
    with database.transaction():
        moderation.hide(db.session.get_one(models.Testimonial, number), by="Kit Example")
    page = read(owner.post(f"{LIST}/{number}/erase", data=data))
    assert "Somebody has decided on it" in page.find(role="alert").text
    assert owner.post(f"{LIST}/{number}/erase", data=data | {"seen": ""}).status_code == 200
    assert owner.post(f"{LIST}/{number}/erase", data=data | fields_of(page)).status_code == 303


def test_who_may_decide_may_not_always_erase(staff, number):
    editor = staff("editor")
    assert not page_of(editor, f"{LIST}/{number}").find("a", href=re.compile("erase"))
    assert editor.get(f"{LIST}/{number}/erase").status_code == 403
    assert editor.post(f"{LIST}/{number}/erase", data=WHY).status_code == 403
    assert how_many(models.Testimonial) == 1


def test_buttons_of_pages_from_before_say_that_it_is_gone(staff, number):
    editor = staff("editor")
    seen = {"seen": page_of(editor, f"{LIST}/{number}").find("input", attrs={"name": "seen"})["value"]}
    hidden = editor.post(f"{LIST}/{number}/hide", data=seen)
    undo = read(editor.get(hidden.location)).select_one(".flash form")["action"]
    erase(staff("owner"), number)
    undone = editor.post(undo)
    assert (undone.status_code, undone.location) == (303, f"{LIST}?state=published")
    assert f"There is no testimonial {number}. Nothing was undone." in editor.get(undone.location).text
    assert is_told_gone(editor, f"{LIST}/{number}/hold", seen)


@ON_POSTGRESQL
def test_of_two_who_erase_at_once_one_does_and_the_other_keeps_what_was_typed(app, staff, number):
    owner, answers = staff("owner"), []
    data = fields_of(page_of(owner, f"{LIST}/{number}/erase")) | WHY
    decision = erasing.Decision(kind="erased", reason="asked", seen=data["seen"])
    with database.transaction():
        erasing.erase_testimonial(number, decision)
        other = begin(app, lambda: answers.append(owner.post(f"{LIST}/{number}/erase", data=data)))
    other.join(DEADLINE_SECONDS)
    assert answers[0].status_code == 404 and "By letter" in answers[0].text
    assert how_many(Erasure) == 1


@ON_POSTGRESQL
@pytest.mark.parametrize("first", ["erased", "hidden"])
def test_who_decides_while_it_is_erased_comes_before_or_after_it(app, staff, number, first):
    owner, answers = staff("owner"), []
    data = fields_of(page_of(owner, f"{LIST}/{number}/erase")) | WHY
    with database.transaction():
        if first == "erased":
            erasing.erase_testimonial(number, erasing.Decision(kind="erased", reason="asked", seen=data["seen"]))
            path, sent = f"{LIST}/{number}/hide", {"seen": 1, "note": "Rang us"}
        else:
            moderation.hide(db.session.get_one(models.Testimonial, number, with_for_update=True), by="Kit Example")
            path, sent = f"{LIST}/{number}/erase", data
        other = begin(app, lambda: answers.append(owner.post(path, data=sent)))
    other.join(DEADLINE_SECONDS)
    said = parsed(answers[0].text).main.text
    assert ("Rang us" if first == "erased" else "Somebody has decided on it") in said
    assert how_many(models.Testimonial) == (first == "hidden")


@ON_POSTGRESQL
@pytest.mark.parametrize("first", ["erased", "imported"])
def test_an_import_of_what_resembles_it_comes_before_or_after_it(app, staff, number, first):
    """Else what comes in would refer to what is gone."""
    owner, answers = staff("owner"), []
    data = fields_of(page_of(owner, f"{LIST}/{number}/erase")) | WHY
    run = ImportRun(imports.webflow(by="Casey", erased_at=erasing.testimonial_erased_at))
    thanks = draft(f"{SERVICE} Thanks!", source="webflow", source_id="b2")
    run.prepared.append(("line 2", imports.Arrival(thanks, [])))

    def bring_in() -> None:
        with database.transaction():
            run.write(keep=True, skip_bad=False)

    with database.transaction():
        if first == "erased":
            erasing.erase_testimonial(number, erasing.Decision(kind="erased", reason="asked", seen=data["seen"]))
            other = begin(app, bring_in)
        else:
            run.write(keep=True, skip_bad=False)
            other = begin(app, lambda: answers.append(owner.post(f"{LIST}/{number}/erase", data=data).status_code))
    other.join(DEADLINE_SECONDS)
    assert answers == ([] if first == "erased" else [303])
    [left] = db.session.query(models.Testimonial).all()
    assert (left.resembles_id, left.state) == (None, "published" if first == "erased" else "waiting")
