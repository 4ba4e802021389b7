"""What of the instance folder belongs to the site besides its database, and so into a backup.

Pictures, own templates and own static files always; keys and settings, which are secret, only where the backup is
encrypted or somebody said so. Undelivered mail files and earlier backups never.
"""

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from flask import current_app

from ..config import ENVIRONMENT_PREFIX
from ..files import appearing_whole, copy_whole
from ..keys import encryption, secret_key
from ..site_folder import KEY, SETTINGS, WORDS_KEYS
from .manifest import Manifest
from .refusals import NotReadable

OPEN = ("media", "templates", "static")  # folders
PICTURES = "media/"
OF_THE_MACHINE = {"CLINIC_INSTANCE", "CLINIC_LISTEN"}


def contents(*, with_secrets: bool) -> Iterator[tuple[str, Path | bytes]]:
    """The members to write: name in the archive, and where it is or what it is. Raises NotReadable."""
    instance = Path(current_app.instance_path)
    for folder in OPEN:
        for file in _files_in(instance / folder):
            yield file.relative_to(instance).as_posix(), file
    if with_secrets:
        yield KEY, current_app.config["SECRET_KEY"].encode()  # also where it was given as a variable
        if (settings := instance / SETTINGS).is_file():
            yield SETTINGS, settings
        if keys := _words_keys():
            yield WORDS_KEYS, keys


def _words_keys() -> Path | bytes | None:
    """The keys that patients' words are read by, if there are any, also where they were given as a variable."""
    keys = encryption.keys()
    if keys.given:
        return keys.current().as_file()
    return keys.path if keys.path.is_file() else None


def _files_in(folder: Path) -> list[Path]:
    """All files, in order of their names, but for dotted ones, such as a picture that is just being written.

    Nothing is left out because it cannot be looked into: raises NotReadable.
    """

    def stop(error: OSError) -> None:
        raise error

    try:
        found = os.walk(folder, onerror=stop) if folder.exists() else ()
        files = (Path(at, name) for at, _, names in found for name in names if not name.startswith("."))
        return sorted(filter(_is_file, files))
    except OSError as error:
        raise NotReadable(error.filename, error) from error


def _is_file(path: Path) -> bool:
    """Whether it is one or leads to one. Raises OSError where that cannot be told."""
    with suppress(FileNotFoundError):
        return stat.S_ISREG(path.stat().st_mode)
    return False


def key_mark() -> str:
    """Sixteen characters by which to tell whether two sites have the same secret key."""
    return secret_key.digest("mark of a backup")[:16]


def variables() -> list[str]:
    """The names of the CLINIC_* variables that are set here."""
    named = {name for name in os.environ if name.startswith(ENVIRONMENT_PREFIX)}
    return sorted(named - OF_THE_MACHINE)


@contextmanager
def brought_back(folder: Path, about: Manifest, aside: Path) -> Iterator[list[str]]:
    """What was unpacked into `folder` is where it belongs for the block, which gets what there is to say of it.

    It stays when the block ends well. When anything fails, what came is gone again, and the key as it was.

    Pictures are as their names say, so those that are there stay or become whole again. Settings and own files
    that are there stay, since they may be this machine's own; the backup's go to `aside`. The key is replaced, for
    without it second factors and erasures of this database mean nothing; the one that was here goes to `aside`.
    """
    with ExitStack() as undo:
        told = _bring_files(folder, about, aside, undo)
        _add_keys(folder / WORDS_KEYS, encryption.keys().path, undo)
        yield told + _bring_key_back(folder / KEY, about, aside, undo)
        undo.pop_all()


def _bring_files(folder: Path, about: Manifest, aside: Path, undo: ExitStack) -> list[str]:
    instance = Path(current_app.instance_path)
    stayed = []
    for name in filter(_is_ours, about.members):
        here, new = instance / name, folder / name
        if _are_alike(here, new):
            continue
        if here.exists() and not name.startswith(PICTURES):
            stayed.append(name)
            here = aside / name
        _copy(new, here, undo)
        if name.startswith(PICTURES):
            here.chmod(0o644)
    told = f"These were here already and stayed; the backup's are in {aside}: {', '.join(stayed)}."
    return [told] * bool(stayed)


def _copy(new: Path, here: Path, undo: ExitStack) -> None:
    if not here.exists():
        undo.callback(_take_away, here)
    copy_whole(new, here)


def _take_away(file: Path) -> None:
    """Remove the file, and the folders that are empty without it."""
    with suppress(OSError):
        file.unlink(missing_ok=True)
        os.removedirs(file.parent)


def _is_ours(name: str) -> bool:
    return name == SETTINGS or name.startswith(tuple(f"{folder}/" for folder in OPEN))


def _add_keys(new: Path, here: Path, undo: ExitStack) -> None:
    """Have the backup's keys of patients' words beside those that are here: all are needed, each for its own.

    Whether new words are encrypted stays as it is here.
    """
    if not new.exists():
        return
    lines, come = here.read_text().splitlines() if here.exists() else [], new.read_text().splitlines()
    lines += [line for line in come if line not in lines and (line != encryption.OFF or not here.exists())]
    if not here.exists():
        undo.callback(here.unlink, missing_ok=True)
    with appearing_whole(here, mode=0o600) as file:
        file.write("".join(f"{line}\n" for line in lines).encode())


def _bring_key_back(key: Path, about: Manifest, aside: Path, undo: ExitStack) -> list[str]:
    if about.key_mark == key_mark():
        return []
    if not key.exists():
        return [
            "This site's secret key is not the one of the backup, and the backup does not hold it. Put the old "
            "instance/secret_key (or CLINIC_SECRET_KEY) back. Without it links in mails already sent do not work, "
            "second factors have to be set up anew, and nobody is recognised who was erased since: once the key "
            "is back, run `flask people erase-again`."
        ]
    here, told = Path(current_app.instance_path) / KEY, []
    if here.exists():
        _copy(here, aside / KEY, undo)
        undo.callback(take_key_back, aside)
        told.append(f"The secret key that was here is in {aside / KEY}: remove it once all is well.")
    undo.callback(current_app.config.__setitem__, "SECRET_KEY", current_app.config["SECRET_KEY"])
    _copy(key, here, undo)
    current_app.config["SECRET_KEY"] = key.read_text()
    if secret_key.VARIABLE in os.environ:
        told.append(
            "The secret key of the backup is in instance/secret_key: remove the other one, CLINIC_SECRET_KEY."
        )
    return told


def take_key_back(aside: Path) -> None:
    """Have the secret key that was put aside, where one was, in its place again."""
    instance = Path(current_app.instance_path)
    if (aside / KEY).exists():
        (aside / KEY).replace(instance / KEY)
        if secret_key.VARIABLE not in os.environ:
            current_app.config["SECRET_KEY"] = secret_key.load_or_make(instance)


def _are_alike(here: Path, new: Path) -> bool:
    if not here.exists() or here.stat().st_size != new.stat().st_size:
        return False
    digests = []
    for path in (here, new):
        with path.open("rb") as file:
            digests.append(hashlib.file_digest(file, "sha256").digest())
    return digests[0] == digests[1]
