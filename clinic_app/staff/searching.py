"""Looking for what may name a patient: what is typed is sent by POST, and the list that follows has a token of it
in its address, which tells nobody who was looked for."""

from flask import abort, flash, redirect, request, url_for

from ..keys import address_tokens
from ..web.fields import clean_line
from ..web.paging import same_page

KIND = "searches"
ENDED = "That search has ended: its link works for a day. Search again."


def token_of(words: str) -> str:
    """What stands for the words in an address."""
    return address_tokens.token_of(words, kind=KIND)


def list_of(name: str, *, longest: int, **kept: str | None):
    """Lead to the area's list of what was sent in this field, with the arguments that are kept."""
    words = clean_line(request.form.get(name))[:longest]
    return redirect(url_for(".index", **kept, **{name: token_of(words) if words else None}), 303)


def words_asked(name: str) -> str:
    """The words of this argument of the address; leads to the list without them where its token is of no use."""
    token = request.args.get(name, "")
    try:
        return address_tokens.read(token, kind=KIND) if token else ""
    except (address_tokens.NoSuchToken, address_tokens.TokenEnded):
        flash(ENDED, "error")
        abort(redirect(same_page(**{name: None}), 303))
