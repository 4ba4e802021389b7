"""The order in which visitors see testimonials."""

import pytest

from clinic_app.extensions import db
from clinic_app.testimonials import listing, moderation, order
from clinic_app.testimonials.refusals import NotPublished

from .invented import CLINICAL, received, service, several

pytestmark = pytest.mark.usefixtures("writing")


@pytest.fixture
def four():
    return several(4)[::-1]  # as they are shown: the newest first


def shown():
    db.session.expire_all()
    return list(listing.shown(limit=100))


def test_moving_up_and_down_changes_places_with_the_neighbour(four):
    a, b, c, d = four
    order.move(c, places=-1)
    assert shown() == [a, c, b, d] == listing.published().items
    order.move(a, places=1)
    assert shown() == [c, a, b, d]


def test_the_first_cannot_go_up_nor_the_last_down(four):
    order.move(four[0], places=-1)
    order.move(four[3], places=1)
    assert shown() == four


def test_one_can_be_put_first_from_anywhere(four):
    a, b, c, d = four
    order.move(d, places=order.FIRST)
    assert shown() == [d, a, b, c]


def test_what_was_moved_keeps_its_place_when_others_come(four):
    a, b, c, d = four
    order.move(b, places=-1)
    newest = received(service(99), name="Alex Placeholder")
    assert shown() == [b, newest, a, c, d]
    order.move(newest, places=1)
    assert shown() == [b, a, newest, c, d]
    later = received(service(98), name="Jo Fictional")
    assert shown() == [b, a, newest, later, c, d]


def test_by_date_again(four):
    order.move(four[3], places=order.FIRST)
    moderation.arrange([])
    assert shown() == four


def test_only_what_visitors_see_has_a_place(four):
    waiting, sample = received(CLINICAL), received(service(77), is_sample=True)
    for absent in (waiting, sample):
        with pytest.raises(NotPublished):
            order.move(absent, places=1)
    assert shown() == four
