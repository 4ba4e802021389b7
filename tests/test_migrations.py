"""Migrations make the schema that the models describe."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from clinic_app import database
from clinic_app.extensions import db


def test_the_migrated_schema_is_the_one_that_the_models_describe(app):
    with db.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_name": database.in_models}
        )
        assert compare_metadata(context, db.metadata) == []


def test_a_migrated_database_is_not_behind(app):
    assert database.pending_migrations() == []
