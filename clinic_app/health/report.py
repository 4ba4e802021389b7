"""All checks, in the order in which one would ask, and their findings."""

from collections.abc import Iterator

from flask import current_app
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from .. import database
from ..extensions import db
from . import (
    address,
    at_rest,
    backups,
    examples,
    keys,
    machine,
    mails,
    opening_days,
    owners,
    pictures,
    retention,
    servers,
    settings,
    storage,
    templates,
    time_zone,
)
from .finding import FAIL, OK, WARN, Check, Finding

CHECKS = (
    Check("Settings", settings.find),
    Check("Servers", servers.find),
    Check("Templates", templates.find),
    Check("Address and TLS", address.find),
    Check("Certificate", address.find_certificate, asks_others=True),
    Check("Database", storage.find_database),
    Check("Schema", storage.find_schema),
    Check("Disk", machine.find_disk),
    Check("Permissions", machine.find_permissions),
    Check("Pictures", pictures.find),
    Check("Secret key", keys.find),
    Check("Owner", owners.find),
    Check("Examples", examples.find),
    Check("Opening hours", opening_days.find),
    Check("Clock", storage.find_clock),
    Check("Time zone", time_zone.find),
    Check("Mail queue", mails.find_queue),
    Check("Mail server", mails.find_setting),
    Check("Mail server", mails.find_server, asks_others=True),
    Check("Encryption", at_rest.find),
    Check("Backups", backups.find),
    Check("Purge", retention.find),
)


def findings(*, asking_others: bool) -> Iterator[Finding]:
    """Each check's findings as they come. A check that breaks is a finding; none stops the others."""
    for check in CHECKS:
        if check.asks_others and not asking_others:
            continue
        try:
            yield from check.find()
        except SQLAlchemyError as error:
            yield Finding(check.about, FAIL, *_of_database(error))
        except Exception as error:
            current_app.logger.exception("A check broke: %s", check.about)
            yield Finding(check.about, FAIL, f"The check broke ({type(error).__name__}).", "The log says where.")
        finally:
            db.session.rollback()


def _of_database(error: SQLAlchemyError) -> tuple[str, str]:
    """What to say of it, and what to do."""
    if isinstance(error, DBAPIError) and database.lacks_migrations(error):
        return "The database is not set up, or not for this version of the program.", "Run `flask setup`."
    words = str(getattr(error, "orig", None) or type(error).__name__).strip().partition("\n")[0]
    return f"The database does not answer: {words}", "Look at the database first."


def worst(found: list[Finding]) -> str:
    """The gravest state among them."""
    states = {finding.state for finding in found}
    return next((state for state in (FAIL, WARN) if state in states), OK)
