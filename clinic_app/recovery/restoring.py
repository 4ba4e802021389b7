"""Putting a backup back: all of it is checked first, and what was there kept aside until the new is in place."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from flask import current_app
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import DBAPIError

from .. import clock, database, schema, servers, site_marks
from ..accounts import audit
from ..accounts.models import SignIn
from ..extensions import db
from ..mail.models import OutboxMail
from . import age, archive, belongings, broken_off, known_key, runs, stores
from .manifest import Manifest
from .models import BackupRun
from .refusals import AlreadyThere, NewerThanProgram, OtherDatabase, Refused
from .workplace import workplace

NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


class Restored(NamedTuple):
    """What came back, where what was there is kept (None where there was nothing), and what to know of it."""

    about: Manifest
    aside: str | None
    migrations: int
    waiting_mails: int
    remarks: list[str]


def restore(
    file: Path,
    *,
    passphrase: str | None = None,
    replace: bool = False,
    finish: Callable[[], object] = lambda: None,
) -> Restored:
    """Bring the site to what it was when the backup was made, its schema to this program's, and then `finish`.

    Everybody is signed out. Raises Refused, or what a migration or `finish` raises; then what was there is there
    as it was.
    """
    try:
        with workplace() as folder:
            return _restore(file, folder, passphrase, replace, finish)
    except OSError as error:  # such as a disk that is full
        raise Refused(
            f"The backup could not be put back: {error.strerror or error}. What was there is there as it was. "
            f"Make room on the disk of {current_app.instance_path}, or mend what else it says, and restore again."
        ) from error


def _restore(
    file: Path, folder: Path, passphrase: str | None, replace: bool, finish: Callable[[], object]
) -> Restored:
    store = stores.of_site()
    db.session.remove()
    about = archive.read(file, passphrase, lambda name: folder / name)
    _refuse_strangers(about, store)
    held = store.holds()
    if held is not None and not replace:
        raise AlreadyThere(
            f"This site has data already ({held.rows:,} rows). Say --replace to put the backup in its place; "
            "what is there now is kept aside."
        )
    stamp = clock.now().strftime("%Y%m%d_%H%M%S")
    with _set_aside(store, stamp) as aside:
        stores.compare(store.put_in(folder / store.member).tables, about.tables)
        migrations = len(schema.pending_migrations())
        schema.upgrade()
        waiting = _begin_again(about, file)
        with belongings.brought_back(folder, about, broken_off.beside(stamp)) as remarks:
            finish()
            store.end_restore(stamp)
    if held is None:
        store.tidy(stamp)
    return Restored(about, aside if held is not None else None, migrations, waiting, remarks)


@contextmanager
def _set_aside(store, stamp: str) -> Iterator[str]:
    """What is there is away for the block, and back where it was when the block fails. Raises Refused where it
    cannot be put back now."""
    aside = store.set_aside(stamp)
    try:
        yield aside
    except BaseException:
        db.session.remove()
        try:
            store.take_back(stamp)
        except (OSError, DBAPIError) as error:
            told = str(getattr(error, "orig", error)).partition("\n")[0].rstrip(".")
            raise Refused(
                f"The restore failed, and what was there cannot be put back now: {told}. "
                f"It is kept in {aside}. Mend that: then it is put back when the site starts or you restore again."
            ) from error
        raise


def _refuse_strangers(about: Manifest, store) -> None:
    if about.database != store.kind:
        raise OtherDatabase(
            f"The backup is of {NAMES[about.database]}, and this site's database_url is of {NAMES[store.kind]}. "
            "Point the setting to a database of the same kind."
        )
    if about.revision not in schema.revisions():
        raise NewerThanProgram(
            f"The backup's schema ({about.revision}) is of a later version of this program ({about.version}). "
            "Update the program first."
        )


def _begin_again(about: Manifest, file: Path) -> int:
    """End what was under way when the backup was made; gives how many mails wait to go out."""
    with database.transaction() as session:
        session.execute(delete(SignIn))  # a sign-in that was ended since would be good again
        session.execute(delete(BackupRun).where(BackupRun.finished_at.is_(None)))
        session.execute(delete(servers.Server))  # who is here tells so anew
        runs.note_restored(file, about, encrypted=age.is_encrypted(file))
        site_marks.keep(known_key.KNOWN, about.key_mark)
        site_marks.keep(site_marks.MAIL_SERVER)  # it may be set later: until then mails wait
        audit.record("restored a backup", by=None, made_at=about.made_at)
        waits = OutboxMail.state.in_(("queued", "sending")) & OutboxMail.withdrawn_at.is_(None)
        session.execute(update(OutboxMail).where(waits).values(first_attempted_at=None))  # two days from now on
        return session.scalar(select(func.count()).select_from(OutboxMail).where(waits))
