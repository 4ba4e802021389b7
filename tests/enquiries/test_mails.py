"""The mails of an enquiry as people read them."""

from datetime import UTC, date, datetime, time

import pytest
import time_machine
from sqlalchemy import select

from clinic_app import clock
from clinic_app.booking import hours
from clinic_app.database import transaction
from clinic_app.enquiries import references
from clinic_app.extensions import db
from clinic_app.mail.models import OutboxMail
from clinic_app.times.periods import Period
from tests.factories import enquire
from tests.golden import check_email

MONDAY = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)  # half past ten in Sydney
CHRISTMAS = datetime(2026, 12, 24, 23, 30, tzinfo=UTC)


@pytest.fixture
def receive(app):
    def receive_(at=MONDAY, **changes):
        with time_machine.travel(at, tick=False), transaction():
            return enquire(**changes)

    return receive_


def check(name, enquiry, golden=None):
    mail = db.session.scalars(select(OutboxMail).filter_by(name=name)).one()
    check_email(mail, golden or name, REFERENCE=references.shown(enquiry.reference))


def test_mail_to_staff(receive):
    check("enquiry_for_staff", receive(message="Do you have parking?\n\nI come\nby car & bike."))


def test_mail_to_staff_about_someone_who_gave_a_phone_number_only(receive):
    check("enquiry_for_staff", receive(email=""), golden="enquiry_for_staff_by_phone")


def test_mail_to_staff_without_the_message(receive, with_settings):
    with_settings(staff_mail_detail="summary")
    check("enquiry_for_staff", receive(), golden="enquiry_for_staff_summary")


def test_mail_to_the_sender(receive):
    check("enquiry_received", receive())


def test_what_reads_like_no_name_is_told_to_staff_only(receive):
    receive(name="Refund due, claim at evil-refund.com/now")
    to_staff, to_sender = db.session.scalars(select(OutboxMail).order_by(OutboxMail.id))
    assert (to_sender.name, to_sender.to_name) == ("enquiry_received", "")
    assert to_staff.reply_to_name == "Refund due, claim at evil-refund.com/now"


def test_mail_to_the_sender_on_a_holiday(receive):
    with transaction():
        thirtieth = date(2026, 12, 30)
        half_a_day = Period(clock.instant_of(thirtieth, time(12)), clock.instant_of(thirtieth, time(18)))
        hours.close_clinic(half_a_day, reason="Stocktaking, tell nobody")
    check("enquiry_received", receive(at=CHRISTMAS), golden="enquiry_received_on_a_holiday")
