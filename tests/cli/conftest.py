"""Commands that bring content in."""

import pytest

from clinic_app.extensions import db


@pytest.fixture
def bring(app, folder):
    """Brings in the Markdown files of the test's `folder`; gives the result."""

    def run(*options):
        result = app.test_cli_runner().invoke(args=["import", "markdown", str(folder), *options])
        db.session.rollback()
        return result

    return run
