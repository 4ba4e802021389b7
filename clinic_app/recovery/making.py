"""A backup: put together while the site serves, verified, and only then there under its name."""

from pathlib import Path
from typing import NamedTuple

from flask import current_app

from .. import clock
from ..files import appearing_whole
from ..version import VERSION
from . import archive, belongings, rotation, stores
from .manifest import Manifest
from .refusals import AlreadyThere, Refused
from .workplace import GONE_AFTER, workplace


class Made(NamedTuple):
    """A backup that is there: its file, how it was verified, and what it says of itself."""

    file: Path
    verified: str
    about: Manifest

    @property
    def bytes(self) -> int:
        return self.file.stat().st_size


def make(file: Path, *, passphrase: str | None = None, with_secrets: bool = False) -> Made:
    """Back the site up into a new file, readable by the site's user only, encrypted where a passphrase is given.

    The file is restored to a scratch place and counted before it appears. Raises Refused; then there is no file.
    """
    file = file.absolute()
    if file.exists():
        raise AlreadyThere(f"{file} is there already: name another file.")
    store, made_at = stores.of_site(), clock.now()
    with workplace() as folder:
        copied = store.copy(folder / store.member)
        about = Manifest(
            version=VERSION,
            made_at=made_at.isoformat(timespec="seconds"),
            database=store.kind,
            revision=copied.revision,
            tables=copied.tables,
            with_secrets=with_secrets,
            key_mark=belongings.key_mark(),
            variables=belongings.variables(),
        )
        members = [(store.member, folder / store.member), *belongings.contents(with_secrets=with_secrets)]
        try:
            rotation.remove_unfinished(file.parent, before=made_at - GONE_AFTER)
            with appearing_whole(file, mode=0o600) as written:
                archive.write(written, members, about, passphrase)
                written.flush()
                (folder / store.member).unlink()
                verified = _verify(Path(written.name), passphrase, folder / "scratch")
        except OSError as error:
            raise Refused(
                f"The backup could not be written to {file}: {error.strerror or error}. "
                "Choose a folder with room that the site's user can write to."
            ) from error
    return Made(file, verified, about)


def verify(file: Path, passphrase: str | None) -> str:
    """Read all of a backup and restore its database to a scratch place; says how. Raises Refused."""
    with workplace() as folder:
        return _verify(file, passphrase, folder)


def _verify(file: Path, passphrase: str | None, folder: Path) -> str:
    try:
        return _try_out(file, passphrase, folder)
    except OSError as error:
        raise Refused(
            f"The backup could not be tried out: {error.strerror or error}. Make room on the disk of "
            f"{current_app.instance_path}, or mend what else it says, and try again."
        ) from error


def _try_out(file: Path, passphrase: str | None, folder: Path) -> str:
    store = stores.of_site()
    about = archive.read(file, passphrase, lambda name: folder / name if name == store.member else None)
    if about.database != store.kind:
        return f"read to its end, but NOT restored to a scratch place, since this site is not on {about.database}"
    found, how = store.check(folder / store.member)
    if found is not None:
        stores.compare(found.tables, about.tables)
    return how
