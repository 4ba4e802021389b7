"""The databases' indexes of words, kept and asked in one way: FTS5 of SQLite, GIN over tsvector of PostgreSQL.

Their own tokenisers and stemmers differ, so neither is used. Python breaks texts into folded words, a column holds
them with blanks between, and the databases only look up what begins one of them.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import Select, cast, column, false, func, select, table, text
from sqlalchemy.orm import InstrumentedAttribute

from .. import database
from ..extensions import db

MAX_LETTERS = 64  # of a word; PostgreSQL takes no more than 2,046 bytes
MAX_BYTES = 500_000  # of a text's different words; PostgreSQL takes no more than a megabyte
# Letters whose stroke, or second letter, is no accent to Unicode, and so to `folding`.
_LETTERS = str.maketrans(
    {"æ": "ae", "ð": "d", "ø": "o", "þ": "th", "đ": "d", "ħ": "h", "ı": "i", "ł": "l", "œ": "oe", "ŧ": "t"}
)

# What is looked for: alternatives, of which one will do. Each is a group of words, which all have to be there.
Term = Sequence[Sequence[str]]


def distinct(words: Iterable[str]) -> list[str]:
    """The different words in their order, each by plain letters, and cut to what an index takes."""
    return list(dict.fromkeys(word[:MAX_LETTERS].translate(_LETTERS) for word in words))


def fitting(words: Iterable[str]) -> str:
    """As many of these as an index takes, with blanks between."""
    kept, size = [], 0
    for word in words:
        size += len(word.encode()) + 1
        if size > MAX_BYTES:
            break
        kept.append(word)
    return " ".join(kept)


def rows_with(
    terms: Sequence[Term], *, words: InstrumentedAttribute, key: InstrumentedAttribute, sqlite: str
) -> Select:
    """The `key` of each row that meets all of the terms; of none without terms. `sqlite` names its table of words.

    Words are letters and digits only: quotes hold them.
    """
    if not terms:
        return select(key.label("key")).where(false())
    if database.is_sqlite():
        index = table(sqlite, column("rowid"), column(sqlite))
        query = _written(terms, word='"{}"*', both=" AND ", either=" OR ")
        return select(index.c.rowid.label("key")).where(index.c[sqlite].op("MATCH")(f"{words.key} : ({query})"))
    from sqlalchemy.dialects.postgresql import TSQUERY  # which no server on SQLite has loaded

    query = _written(terms, word="'{}':*", both=" & ", either=" | ")
    vector = func.array_to_tsvector(func.string_to_array(words, " "))
    return select(key.label("key")).where(vector.op("@@")(cast(query, TSQUERY))).correlate(None)


def forget_deleted(sqlite: str) -> None:
    """Write SQLite's table of words anew, without those of rows that are gone, which it only marks as such.

    Flushes. Reads the whole index: for erasing people, which is rare.
    """
    if database.is_sqlite():
        db.session.execute(text(f"INSERT INTO {sqlite} ({sqlite}) VALUES ('optimize')"))  # noqa: S608  names of ours


def _written(terms: Sequence[Term], *, word: str, both: str, either: str) -> str:
    """The query in a database's own language."""
    alternatives = (
        either.join("(" + both.join(word.format(each) for each in group) + ")" for group in term) for term in terms
    )
    return both.join(f"({one})" for one in alternatives)
