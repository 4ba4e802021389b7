"""Where the links in mails to staff lead."""

import re

from sqlalchemy import select

from clinic_app.database import transaction
from clinic_app.enquiries import inbox
from clinic_app.extensions import db
from clinic_app.mail.models import OutboxMail
from tests.factories import submission


def test_the_link_in_a_mail_to_staff_leads_to_a_page_that_shows_nothing_of_the_enquiry(client):
    with transaction():
        inbox.receive(submission(message="A secret of the patient"))
    mail = db.session.scalars(select(OutboxMail).filter_by(name="enquiry_for_staff")).one()
    path = re.search(r"https://clinic\.example(/staff/\S+)", mail.text_body)[1]
    page = client.get(path)
    assert page.status_code == 200
    assert "secret" not in page.text
    assert "flask --app wsgi enquiries show" in page.text
    assert page.headers["Cache-Control"] == "no-store"
