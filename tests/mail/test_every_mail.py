"""Every mail has a golden file, which is also when its HTML part is checked."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from clinic_app.mail import outbox
from clinic_app.mail.models import OutboxMail
from tests import golden

TEMPLATES = Path(__file__).parent.parent.parent / "templates" / "email"
MAILS = sorted(path.name for path in TEMPLATES.iterdir() if path.is_dir())


@pytest.mark.parametrize("name", MAILS)
def test_a_mail_has_a_golden_file(name):
    assert list(golden.FOLDER.glob(f"{name}*.txt"))


def test_the_test_mail(app):
    sent_at = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    composed = outbox.compose("test", to="kit@example.org", context={"sent_at": sent_at})
    golden.check_email(OutboxMail(**composed), "test")
