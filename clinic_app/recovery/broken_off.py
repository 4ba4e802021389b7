"""Restores that were killed: the next start of the site, or the next restore, makes them have never begun."""

from pathlib import Path

from flask import current_app

from . import belongings, sqlite_store, stores


def beside(stamp: str) -> Path:
    """Where a restore puts files aside, on either database."""
    return Path(current_app.instance_path) / f"{sqlite_store.ASIDE}{stamp}"


def take_back() -> bool:
    """Put what was there before a restore that was killed back where it was; gives whether one was.

    Pictures and own files that came stay: they harm nothing. Raises StillInUse.
    """
    store = stores.of_site()
    stamps = store.broken_off()
    for stamp in stamps:
        belongings.take_key_back(beside(stamp))
        store.take_back(stamp)
    return bool(stamps)
