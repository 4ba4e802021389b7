"""The floor that the site is measured beside: a bare Flask, whose views do the least that such pages can cost."""

import os
import queue
import sqlite3
import threading
from pathlib import Path

import psycopg
from flask import Flask, Response, render_template_string, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.orm import Mapped, mapped_column

FOLDER = Path(os.environ["FLOOR_FOLDER"])
ROW = (
    '<li><a href="{{ row.url }}">{{ row.name }}</a> <time datetime="{{ row.at }}">{{ row.at }}</time>'
    " <span>with {{ row.who }}</span></li>\n"
)
TEMPLATE = (
    "<!doctype html><title>{{ title }}</title><h1>{{ title }}</h1><ul>{% for row in rows %}"
    + ROW
    + "{% endfor %}</ul>"
)
ROWS = [
    {"url": f"/book/{n}", "name": f"Time {n}", "at": f"2026-11-24T{n % 24:02}:00", "who": "Robin Sample"}
    for n in range(1000)
]
ROW_BYTES = 120
CONNECTIONS = 15
TABLE = "CREATE TABLE IF NOT EXISTS floor_rows (id {} PRIMARY KEY, message TEXT)"
PAGES = {path.stem: path.read_bytes() for path in FOLDER.glob("*.br")}

DATABASE = os.environ["FLOOR_DATABASE"]  # a PostgreSQL server's; "" where the site has SQLite

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = (
    DATABASE.replace("://", "+psycopg://") or f"sqlite:///{FOLDER / 'clinic.sqlite'}?timeout=60"
)
orm = SQLAlchemy(app)
mine = threading.local()
free: queue.LifoQueue = queue.LifoQueue()  # as many connections as the site's processes have, made when needed
for _ in range(CONNECTIONS):
    free.put(None)


@app.get("/bytes/<name>")
def ready_bytes(name: str):
    """A page's bytes, from memory, under the page's own headers for them."""
    return Response(PAGES[name], headers={"Content-Type": "text/html; charset=utf-8", "Content-Encoding": "br"})


@app.get("/template/<int:size>")
def template(size: int):
    """A page of about so many bytes from a template with a row of four values every hundred or so."""
    return render_template_string(TEMPLATE, title="A page", rows=ROWS[: max(1, size // ROW_BYTES)])


@app.post("/insert")
def insert():
    """One row in the site's own database, as safe from power cuts as the site's."""
    if not hasattr(mine, "write"):
        mine.write = _on_postgresql() if DATABASE else _on_sqlite()
    mine.write(request.form["message"])
    return "", 303, {"Location": "/"}


class FloorRow(orm.Model):
    """A row of the same table, as programs on Flask-SQLAlchemy write theirs."""

    __tablename__ = "floor_rows"

    id: Mapped[int] = mapped_column(primary_key=True)
    message: Mapped[str]


@app.post("/insert-by-orm")
def insert_by_orm():
    """The same row as safely, by Flask-SQLAlchemy in place of the bare driver."""
    orm.session.add(FloorRow(message=request.form["message"]))
    orm.session.commit()
    return "", 303, {"Location": "/"}


if not DATABASE:
    with app.app_context():
        event.listen(orm.engine, "connect", lambda connection, _: _set_up(connection))


def _on_sqlite():
    connection = sqlite3.connect(FOLDER / "clinic.sqlite", timeout=60)
    _set_up(connection)

    def write(message: str) -> None:
        with connection:
            connection.execute("INSERT INTO floor_rows (message) VALUES (?)", (message,))

    return write


def _set_up(connection) -> None:
    for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", TABLE.format("INTEGER")):
        connection.execute(statement)


def _on_postgresql():
    def write(message: str) -> None:
        connection = free.get() or _connected()
        try:
            connection.execute("INSERT INTO floor_rows (message) VALUES (%s)", (message,))
        finally:
            free.put(connection)

    return write


def _connected() -> psycopg.Connection:
    connection = psycopg.connect(DATABASE, autocommit=True)
    connection.execute("SELECT pg_advisory_lock(1)")  # else two make the table at once
    connection.execute(TABLE.format("SERIAL"))
    connection.execute("SELECT pg_advisory_unlock(1)")
    return connection
