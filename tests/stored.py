"""All rows of the database, kept as it has them, to be put back: much quicker than to make them anew."""

from types import SimpleNamespace

from sqlalchemy import text

from clinic_app.extensions import db

from . import databases

USED = "FROM pg_sequences WHERE last_value IS NOT NULL"
SEQUENCES = f"SELECT quote_ident(sequencename), last_value {USED}"
# None goes back below what is there.
SET = f"""
    SELECT setval(CAST(name AS regclass), number)
    FROM unnest(CAST(:names AS text[]), CAST(:numbers AS bigint[])) AS given (name, number)
    WHERE name NOT IN (SELECT quote_ident(sequencename) {USED})
"""
OWN = {"content_version"}  # which goes on, so that no page is taken for one of before


class Stored:
    """What is in the tables now, all but those of the set `besides`, until `put_back`."""

    def __init__(self, besides: frozenset[str] = frozenset()):
        with db.engine.connect() as connection:
            self.is_sqlite = connection.dialect.name == "sqlite"
            read = self._read_in_sqlite if self.is_sqlite else self._read_in_postgresql
            names = [table.name for table in db.metadata.sorted_tables if table.name not in OWN | besides]
            self.rows = {name: rows for name in names if (rows := read(connection, name))}
            self.numbers = [] if self.is_sqlite else [tuple(row) for row in connection.execute(text(SEQUENCES))]

    def put_back(self) -> None:
        """Empty the tables of what they hold; they hold then what they held."""
        databases.empty_all_tables()
        self.add()

    def add(self) -> None:
        """Put the rows into tables that are empty."""
        with db.engine.begin() as connection:
            write = self._write_in_sqlite if self.is_sqlite else self._write_in_postgresql
            for name, rows in self.rows.items():
                write(connection, name, rows)
            if self.numbers:
                names, numbers = zip(*self.numbers, strict=True)
                connection.execute(text(SET), {"names": list(names), "numbers": list(numbers)})

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


class Made:
    """Rows that take long to make, by name: made by the first test of each kind of database, then put back."""

    def __init__(self):
        self.made: dict = {}

    def __call__(self, name: str, make):
        """What `make()` gave when it filled tables that were empty, beside the same others."""
        with db.engine.connect() as connection:
            there = frozenset(databases.written(connection)) - OWN
        key = (name, db.engine.dialect.name, there)
        if key not in self.made:
            before = Stored()
            self.made[key] = make(), Stored(besides=there)
            assert {table: rows for table, rows in Stored().rows.items() if table in there} == before.rows
        else:
            self.made[key][1].add()
        return self.made[key][0]

    def rows(self, name: str, make) -> SimpleNamespace:
        """The same for a `make()` that gives a namespace of models: as the session has them."""
        kinds = self(name, lambda: {key: (type(row), row.id) for key, row in vars(make()).items()})
        found = {key: db.session.get_one(kind, number) for key, (kind, number) in kinds.items()}
        db.session.commit()  # as after the transaction that makes them
        return SimpleNamespace(**found)
