"""What becomes of a testimonial that comes in."""

import pytest

from clinic_app.extensions import db
from clinic_app.testimonials import privacy
from clinic_app.testimonials.receiving import Known
from clinic_app.testimonials.refusals import AlreadyReceived, UnusableTestimonial

from .invented import CLINICAL, SERVICE, draft, received, service

pytestmark = pytest.mark.usefixtures("writing")


def rules_of(testimonial):
    return {reason["rule"] for reason in testimonial.reasons}


def test_words_about_service_are_published_at_once():
    testimonial = received(SERVICE)
    assert (testimonial.state, testimonial.reasons) == ("published", [])


def test_clinical_words_wait_with_reasons_under_australian_rules():
    testimonial = received(CLINICAL)
    assert testimonial.state == "waiting"
    assert rules_of(testimonial) == {"symptom", "treatment", "outcome"}


def test_clinical_words_are_published_where_no_rules_apply(with_settings):
    with_settings(testimonial_rules="none")
    assert received(CLINICAL).state == "published"


@pytest.mark.parametrize("rules", ["au", "none"])
def test_a_near_duplicate_waits_whatever_the_rules_and_names_the_other(with_settings, rules):
    with_settings(testimonial_rules=rules)
    first = received(SERVICE)
    later = received(SERVICE.replace("always", "really"), name="Kit Example")
    assert (first.state, later.state) == ("published", "waiting")
    assert later.resembles_id == first.id
    assert later.reasons[-1]["why"].endswith(f" in common with testimonial {first.id}.")


def test_a_chain_of_near_duplicates_is_one_group():
    first = received("The tea was hot, the bench was warm, the bell was loud and the rug was red and soft too.")
    second = received("The tea was hot, the bench was warm, the bell was loud and the rug was green as well.")
    third = received("The bench was warm, the bell was loud and the rug was green as well, said my aunt Jo.")
    assert second.resembles_id == third.resembles_id == first.id
    assert f"testimonial {second.id}." in third.reasons[-1]["why"]


@pytest.mark.parametrize(
    "text",
    ["  Kept 😀👩‍⚕️ “as it is”,\r\n\r\n  and\tso\u00a0on… \n", "前台很友好", "e\u0301 is not é", "'\";--<b>&amp;"],
)
def test_words_are_kept_to_the_last_character(text):
    testimonial = received(text)
    db.session.expire_all()
    assert testimonial.text == text


def test_slugs_are_kept_or_made_and_never_stand_twice():
    slugs = [received(service(i), slug=slug).slug for i, slug in enumerate(["robin-sample", "robin-sample", ""])]
    assert slugs == ["robin-sample", "robin-sample-2", "robin-sample-3"]


def test_many_in_one_transaction_know_of_each_other():
    known = Known()
    from clinic_app.testimonials.receiving import receive

    first = receive(draft(SERVICE), by="Kit Example", known=known)
    assert receive(draft(SERVICE), by="Kit Example", known=known).resembles_id == first.id


def test_one_item_of_a_source_comes_in_once():
    received(service(1), source="webflow", source_id="a1")
    with pytest.raises(AlreadyReceived), db.session.begin_nested():
        received(service(2), source="webflow", source_id="a1")


def test_featuring_on_arrival_leaves_the_one_that_is_featured():
    first = received(service(1), is_featured=True)
    second = received(service(2), is_featured=True)
    held = received(CLINICAL, is_featured=True)
    assert [t.is_featured for t in (first, second, held)] == [True, False, False]


@pytest.mark.parametrize(
    "wrong", [{"text": " \n"}, {"name": ""}, {"name": "x" * 201}, {"text": "a\0b"}, {"text": "\ud83d"}]
)
def test_what_cannot_be_kept_is_refused(wrong):
    with pytest.raises(UnusableTestimonial):
        draft(**{"text": SERVICE, **wrong})


def test_a_sample_makes_room_at_the_head_of_the_page_for_a_real_one():
    sample = received(service(1), is_featured=True, is_sample=True)
    real = received(service(2), is_featured=True)
    another = received(service(3), is_featured=True, is_sample=True)
    assert [t.is_featured for t in (sample, real, another)] == [False, True, False]
    assert sample.decisions[-1].note == "No longer featured."


def test_what_it_is_told_by_when_it_comes_again_has_its_own_letters():
    """Digests of it are kept for good: those of what was erased would know nothing written in another way."""
    told_by = privacy.marks_of(draft(text="Takk, Ægir!", name="Łucja Øvre", source=None))
    assert told_by == ["words:takk ægir:łucja øvre"]
