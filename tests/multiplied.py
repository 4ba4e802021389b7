"""A hundred rows for each one that lies in the database: of all tables, also of those that are yet to come."""

from datetime import date, datetime, time, timedelta

from sqlalchemy import Column, Table, UniqueConstraint, insert, select

from clinic_app.extensions import db

ONCE = {"content_version"}  # tables of one row
# Two appointments of one practitioner do not overlap.
ONE_AFTER_THE_OTHER = {"appointments", "hours_exceptions"}
# Of these columns there may be one in all of the table, by an index of some rows.
ONLY_ONE = {("testimonials", "is_featured"): False}
KINDS = (str, bytes, time)  # of columns that are changed first, where several are unique together


def multiply(by: int) -> None:
    """Put `by - 1` copies beside each row. Half of them belong to what their original belongs to, the others each
    to a copy of that: lists have many rows of many owners, and one thing has many rows of its own."""
    with db.engine.begin() as connection:
        for table in db.metadata.sorted_tables:
            if table.name in ONCE:
                continue
            rows = [dict(row) for row in connection.execute(select(table)).mappings()]
            if copies := [_copy(table, row, number) for number in range(1, by) for row in rows]:
                connection.execute(insert(table), copies)


def empty_tables() -> set[str]:
    """The names of those that have no row."""
    with db.engine.connect() as connection:
        return {table.name for table in db.metadata.sorted_tables if not connection.execute(select(table)).first()}


def _copy(table: Table, row: dict, number: int) -> dict:
    copy = row | {name: value for (of, name), value in ONLY_ONE.items() if of == table.name}
    if "id" in table.c:
        copy["id"] = _numbered(row["id"], number)
    for column in table.c:
        if _owner(column) not in (None, table) and number % 2 == 0:
            copy[column.name] = _changed(column, row, number)
        elif isinstance(row[column.name], datetime) and table.name in ONE_AFTER_THE_OTHER:
            copy[column.name] = row[column.name] + timedelta(minutes=30 * number)
    for columns in _unique(table):
        if all(copy[column.name] == row[column.name] is not None for column in columns):
            column = min(
                columns, key=lambda column: (_owner(column) is not None, not isinstance(row[column.name], KINDS))
            )
            copy[column.name] = _changed(column, row, number)
    return copy


def _changed(column: Column, row: dict, number: int):
    value = row[column.name]
    if isinstance(value, time):
        return (datetime.combine(date.min, value) + timedelta(minutes=number)).time()
    if isinstance(value, str):
        return f"{number}-{value}"[: column.type.length]
    if isinstance(value, bytes):
        return value + bytes([number])
    if value is not None:
        return _numbered(value, number) if _owner(column) is not None else value + number
    return None


def _numbered(id: int, number: int) -> int:
    """The id of a copy, so far up that the database's own numbers never meet it. The last copies of all rows have
    the last ids, so that what shows the newest shows copies of all."""
    return 1_000_000 * number + id


def _owner(column: Column) -> Table | None:
    return next((key.column.table for key in column.foreign_keys), None)


def _unique(table: Table) -> list[list[Column]]:
    """The columns that are unique together."""
    rules = [each for each in table.constraints if isinstance(each, UniqueConstraint)]
    indexes = [index for index in table.indexes if index.unique and "where" not in index.info]
    return [list(each.columns) for each in (table.primary_key, *rules, *indexes)]
