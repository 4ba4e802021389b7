"""A worker in a process of its own that begins when it is told to, so that several begin together.

`python -m tests.mail.one_of_many` says "ready", waits for a line, sends what is due, says how much it sent.
"""

from clinic_app import create_app
from clinic_app.mail.worker import Worker

app = create_app()
worker = Worker(app, timeout=60)
print("ready", flush=True)
input()
print(worker.run_once().get("sent", 0), flush=True)
