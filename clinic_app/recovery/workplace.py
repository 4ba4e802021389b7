"""Where backups are put together and tried out: a folder in the instance, beside the data that it copies."""

import fcntl
import shutil
import tempfile
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from flask import current_app

from .refusals import AlreadyRunning

PREFIX = ".recovery-"
LOCK = ".recovery.lock"
GONE_AFTER = timedelta(hours=6)  # without an end: whoever began a backup, here or on another server, was killed


@contextmanager
def workplace():
    """An empty folder, the site's user's alone, that is gone when the block ends. Raises AlreadyRunning.

    One at a time: whatever another one left that was killed is removed first, since it holds patients' words.
    """
    instance = Path(current_app.instance_path)
    with (instance / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise AlreadyRunning("Another backup or restore of this site is at work: wait for its end.") from None
        for left in instance.glob(f"{PREFIX}*"):
            shutil.rmtree(left, ignore_errors=True)
        folder = Path(tempfile.mkdtemp(dir=instance, prefix=PREFIX))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
