"""`flask encrypt`: turn encryption of patients' words on and off, and change its key, while the site serves."""

import sys

import click
from flask.cli import AppGroup
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from .. import database, site_folder
from ..accounts import audit
from ..enquiries import search
from ..enquiries.models import Enquiry
from ..extensions import db
from ..keys import encryption, sealing
from ..keys.encryption import VARIABLE, Keyring

encrypt = AppGroup("encrypt", help="Encrypt patients' words where they are stored.")
KEEP_IT = (
    "Keep a copy of the key away from the database and its backups: without it nobody can read these texts again."
)
OF_OTHERS = (
    "Are there servers on other machines? They cannot read these texts, and may write plain ones, until "
    f"{VARIABLE} has the keys of this file on each, and it is started again."
)


@encrypt.command()
def on() -> None:
    """Turn it on: make a key unless there is one, and encrypt what is stored. Once broken off, begin again."""
    ring = encryption.keyring()
    _keep(Keyring(ring.keys or (encryption.new_key(),), writes=True), ring)
    _rewrite("turned encryption on")
    click.echo(KEEP_IT)


@encrypt.command()
def off() -> None:
    """Turn it off: what is stored can be read without a key again. The key stays, for backups."""
    ring = encryption.keyring()
    _keep(Keyring(ring.keys, writes=False), ring)
    _rewrite("turned encryption off")


@encrypt.command()
def rotate() -> None:
    """Make a new key and encrypt everything with it. Older keys stay, for backups."""
    ring = encryption.keyring()
    if not ring.writes:
        raise click.ClickException("Encryption is off: `flask encrypt on` turns it on.")
    if encryption.keys().given:
        click.echo(f"The first key of {VARIABLE} is taken as the new one.")
    else:
        _keep(Keyring((encryption.new_key(), *ring.keys), writes=True), ring)
    _rewrite("changed the encryption key")
    click.echo(KEEP_IT)


@encrypt.command()
def status() -> None:
    """Say whether it is on, where the keys are, and whether the newest texts can be read."""
    ring = encryption.keyring()
    where = VARIABLE if encryption.keys().given else encryption.keys().path
    click.echo(f"Encryption is {'on' if ring.writes else 'off'}. Keys: {len(ring.keys)} in {where}.")
    if trouble := sealing.trouble():
        raise click.ClickException(trouble)


@encrypt.command()
def key() -> None:
    """Print a new key, for CLINIC_ENCRYPTION_KEYS."""
    click.echo(encryption.new_key())


def _keep(ring: Keyring, before: Keyring) -> None:
    if ring == before:
        return
    try:
        encryption.keys().keep(ring)
    except encryption.GivenByVariable:
        raise click.ClickException(
            f"The keys are in {VARIABLE}: change it (`off` before the keys turns it off, a new key goes first), "
            "restart every server, and run this again."
        ) from None
    except OSError as error:  # such as a disk that is full
        raise click.ClickException(
            f"{encryption.keys().path} could not be written: {error.strerror}. Nothing was changed: mend that, "
            "and run this again."
        ) from None
    click.echo(f"Keys: {encryption.keys().path}")
    if not database.is_sqlite():
        click.echo(OF_OTHERS)


def _rewrite(did: str) -> None:
    """Walk until a walk finds nothing to do: what others wrote meanwhile is seen too. Tell the trail."""
    _let_writers_end()
    changed = unreadable = 0
    while True:
        more, unreadable = _walk()
        changed += more
        if not more:
            break
    with database.transaction():
        search.forget_deleted()
        audit.record(did, by=None, rows=changed)
    _leave_no_remains()
    click.echo(f"{changed:,} rows were written anew.")
    if unreadable:
        raise click.ClickException(
            f"{unreadable:,} rows cannot be read: the key that they were encrypted with is missing. They stay as "
            f"they are. Put that key back as another line of {site_folder.WORDS_KEYS}, and run this again."
        )


def _let_writers_end() -> None:
    """Wait for those who stored something before the keys were changed, and have not committed: a walk would not
    see it. SQLite's writers take turns anyway."""
    for table in () if database.is_sqlite() else sealing.tables():
        with database.transaction() as session:
            session.execute(text(f"LOCK TABLE {table.name} IN SHARE MODE"))


def _walk() -> tuple[int, int]:
    """One walk over all tables: how many rows it changed, and how many it could not read."""
    changed = unreadable = 0
    for table, columns in sealing.tables().items():
        hidden = not sys.stdout.isatty()
        with click.progressbar(length=sealing.count(table), label=table.name, hidden=hidden) as bar:
            last = 0
            while batch := _step(table, columns, last):
                bar.update(batch.last - last)
                last = batch.last
                changed += len(batch.changed)
                unreadable += batch.unreadable
    return changed, unreadable


def _step(table, columns, after: int) -> sealing.Batch | None:
    with database.transaction():
        batch = sealing.rewrite_some(table, columns, after=after)
        if batch and table.name == Enquiry.__tablename__:
            search.index_again(batch.changed)
        return batch


def _leave_no_remains() -> None:
    """Have SQLite write its file anew: what was freed earlier goes too. PostgreSQL is told how."""
    db.session.remove()
    if not database.is_sqlite():
        click.echo("Old versions of rows go for good with `VACUUM FULL` (it locks tables: in a quiet hour).")
        return
    try:
        with db.engine.connect() as connection:  # which has begun no transaction
            connection.connection.driver_connection.execute("VACUUM")
            connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except OperationalError as error:
        click.echo(f"The file could not be written anew ({error.orig}). Run this again in a quiet hour.", err=True)
