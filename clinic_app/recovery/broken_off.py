"""Restores that were killed: the next start of the site, or the next restore, makes them have never begun."""

from pathlib import Path

from flask import current_app

from . import belongings, sqlite_store, stores
from .refusals import Refused


def beside(stamp: str) -> Path:
    """Where a restore puts files aside, on either database."""
    return Path(current_app.instance_path) / f"{sqlite_store.ASIDE}{stamp}"


def refuse() -> None:
    """Raise Refused where the site is half restored: what is written to it would be gone once it is put back."""
    if stores.of_site().broken_off():
        raise Refused(
            "A restore was broken off. Run `flask setup` (`make run` does it by itself): it puts back "
            "what was there before."
        )


def take_back() -> bool:
    """Put what was there before a restore that was killed back where it was; gives whether one was.

    Pictures and own files that came stay: they harm nothing. Raises StillInUse.
    """
    store = stores.of_site()
    if stamps := store.broken_off():
        store.be_alone()
    for stamp in stamps:
        belongings.take_key_back(beside(stamp))
        store.take_back(stamp)
    return bool(stamps)
