"""The check of the setting `database_url`: see `checks`."""

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from .checks import did_you_mean, text


def database_url(value) -> str:
    """An SQLAlchemy address; PostgreSQL is spoken to through psycopg. Raises ValueError as all checks do."""
    url = text(value)
    for scheme in ("postgresql://", "postgres://"):
        if url.startswith(scheme):
            url = "postgresql+psycopg://" + url.removeprefix(scheme)
    if url and not (url.startswith(("postgresql+psycopg://", "sqlite:////")) and _is_whole(url)):
        raise ValueError(
            'empty, or an address such as "postgresql://user:password@host/name" (an @ in the password is %40)'
        )
    if url.startswith("postgresql"):
        _refuse_unknown_options(url)
    return url


def _refuse_unknown_options(url: str) -> None:
    """Raise ValueError for an option behind the question mark that the driver would refuse at each connection."""
    from psycopg.pq import Conninfo  # the driver is loaded for sites on it only

    known = {option.keyword.decode() for option in Conninfo.get_defaults()}
    if unknown := next((name for name in make_url(url).query if name not in known), None):
        raise ValueError(f"without {unknown!r}, which PostgreSQL does not know{did_you_mean(unknown, known)}")


def _is_whole(url: str) -> bool:
    """Whether the parts of a database's address can be told apart; an @ in the password ends it too early."""
    try:
        return "@" not in (make_url(url).host or "")
    except (ArgumentError, ValueError):  # the port
        return False
