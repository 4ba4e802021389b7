"""Files that appear whole or not at all, whoever reads or writes them at the same time."""

import os
import shutil
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def appearing_whole(path: Path, *, mode: int = 0o644, first_stays: bool = False):
    """A new file to write to: it takes the place of `path` when the block ends well, and is gone when it does not.

    It is on the disk before it appears: what is there after a power cut is the old file or the new one. Where
    several write at once, the last one wins; with `first_stays`, the first.
    """
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:50]}.")
    os.close(handle)
    try:
        with Path(temporary).open("wb") as file:  # by its name, which the file then knows
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(mode)
        if first_stays:
            _link(temporary, path)
        else:
            Path(temporary).replace(path)
    except BaseException as error:
        Path(temporary).unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename is None:
            error.filename = str(path)  # who finds no room does not say for what
        raise
    keep_names(path.parent)


def write_whole(path: Path, content: bytes) -> None:
    """Write the file, readable by all, in place of one that is there; its folder is made where it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with appearing_whole(path) as file:
        file.write(content)


def copy_whole(source: Path, path: Path) -> None:
    """Copy a file, readable by the site's user only, in place of one that is there; its folder is made too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with source.open("rb") as content, appearing_whole(path, mode=0o600) as file:
        shutil.copyfileobj(content, file, 1024 * 1024)


def _link(temporary: str, path: Path) -> None:
    with suppress(FileExistsError):
        os.link(temporary, path)
    Path(temporary).unlink()


def keep_names(folder: Path) -> None:
    """Write the folder's own entries to the disk: until then a power cut could lose a new file's name."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
