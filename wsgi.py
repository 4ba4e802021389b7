"""The WSGI application: `granian --interface wsgi wsgi:app`, or any other WSGI server."""

import gc
import os
import sys

gc.disable()  # what is loaded stays: looking for rubbish among it took a seventh of the start

from sqlalchemy.exc import DBAPIError  # noqa: E402

from clinic_app import create_app, database, schema, server_watch, site_folder  # noqa: E402
from clinic_app.checks import SettingsError  # noqa: E402
from clinic_app.mail import worker  # noqa: E402
from clinic_app.recovery import broken_off  # noqa: E402
from clinic_app.recovery.refusals import Refused  # noqa: E402

os.umask(0o077)  # patients' words: what is written is for the site's user only

try:
    app = create_app()
    if os.environ.get("FLASK_RUN_FROM_CLI") != "true":  # a server, not the `flask` command
        with app.app_context():
            broken_off.refuse()
            schema.refuse_older_schema()
        server_watch.start()
        worker.start_embedded(app)
except (SettingsError, schema.SchemaMismatch, Refused) as error:
    sys.exit(f"The site cannot start. {error}")
except DBAPIError as error:
    if not (words := database.outage_in_words(error)):
        raise
    sys.exit(f"The site cannot start. {words}")
except OSError as error:
    if error.filename is None:
        raise
    sys.exit(f"The site cannot start. {site_folder.trouble(error, site_folder.find(os.environ))}")

gc.freeze()  # nor is it looked through later, while somebody waits for a page
gc.enable()
