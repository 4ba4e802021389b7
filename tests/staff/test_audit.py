"""The audit trail."""

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError

from clinic_app import database
from clinic_app.accounts import audit
from clinic_app.accounts.models import AuditEntry
from clinic_app.extensions import db

from .conftest import new_member


@pytest.mark.parametrize("change", [update(AuditEntry).values(by="Nobody"), delete(AuditEntry)])
def test_the_database_refuses_every_change_of_the_trail(app, change):
    with database.transaction():
        audit.record("opened", by=new_member("owner"), kind="enquiry", id=1, how="by reference")
    with pytest.raises(DBAPIError, match="audit_entries_are_only_added"), database.transaction():
        db.session.execute(change, execution_options={"synchronize_session": False})
