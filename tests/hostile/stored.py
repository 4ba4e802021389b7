"""All rows of the database, kept as it has them, to be put back: much quicker than to make them anew."""

from sqlalchemy import text

from clinic_app.extensions import db
from tests import databases

SEQUENCES = "SELECT quote_ident(sequencename), last_value FROM pg_sequences WHERE last_value IS NOT NULL"
SET = "SELECT setval(CAST(:name AS regclass), :number)"
OWN = {"content_version"}  # which goes on, so that no page is taken for one of before


class Stored:
    """What is in the tables now, until `put_back`."""

    def __init__(self):
        with db.engine.connect() as connection:
            self.is_sqlite = connection.dialect.name == "sqlite"
            read = self._read_in_sqlite if self.is_sqlite else self._read_in_postgresql
            names = [table.name for table in db.metadata.sorted_tables if table.name not in OWN]
            self.rows = {name: rows for name in names if (rows := read(connection, name))}
            self.numbers = [] if self.is_sqlite else [tuple(row) for row in connection.execute(text(SEQUENCES))]

    def put_back(self) -> None:
        """Empty the tables of what they hold; they hold then what they held."""
        databases.empty_all_tables()
        with db.engine.begin() as connection:
            write = self._write_in_sqlite if self.is_sqlite else self._write_in_postgresql
            for name, rows in self.rows.items():
                write(connection, name, rows)
            for name, number in self.numbers:
                connection.execute(text(SET), {"name": name, "number": number})

    @staticmethod
    def _read_in_sqlite(connection, name: str) -> list[tuple]:
        return [tuple(row) for row in connection.exec_driver_sql(f'SELECT * FROM "{name}"')]

    @staticmethod
    def _write_in_sqlite(connection, name: str, rows: list[tuple]) -> None:
        places = ", ".join("?" * len(rows[0]))
        connection.exec_driver_sql(f'INSERT INTO "{name}" VALUES ({places})', rows)

    @staticmethod
    def _read_in_postgresql(connection, name: str) -> bytes:
        with connection.connection.cursor() as cursor, cursor.copy(f'COPY "{name}" TO STDOUT') as copy:
            return b"".join(bytes(part) for part in copy)

    @staticmethod
    def _write_in_postgresql(connection, name: str, rows: bytes) -> None:
        with connection.connection.cursor() as cursor, cursor.copy(f'COPY "{name}" FROM STDIN') as copy:
            copy.write(rows)
