"""`flask backup`, `restore` and `copy-database`: keep what the site holds elsewhere, put it back, move it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.exc import SQLAlchemyError

from .. import clock, database, schema, site_folder
from ..accounts import audit
from ..keys import encryption, sealing, secret_key
from ..people import beside_backups
from ..people import restoring as people
from ..recovery import (
    age,
    belongings,
    broken_off,
    making,
    manifest,
    moving,
    passphrases,
    restoring,
    runs,
    schedule,
)
from ..recovery.refusals import Refused
from .words import TAKEN_BACK, NamedFile, StoredFile, tell_wait

FILE = NamedFile(dir_okay=False, path_type=Path)
passphrase_option = click.option(
    "--passphrase-file", type=FILE, help="A file whose first line is the passphrase of an encrypted backup."
)


@click.command()
@click.argument("file", type=FILE, required=False)
@click.option("--encrypt", is_flag=True, help="Ask for a passphrase and encrypt the backup.")
@passphrase_option
@click.option("--with-secrets", is_flag=True, help="Have the secret key and clinic.toml in it, even unencrypted.")
@click.option("--scheduled", is_flag=True, help="For cron: into the setting backup_folder, if one is due.")
@with_appcontext
def backup(file, encrypt: bool, passphrase_file, with_secrets: bool, scheduled: bool) -> None:
    """Back the site up into FILE while it serves: database, pictures, own templates and static files.

    An encrypted one also holds the secret key and the settings. Each is verified by restoring it to a scratch
    place.
    """
    if scheduled == bool(file) or str(file) == "-":
        raise click.UsageError("Name a FILE that is not there yet, or say --scheduled.")
    with _refusals_in_words():
        if scheduled:
            _scheduled()
            return
        passphrase = _passphrase_to_set(encrypt, passphrase_file)
        started_at = clock.now()
        made = making.make(file, passphrase=passphrase, with_secrets=with_secrets or passphrase is not None)
        _write_down(made, started_at, encrypted=passphrase is not None)
        _tell(made, encrypted=passphrase is not None)


@click.command()
@click.argument("file", type=StoredFile())
@passphrase_option
@click.option(
    "--replace", is_flag=True, help="Put it in the place of the data that is there, which is kept aside."
)
@click.option("--dry-run", is_flag=True, help="Only check the backup, by restoring it to a scratch place.")
@with_appcontext
def restore(file: Path, passphrase_file, replace: bool, dry_run: bool) -> None:
    """Bring the site to what it was when the backup FILE was made. Stop the site first."""
    with _refusals_in_words():
        passphrase = _passphrase_of(file, passphrase_file)
        if dry_run:
            click.echo(f"The backup is whole: {making.verify(file, passphrase)}. Nothing was changed.")
            return
        back = []
        with schema.setting_up(wait=tell_wait):
            if broken_off.take_back():
                click.echo(TAKEN_BACK)
            erasures = _erasures(file)
            restored = restoring.restore(
                file, passphrase=passphrase, replace=replace, finish=lambda: back.extend(_erase_again(erasures))
            )
        _tell_restored(restored)
        _tell_erased(back, is_known=bool(erasures) or beside_backups.is_in(file.parent))


@click.command("copy-database")
@click.argument("file", type=StoredFile())
@with_appcontext
def copy_database(file: Path) -> None:
    """Copy all records of the SQLite FILE to the empty PostgreSQL database that database_url names.

    Stop the site first. Either everything is copied, or nothing. The file stays as it is.
    """
    with _refusals_in_words(), schema.setting_up(wait=tell_wait):
        copied = moving.copy(file)
    click.echo(
        f"Copied {copied.rows:,} rows of {len(copied.tables)} tables, and counted them in both: start the site. "
        "Pictures, keys and settings stay where they are."
    )
    click.echo(f"{file} is not used any more: it holds patients' words, so remove it once all is well.")


def _erasures(backup: Path) -> list[str]:
    """What is known of who and what was erased: by the note beside the backup, and by this site's database as far
    as it can still be read. Raises NotAnErasure."""
    noted = beside_backups.noted_in(backup.parent)
    people.check(noted)
    try:
        return noted + list(people.lines())
    except SQLAlchemyError:
        return noted


def _erase_again(erasures: list[str]) -> list[people.Again]:
    """Who was erased since the backup stays so, as far as that is known."""
    with database.transaction():
        people.take(erasures)
        back = people.back()
        for again in back:
            people.erase_again(again)
    return back


def _scheduled() -> None:
    if not schedule.is_wanted():
        raise Refused("Set backup_folder first: the folder to keep backups in.")
    with database.transaction():
        run_id = schedule.take() if schedule.is_due() else None
    if run_id is None:
        click.echo(
            "No backup is due: there is one already, another server makes it, or nothing of yours is in the site "
            "yet."
        )
        return
    made = schedule.make(run_id)
    click.echo(f"Backed up to {made.file}: {_size(made.bytes)}, {made.verified}.")


def _write_down(made: making.Made, started_at, *, encrypted: bool) -> None:
    """A database that takes no more entries is no reason to call a backup that is there a failure."""
    try:
        with database.transaction():
            run = runs.begin(made.file.name, encrypted=encrypted)
            run.started_at = started_at
            runs.end_well(run, made)
            audit.record("backed up", by=None)
    except SQLAlchemyError as error:
        click.echo(f"The backup could not be entered in the list of backups: {type(error).__name__}.", err=True)


def _tell(made: making.Made, *, encrypted: bool) -> None:
    about = made.about
    click.echo(
        f"Backed up to {made.file}: {_size(made.bytes)}, {sum(about.tables.values()):,} rows of "
        f"{len(about.tables)} tables, {len(about.members) - 1} other files."
    )
    click.echo(f"Verified: {made.verified}.")
    if not encrypted:
        click.echo("It is NOT encrypted and holds patients' words: keep it as you keep those (or say --encrypt).")
    if not about.with_secrets:
        _tell_secrets()
    inside = {secret_key.VARIABLE, encryption.VARIABLE} if about.with_secrets else set()
    if given := [name for name in about.variables if name not in inside]:
        click.echo(f"Never in a backup, but set here, so note their values: {', '.join(given)}.")


def _tell_secrets() -> None:
    """What a plain backup has not, and what becomes of the site without it."""
    click.echo(
        f"NOT in it: the secret key{', clinic.toml and encryption_keys' if _has_keys() else ' and clinic.toml'}. "
        "Keep copies of instance/secret_key (or CLINIC_SECRET_KEY) and of instance/clinic.toml apart from it: "
        "without the key, second factors have to be set up anew."
    )
    if _has_keys():
        click.echo(
            f"Keep a copy of {encryption.keys().path} too, apart from both: without encryption_keys nobody can "
            "read what patients wrote."
        )


def _has_keys() -> bool:
    """Whether there is a file of the keys that patients' words are encrypted with."""
    return encryption.keys().path.is_file()


def _tell_restored(restored: restoring.Restored) -> None:
    about, made_at = restored.about, clock.format_in_full(datetime.fromisoformat(restored.about.made_at))
    click.echo(
        f"Restored what was there on {made_at}: {sum(about.tables.values()):,} rows of {len(about.tables)} "
        f"tables, {len(about.members) - 1} other files."
    )
    if restored.migrations:
        click.echo(f"The schema was brought up to date (migrations applied: {restored.migrations}).")
    if restored.aside:
        click.echo(f"What was here before is kept in {restored.aside}: remove that once all is well.")
    for remark in (*restored.remarks, *_missing(about), *_unreadable()):
        click.echo(remark)
    if restored.waiting_mails:
        click.echo(
            f"{restored.waiting_mails} mails wait as they did then, and go out when the site starts with its "
            "mail server, also those that went out since the backup: look at "
            "`flask mail list --state queued` first."
        )
    click.echo("Everybody is signed out.")


def _missing(about: manifest.Manifest) -> Iterator[str]:
    """What the site ran with, as far as the backup tells, and does not have here."""
    settings = Path(current_app.instance_path) / site_folder.SETTINGS
    if not about.with_secrets and not settings.exists():
        yield (
            f"The backup holds no clinic.toml, and {settings} is not there: put the old one in its place before "
            "the site starts. Until mail_server is set, emails wait."
        )
    here = set(belongings.variables())
    if about.key_mark == belongings.key_mark():
        here.add(secret_key.VARIABLE)  # which may be in the file by now
    if site_folder.WORDS_KEYS in about.members:
        here.add(encryption.VARIABLE)
    if lacking := set(about.variables) - here:
        yield f"The site ran with variables that are not set here: {', '.join(sorted(lacking))}. Set them again."


def _unreadable() -> Iterator[str]:
    """What is to be done where patients' words came back without the keys that they were encrypted with."""
    if trouble := sealing.unreadable():
        keys = encryption.keys()
        place = f"back into {encryption.VARIABLE}" if keys.given else f"in its place, {keys.path}"
        yield f"{trouble} Put the old encryption_keys {place}, before the site starts: docs/privacy.md."


def _tell_erased(back: list[people.Again], *, is_known: bool) -> None:
    if back:
        click.echo(
            f"Erased again, because they were erased since the backup: {len(back)} addresses, numbers and "
            "testimonials."
        )
    elif not is_known:
        click.echo(
            f"Was anybody erased since the backup? No {beside_backups.NAME} lies beside it: fetch that file from "
            "where the automatic backups are, and run `flask people erase-again FILE`."
        )


def _passphrase_to_set(encrypt: bool, passphrase_file: Path | None) -> str | None:
    if passphrase_file:
        return passphrases.in_file(passphrase_file)
    if encrypt:
        typed = click.prompt("Passphrase for the backup", hide_input=True, confirmation_prompt=True)
        return passphrases.check(typed, where="what you typed")
    return None


def _passphrase_of(file: Path, passphrase_file: Path | None) -> str | None:
    if passphrase_file:
        return passphrases.in_file(passphrase_file)
    if age.is_encrypted(file) and sys.stdin.isatty():
        return click.prompt("Passphrase of the backup", hide_input=True)
    return None


@contextmanager
def _refusals_in_words():
    try:
        yield
    except (Refused, schema.SchemaMismatch) as refusal:
        raise click.ClickException(str(refusal)) from None
    except people.NotAnErasure as error:
        raise click.ClickException(
            f"{beside_backups.NAME} beside the backup has a line that no site wrote: {str(error)[:60]!r}. Nothing "
            "was changed: put a whole copy of that file in its place, and restore again."
        ) from None


def _size(count: int) -> str:
    return f"{count / 1e6:,.1f} MB" if count >= 1e5 else f"{count / 1e3:,.1f} kB"
