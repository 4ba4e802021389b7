"""The site's program, which waits less: `Server(folder, module="tests.hasty")` serves it and runs its commands.

Only how long it waits is different, and how much work a passphrase costs.
"""

from clinic_app import database, server_watch
from clinic_app.mail import worker
from clinic_app.recovery import age

database.PAGE_WAIT_MS = 1_500
age.WORK = 10
server_watch.STOP_WITHIN = 0.5
worker.HOLDS = (0.5,)


class HastyWorker(worker.Worker):
    def __init__(self, site):
        super().__init__(site, poll=1)

    def stop(self, patience=0.3):
        super().stop(patience)


worker.Worker = HastyWorker

from wsgi import app  # noqa: E402, F401  starts a worker
