"""What is kept through a power cut."""

import os
from contextlib import contextmanager

import pytest


@contextmanager
def synced():
    """The numbers (inodes) of files and folders that the block has put on the disk, in order."""
    numbers, really = [], os.fsync

    def fsync(handle: int) -> None:
        numbers.append(os.fstat(handle).st_ino)
        really(handle)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", fsync)
        yield numbers
