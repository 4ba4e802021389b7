"""A worker in a process of its own that begins when all others do."""

from clinic_app import create_app
from clinic_app.mail.worker import Worker
from tests.server import DEADLINE_SECONDS


def send_some(instance, environ: dict, barrier, shares) -> None:
    """Send what is due, together with all who wait at the barrier, and put into `shares` how much it was."""
    worker = Worker(create_app(instance=instance, environ=environ), timeout=60)
    barrier.wait(DEADLINE_SECONDS)
    shares.put(worker.run_once().get("sent", 0))
