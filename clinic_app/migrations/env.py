"""Runs migrations on the application's own engine (called by Alembic through Flask-Migrate)."""

from alembic import context
from flask import current_app
from sqlalchemy import text

from clinic_app.extensions import db


def run_migrations() -> None:
    # Each takes SQLite's lock at its start: the server of the version before may be writing all the time.
    with db.engine.connect().execution_options(writes=True) as connection:
        sqlite = connection.dialect.name == "sqlite"
        if sqlite:
            # With foreign keys on, batch mode's copy-and-drop of a parent would delete its children.
            # The pragma is ignored inside a transaction, hence the raw cursor.
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")
        try:
            context.configure(
                connection=connection,
                target_metadata=db.metadata,
                transactional_ddl=True,
                transaction_per_migration=True,
                **current_app.extensions["migrate"].configure_args,
            )
            with context.begin_transaction():
                context.run_migrations()
            if sqlite and (broken := connection.execute(text("PRAGMA foreign_key_check")).fetchall()):
                raise RuntimeError(f"migration left {len(broken)} rows pointing at nothing: {broken[:5]}")
        finally:
            connection.rollback()
            if sqlite:
                connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")


if context.is_offline_mode():
    raise SystemExit("Migrations run on a database, not as a script of SQL: leave out --sql.")
run_migrations()
