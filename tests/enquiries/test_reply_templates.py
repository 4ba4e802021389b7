"""Texts that staff answer with again and again."""

import pytest

from clinic_app.enquiries import refusals, reply_templates
from clinic_app.extensions import db


def test_gaps_are_filled_in_and_other_braces_stay(receive, do):
    text = "Hello {name}, {reference} at {clinic}, {phone}. {Name} {} {0} {name.x} {{name}} {secret_key}"
    template = do(reply_templates.create, name="Hello", text=text)
    enquiry = receive(name="{phone} {clinic}", message="x")
    filled = reply_templates.filled(template, enquiry)
    reference = f"{enquiry.reference[:3]}-{enquiry.reference[3:6]}-{enquiry.reference[6:]}"
    assert filled == (
        f"Hello {{phone}} {{clinic}}, {reference} at Westside Sports Chiro, 02 5550 0142. "
        "{Name} {} {0} {name.x} {{phone} {clinic}} {secret_key}"
    )


def test_what_looks_like_a_gap_and_is_none_is_told_once(app):
    text = "{name} {refrence} {Name} { phone } {} {0} {name.x} {first name} {refrence} {{clinic}} {:) a}"
    assert reply_templates.unknown_gaps(text) == ["{refrence}", "{Name}", "{ phone }", "{first name}"]


def test_templates_are_kept_changed_and_deleted(app, do):
    second = do(reply_templates.create, name="Parking", text="Behind the house.")
    first = do(reply_templates.create, name="Fees", text="See our page.")
    assert [t.name for t in reply_templates.in_order()] == ["Fees", "Parking"]
    do(reply_templates.change, second, name="A place to park", text="In front.")
    assert [t.text for t in reply_templates.in_order()] == ["In front.", "See our page."]
    do(reply_templates.delete, first)
    assert [t.name for t in reply_templates.in_order()] == ["A place to park"]


def test_each_has_a_name_of_its_own(app, do):
    fees = do(reply_templates.create, name="Fees", text="See our page.")
    assert do(reply_templates.create, name="Fees", text="See our page.").id == fees.id, "the form was sent twice"
    with pytest.raises(refusals.NameTaken):
        do(reply_templates.create, name="Fees", text="Other")
    other = do(reply_templates.create, name="Other", text="Other")
    with pytest.raises(refusals.NameTaken):
        do(reply_templates.change, other, name="Fees", text="Other")
    do(reply_templates.change, other, name="Other", text="Changed")


def test_a_name_that_is_taken_at_the_same_moment_is_refused_by_the_database(app, do, monkeypatch):
    do(reply_templates.create, name="Fees", text="See our page.")
    monkeypatch.setattr(reply_templates, "_named", lambda name: None)
    with pytest.raises(refusals.NameTaken):
        do(reply_templates.create, name="Fees", text="Other")
    db.session.rollback()
