"""The WSGI application: `granian --interface wsgi wsgi:app`, or any other WSGI server."""

import os
import sys

from clinic_app import create_app, database
from clinic_app.checks import SettingsError
from clinic_app.mail import worker

try:
    app = create_app()
    if os.environ.get("FLASK_RUN_FROM_CLI") != "true":  # a server, not the `flask` command
        with app.app_context():
            database.refuse_older_schema()
        worker.start_embedded(app)
except (SettingsError, database.SchemaMismatchError) as error:
    sys.exit(f"The site cannot start. {error}")
