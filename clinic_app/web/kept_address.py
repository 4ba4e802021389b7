"""Under which address a page is kept: each page under one, whatever else stands behind it in links to it.

A view names the arguments that its pages take, each with what is its true form (`public.keeping`). All others mean
nothing to it, such as those that advertisers and newsletters add: they are taken off before it sees them, so no
page depends on them or repeats them. Nor does it see under what host it was asked for.
"""

from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Flask
from werkzeug.exceptions import HTTPException


class Address(NamedTuple):
    """What tells one page from another. Headers differ by scheme (HSTS), links by where the site is mounted."""

    scheme: str
    mount: str
    path: str
    query: str


def as_asked(environ: dict) -> Address:
    """The address as it was asked for; a page is kept under it if it is the true one."""
    place = environ.get("SCRIPT_NAME", ""), environ.get("PATH_INFO", "")
    return Address(environ["wsgi.url_scheme"], *place, environ.get("QUERY_STRING", ""))


def true_one(environ: dict, app: Flask) -> Address | None:
    """The address under which this request's page is kept; None where none may be.

    Only the view can say that it has no page of this address, or one for the asker only.
    """
    try:
        rule, _ = app.url_map.bind_to_environ(environ).match(return_rule=True)
    except HTTPException:
        return None
    takes = getattr(app.view_functions[rule.endpoint], "takes", None)
    if takes is None:
        return None
    asked = as_asked(environ)
    given = [(name, text) for name, text in parse_qsl(asked.query, keep_blank_values=True) if name in takes]
    texts = dict(given)
    if len(texts) < len(given) or not all(takes[name](text) for name, text in given):
        return None
    return asked._replace(query=urlencode([(name, texts[name]) for name in takes if name in texts]))


def put(address: Address, environ: dict, public_url: str) -> None:
    """Let the request ask for this address, at the site's own host."""
    environ["QUERY_STRING"] = address.query
    environ["HTTP_HOST"] = urlsplit(public_url).netloc
