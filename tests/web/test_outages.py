"""What is an outage, for which a form is given back, and what is a fault of ours."""

import errno

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from clinic_app.extensions import db
from clinic_app.web import outages
from clinic_app.web.outages import is_outage


@pytest.mark.parametrize(
    "statement", ["SELECT * FROM no_such_table", "SELEKT", "INSERT INTO services DEFAULT VALUES"]
)
def test_what_we_ask_wrongly_is_no_outage(app, statement):
    with pytest.raises(DBAPIError) as caught:
        db.session.execute(text(statement))
    assert not is_outage(caught.value)


def test_a_damaged_file_is_one(tmp_path):
    (tmp_path / "damaged.sqlite").write_bytes(bytes(8192))
    with (
        pytest.raises(DBAPIError) as caught,
        create_engine(f"sqlite:///{tmp_path}/damaged.sqlite").connect() as broken,
    ):
        broken.execute(text("SELECT * FROM sqlite_master"))
    assert is_outage(caught.value)


def test_a_disk_without_space_is_one_and_a_missing_file_is_not():
    assert is_outage(OSError(errno.ENOSPC, "No space left on device"))
    assert not is_outage(FileNotFoundError(errno.ENOENT, "No such file"))


def test_what_was_sent_comes_back_though_a_clinics_own_page_for_outages_fails(app, own_template):
    own_template("errors/503.html", "{{ 1 / 0 }}")
    with app.test_request_context("/a/abc/cancel", method="POST", data={"reason": "I am ill"}):
        page, status = outages.answer(OSError(errno.ENOSPC, "No space left on device"))
    assert status == 503
    assert "I am ill" in page
