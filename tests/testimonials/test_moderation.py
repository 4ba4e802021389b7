"""People decide, and it is recorded."""

from datetime import timedelta

import pytest

from clinic_app import clock
from clinic_app.extensions import db
from clinic_app.testimonials import moderation
from clinic_app.testimonials.refusals import (
    ConsentNotGivenYet,
    ConsentWithdrawn,
    DecidedMeanwhile,
    FeaturedMeanwhile,
    NotPublished,
)

from .invented import CLINICAL, received, several

pytestmark = pytest.mark.usefixtures("writing")


def test_publishing_records_who_when_and_what_was_waved_through():
    testimonial = received(CLINICAL)
    before = clock.now()
    moderation.publish(testimonial, by="Kit Example", note="Names nobody")
    decision = testimonial.decisions[-1]
    assert (decision.from_state, decision.to_state) == ("waiting", "published")
    assert (decision.decided_by, decision.note) == ("Kit Example", "Names nobody")
    assert decision.waved_through == testimonial.reasons != []
    assert before <= decision.decided_at <= clock.now()


def test_publishing_again_changes_nothing():
    testimonial = received()
    moderation.publish(testimonial, by="Kit Example")
    assert len(testimonial.decisions) == 1


def test_hiding_ends_featuring():
    [testimonial] = several(1)
    moderation.feature(testimonial, by="Kit Example")
    moderation.hide(testimonial, by="Kit Example")
    assert (testimonial.state, testimonial.is_featured) == ("hidden", False)


def test_featuring_takes_the_place_of_the_one_before_and_both_remember():
    first, second = several(2)
    moderation.feature(first, by="Kit Example")
    moderation.feature(second, by="Robin Sample")
    assert (first.is_featured, second.is_featured) == (False, True)
    assert first.decisions[-1].decided_by == second.decisions[-1].decided_by == "Robin Sample"
    assert first.decisions[-1].note == f"No longer featured: testimonial {second.id} is."
    moderation.unfeature(second, by="Kit Example")
    assert (second.state, second.is_featured) == ("published", False)


def test_only_the_published_can_be_featured():
    with pytest.raises(NotPublished, match="waiting"):
        moderation.feature(received(CLINICAL), by="Kit Example")


def test_the_schemas_refusal_of_a_second_featured_one_has_a_name(monkeypatch):
    first, second = several(2)
    moderation.feature(first, by="Kit Example")
    db.session.flush()
    # As for two people at once: this one does not see the other's choice yet.
    monkeypatch.setattr(db.session, "scalars", lambda *_: [])
    with pytest.raises(FeaturedMeanwhile), db.session.begin_nested():
        moderation.feature(second, by="Robin Sample")


def test_withdrawn_consent_hides_and_a_new_consent_is_needed_to_publish():
    [testimonial] = several(1)
    moderation.feature(testimonial, by="Kit Example")
    moderation.withdraw_consent(testimonial, by="Kit Example", note="Rang us")
    assert (testimonial.state, testimonial.is_featured) == ("hidden", False)
    with pytest.raises(ConsentWithdrawn):
        moderation.publish(testimonial, by="Kit Example")
    moderation.record_consent(testimonial, how="by email", at=clock.now(), by="Kit Example")
    assert testimonial.state == "hidden"
    moderation.publish(testimonial, by="Kit Example")
    assert testimonial.state == "published"


def test_a_consent_from_before_the_withdrawal_does_not_end_it():
    [testimonial] = several(1)
    moderation.withdraw_consent(testimonial, by="Kit Example")
    since, earlier = testimonial.withdrawn_at, clock.now() - timedelta(days=2)
    assert moderation.record_consent(testimonial, how="on paper", at=earlier, by="Kit Example")
    assert (testimonial.consent_at, testimonial.withdrawn_at) == (earlier, since)
    assert not moderation.record_consent(testimonial, how="on paper", at=earlier, by="Kit Example")
    with pytest.raises(ConsentWithdrawn):
        moderation.publish(testimonial, by="Kit Example")


def test_correcting_a_name_is_recorded_and_leaves_the_words():
    testimonial = received()
    words = testimonial.text
    assert moderation.correct(
        testimonial, name="Robin S.", published_at=testimonial.published_at, by="Kit Example"
    )
    assert not moderation.correct(testimonial, name="Robin S.", published_at=testimonial.published_at, by="x")
    assert testimonial.text == words
    assert "Robin Sample" in testimonial.decisions[-1].note


def test_what_was_decided_can_be_put_back_to_wait():
    [testimonial] = several(1)
    moderation.feature(testimonial, by="Kit Example")
    moderation.hold(testimonial, by="Robin Sample", note="Undone.")
    assert (testimonial.state, testimonial.is_featured) == ("waiting", False)
    count = len(testimonial.decisions)
    moderation.hold(testimonial, by="Robin Sample")
    assert len(testimonial.decisions) == count
    assert testimonial.decisions[-1].note == "Undone."


def test_one_that_was_just_read_can_be_withdrawn():
    [testimonial] = several(1)
    db.session.expire_all()
    moderation.withdraw_consent(testimonial, by="Kit Example")
    assert testimonial.state == "hidden"


def test_a_withdrawn_one_cannot_be_put_back_to_wait_and_is_withdrawn_once():
    [testimonial] = several(1)
    moderation.withdraw_consent(testimonial, by="Kit Example")
    since, count = testimonial.withdrawn_at, len(testimonial.decisions)
    moderation.withdraw_consent(testimonial, by="Robin Sample")
    assert (testimonial.withdrawn_at, len(testimonial.decisions)) == (since, count)
    with pytest.raises(ConsentWithdrawn):
        moderation.hold(testimonial, by="Kit Example")


def test_consent_is_not_given_in_the_future():
    [testimonial] = several(1)
    with pytest.raises(ConsentNotGivenYet):
        moderation.record_consent(testimonial, how="by phone", at=clock.now() + timedelta(days=1), by="x")
    assert testimonial.consent_at is None


def test_a_decision_on_what_another_has_decided_meanwhile_is_refused():
    testimonial = received(CLINICAL)
    seen = testimonial.decisions[-1].id
    moderation.refuse_outdated(testimonial, seen=seen)
    moderation.hide(testimonial, by="Kit Example")
    with pytest.raises(DecidedMeanwhile, match="is hidden by now: Kit Example decided"):
        moderation.refuse_outdated(testimonial, seen=seen)
