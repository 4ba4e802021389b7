"""What a page's address asks for in words."""

from flask import request

from .fields import clean_line

LONGEST = 200  # characters shown and searched for


def words_asked(name: str = "q", *, longest: int = LONGEST) -> str:
    """The words of this argument of the address, on one line and cut; empty where there are none."""
    return clean_line(request.args.get(name))[:longest]
