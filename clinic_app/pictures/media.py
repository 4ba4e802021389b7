"""Pictures of the running site, kept in `instance/media/` under names made from their content.

A name never changes its content, so browsers may keep it for good, and a picture brought in twice is one file.
"""

import hashlib
import re
from pathlib import Path

from flask import current_app

from ..files import write_whole

SIGNATURES = {
    ".png": rb"\x89PNG\r\n\x1a\n",
    ".jpg": rb"\xff\xd8\xff",
    ".gif": rb"GIF8[79]a",
    ".webp": rb"RIFF....WEBP",
    ".avif": rb"....ftypavi[fs]",
    # `*+`: a row of comments is cut in one way, of more than any machine has time for.
    ".svg": rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*+(?:<!DOCTYPE svg[^>]*>\s*)?<svg[\s>]",
}
MAX_MB = 8
MAX_BYTES = MAX_MB * 1024 * 1024
URL_PREFIX = "/media/"


class NotAPicture(Exception):
    """The file is missing, too large, or no kind of picture that the site shows; the text says which."""


def folder() -> Path:
    """Where the running site keeps its pictures."""
    return Path(current_app.instance_path) / "media"


def url(name: str) -> str | None:
    """The address on this site of a stored picture; None for no name."""
    return URL_PREFIX + name if name else None


class Staging:
    """Pictures taken up by an import, written only when it succeeds: `add` each, then `write` before the commit.

    A crash between the two leaves a file that nothing names, never a name without its file.
    """

    def __init__(self) -> None:
        self._sources: dict[Path, str] = {}

    def add(self, path: Path) -> str:
        """The name under which the picture will be kept. Raises NotAPicture."""
        path = path.resolve()
        if path not in self._sources:
            self._sources[path] = name_for(path)
        return self._sources[path]

    def write(self) -> None:
        """Copy what is not there yet; each file appears whole or not at all."""
        for source, name in self._sources.items():
            if not (folder() / name).exists():
                write(name, source.read_bytes())


def name_for(path: Path) -> str:
    """`ten-stones.3f2a9c01d4aa.svg`: the file's name, a digest of its content, its kind. Raises NotAPicture."""
    try:
        size = path.stat().st_size
        content = path.read_bytes() if size <= MAX_BYTES else b""
    except OSError:
        raise NotAPicture(f"picture {path.name!r} is not there") from None
    if size > MAX_BYTES:
        raise NotAPicture(f"picture {path.name!r} is larger than {MAX_MB} MB")
    kind = next((k for k, sign in SIGNATURES.items() if re.match(sign, content, re.DOTALL)), None)
    if kind is None:
        raise NotAPicture(f"{path.name!r} is not a picture (PNG, JPEG, GIF, WebP, AVIF or SVG)")
    return f"{stem(path.name)}.{hashlib.sha256(content).hexdigest()[:12]}{kind}"


def stem(file_name: str) -> str:
    """How a stored picture's name begins: the file's name without its ending, in letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", Path(file_name).stem.lower()).strip("-")[:40].strip("-") or "picture"


def write(name: str, content: bytes) -> None:
    """Keep a file under this name; it appears whole or not at all."""
    write_whole(folder() / name, content)
