"""Saying what was done, with a button that undoes it."""

from flask import flash

# What was done, and the address at which it is undone; None where it cannot be.
Said = tuple[str, str | None]


def flash_done(text: str, undo: str | None) -> None:
    """Say what was done, with the button where there is an address for it."""
    if undo:
        flash({"text": text, "undo": undo}, "undo")
    else:
        flash(text)
