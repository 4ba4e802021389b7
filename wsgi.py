"""The WSGI application: `granian --interface wsgi wsgi:app`, or any other WSGI server."""

import gc
import multiprocessing
import os
import signal
import sys
import threading
import time

gc.disable()  # what is loaded stays: looking for rubbish among it took a seventh of the start

from sqlalchemy.exc import OperationalError  # noqa: E402

from clinic_app import create_app, database  # noqa: E402
from clinic_app.checks import SettingsError  # noqa: E402
from clinic_app.mail import worker  # noqa: E402

STOP_WITHIN = 5.0  # seconds, for a process whose server is gone


def end_with(server: int) -> None:
    """Stop this process when its server, by number, has been killed: nobody else would, and it would go on serving
    on a port that another server wants. Runs in a thread of its own.

    The operating system is asked, not multiprocessing: there a process is not seen to end before its forks are.
    """
    while os.getppid() == server:
        time.sleep(1)
    threading.Timer(STOP_WITHIN, os._exit, [1]).start()
    signal.pthread_kill(threading.main_thread().ident, signal.SIGTERM)  # which waits, and would not hear another's


os.umask(0o077)  # patients' words: what is written is for the site's user only

try:
    app = create_app()
    if os.environ.get("FLASK_RUN_FROM_CLI") != "true":  # a server, not the `flask` command
        with app.app_context():
            database.refuse_older_schema()
        if (server := multiprocessing.parent_process()) is not None:
            # Ctrl-C at a terminal goes to the server and to its processes alike. granian's processes then hear of
            # the end twice, the second time while they handle the first, and hang: leave it to the server to tell.
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            threading.Thread(target=end_with, args=[server.pid], name="server-watch", daemon=True).start()
        worker.start_embedded(app)
except (SettingsError, database.SchemaMismatch) as error:
    sys.exit(f"The site cannot start. {error}")
except OperationalError as error:
    sys.exit(f"The site cannot start: the database does not answer. {error.orig}")

gc.freeze()  # nor is it looked through later, while somebody waits for a page
gc.enable()
