"""The extensions, unbound: `create_app` binds them to an application."""

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import MetaData
from sqlalchemy.orm import registry

# All models' base. Names that no model gives are made by this convention, the same in both databases.
# Generated, not a DeclarativeBase: the annotations of that, and of what Flask-SQLAlchemy mixes with it, SQLAlchemy
# evaluates anew for each model.
Base = registry(
    metadata=MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
).generate_base()

db = SQLAlchemy(model_class=Base)
