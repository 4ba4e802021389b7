"""One file with all of a backup: a tar, compressed by gzip, encrypted where a passphrase is given.

The manifest comes last and has the SHA-256 of every other member, so a file that is not whole is told from one
that is. Members stream: none is held in memory.
"""

import gzip
import hashlib
import io
import re
import tarfile
import zlib
from collections.abc import Callable, Iterable
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from . import age, manifest
from .manifest import Manifest
from .refusals import NotReadable, NotWhole, PassphraseNeeded

BLOCK = 1024 * 1024
MOST_MANIFEST_BYTES = 64 * BLOCK
GZIP = b"\x1f\x8b"
COMPRESSION = 6


def write(
    file: BinaryIO, contents: Iterable[tuple[str, Path | bytes]], about: Manifest, passphrase: str | None
) -> None:
    """Write all `contents`, (name in the archive, where to read it or what it is), and fill in `about.members`.

    Raises NotReadable; any OSError is of the `file`.
    """
    with ExitStack() as layers:
        below = layers.enter_context(age.Writer(file, passphrase)) if passphrase else file
        packed = layers.enter_context(gzip.GzipFile("", "wb", COMPRESSION, below, mtime=0))
        tar = layers.enter_context(tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT))
        for name, source in contents:
            with io.BytesIO(source) if isinstance(source, bytes) else _Source(source) as opened:
                about.members[name] = _add(tar, name, opened)
        with io.BytesIO(about.as_bytes()) as opened:
            _add(tar, manifest.NAME, opened)


def read(path: Path, passphrase: str | None, where: Callable[[str], Path | None]) -> Manifest:
    """Read the whole archive and check all of it; `where(name)` says into which file a member goes, if any.

    Raises NotWhole, PassphraseNeeded, NewerThanProgram.
    """
    found, about = {}, None
    with _opened(path, passphrase) as tar:
        for member in tar:
            if about is not None:
                raise NotWhole("Something follows the end of the backup.")
            _be_safe(member)
            if member.name == manifest.NAME and member.size <= MOST_MANIFEST_BYTES:
                about = manifest.of_bytes(tar.extractfile(member).read())
            else:
                found[member.name] = _take(tar, member, where(member.name))
    if about is None:
        raise NotWhole("The backup was cut short: its manifest, which comes last, is missing.")
    if wrong := sorted(name for name in found | about.members if found.get(name) != about.members.get(name)):
        raise NotWhole(f"The backup is damaged: {wrong[0]} is not what its manifest says.")
    return about


class _Source(io.BufferedReader):
    """A file that goes into the archive. Raises NotReadable, lest the archive be taken for what is wrong."""

    def __init__(self, path: Path) -> None:
        try:
            super().__init__(io.FileIO(path))
        except OSError as error:
            raise NotReadable(path, error) from error

    def read(self, size: int = -1) -> bytes:
        try:
            return super().read(size)
        except OSError as error:
            raise NotReadable(self.name, error) from error


class _Hashing:
    """A file that is read, with the SHA-256 of what was read."""

    def __init__(self, file: BinaryIO) -> None:
        self.file, self.digest = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        block = self.file.read(size)
        self.digest.update(block)
        return block


def _add(tar: tarfile.TarFile, name: str, opened: BinaryIO) -> dict:
    """Add a member; gives its bytes and SHA-256."""
    member = tarfile.TarInfo(name)
    member.size = opened.seek(0, io.SEEK_END)
    member.mode = 0o600
    opened.seek(0)
    hashing = _Hashing(opened)
    tar.addfile(member, hashing)
    return {"bytes": member.size, "sha256": hashing.digest.hexdigest()}


def _take(tar: tarfile.TarFile, member: tarfile.TarInfo, to: Path | None) -> dict:
    hashing = _Hashing(tar.extractfile(member))
    if to is not None:
        to.parent.mkdir(parents=True, exist_ok=True)
    with to.open("xb") if to is not None else nullcontext() as copy:
        while block := hashing.read(BLOCK):
            if copy is not None:
                copy.write(block)
    return {"bytes": member.size, "sha256": hashing.digest.hexdigest()}


def _be_safe(member: tarfile.TarInfo) -> None:
    """Raise NotWhole unless it is a plain file whose name leads nowhere but into the folder that it goes to."""
    path = PurePosixPath(member.name)
    if not member.isreg() or path.is_absolute() or ".." in re.split(r"[/\\]", member.name):
        raise NotWhole(f"The backup holds something that no backup of this program does: {member.name!r}.")


@contextmanager
def _opened(path: Path, passphrase: str | None):
    """The archive's tar. What any of its layers says of a damaged file becomes NotWhole."""
    try:
        with ExitStack() as layers:
            file = layers.enter_context(path.open("rb"))
            packed = layers.enter_context(gzip.GzipFile(fileobj=_plain(file, passphrase), mode="rb"))
            yield layers.enter_context(tarfile.open(fileobj=packed, mode="r|"))
            while packed.read(BLOCK):  # to the end, where its checksum is
                pass
    except (tarfile.TarError, zlib.error, gzip.BadGzipFile, EOFError) as error:
        raise NotWhole("The backup is damaged or was cut short.") from error


def _plain(file: BinaryIO, passphrase: str | None) -> BinaryIO:
    """The file's content without its encryption."""
    begins = file.read(len(age.INTRODUCTION))
    file.seek(0)
    if begins.startswith(GZIP):
        return file
    if begins != age.INTRODUCTION:
        raise NotWhole("The file is not a backup of this program.")
    if not passphrase:
        raise PassphraseNeeded("The backup is encrypted: say where its passphrase is with --passphrase-file.")
    return io.BufferedReader(age.Reader(file, passphrase), BLOCK)
