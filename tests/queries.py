"""What is asked of the database while a block runs, and how the database would answer it."""

from contextlib import contextmanager
from typing import NamedTuple

from sqlalchemy import Engine, event

from clinic_app.extensions import db


class Statement(NamedTuple):
    """A statement as it was sent."""

    sql: str
    parameters: object

    def plan(self) -> str:
        """How it is answered where tables are large, whatever PostgreSQL knows of the little ones that are there:
        it is told to read no table whole and to sort nothing unless it must."""
        with db.engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {self.sql}", self.parameters)
                return "\n".join(row.detail for row in rows)
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            connection.exec_driver_sql("SET LOCAL enable_sort = off")
            return "\n".join(connection.exec_driver_sql(f"EXPLAIN {self.sql}", self.parameters).scalars())


@contextmanager
def noted(engine: Engine | None = None):
    """`with noted() as statements: ...`: all statements of the block, BEGIN aside, in their order."""
    engine = engine or db.engine
    statements: list[Statement] = []

    def note(_connection, _cursor, sql, parameters, *_) -> None:
        if not sql.startswith("BEGIN"):
            statements.append(Statement(sql, parameters))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


def count(action) -> int:
    """How many statements calling `action` sends."""
    with noted() as statements:
        action()
    return len(statements)


def selects(statements) -> list[str]:
    """Those that read."""
    return [sql for sql, _ in statements if sql.startswith(("SELECT", "select"))]
