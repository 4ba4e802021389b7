"""Static files under names that change with their content, compressed once, cached by browsers for good.

A clinic's own files, in `instance/static/`, stand for the program's of the same name, or beside them. At start
each is copied to `instance/built/<digest of all>/` under its hashed name, with a gzip and a brotli copy beside it,
and the icons are drawn. The folder appears whole or not at all, so servers may start side by side.

The last folders of before are served too: a page that a browser, a CDN or an older server holds names the files of
its time. Those before them are removed.
"""

import gzip
import hashlib
import os
import re
import tempfile
import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path, PurePosixPath

import brotli
from flask import Flask, current_app, url_for
from whitenoise import WhiteNoise

from ..files import keep_names, write_whole
from ..pictures import icons

SOURCE = Path(__file__).resolve().parent.parent.parent / "static"
COMPRESSED = {".css", ".js", ".svg", ".json", ".txt", ".webmanifest"}
OLDER = 5  # builds of before that are served
LEFT = 2 * OLDER  # builds of before that stay: a server that still runs serves those before its own
ABANDONED_SECONDS = 24 * 60 * 60  # then nobody builds any more in a folder that was begun
_HASHED = re.compile(r"\.[0-9a-f]{10}\.\w+$")
_BUILD = re.compile(r"[0-9a-f]{16}")
# What is hidden, what earlier versions made in `instance/static/`, and names whose bytes are no UTF-8.
_NO_NAME = re.compile(r"/\.|^/[0-9a-f]{16}/|[\ud800-\udfff]")


def files_in(folder: Path) -> dict[str, Path]:
    """`css/site.css` and where it is, for every file below the folder that an address can name."""
    paths = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    return {name: path for name, path in paths.items() if not _NO_NAME.search(f"/{name}")}


def hashed_names(files: dict[str, Path]) -> dict[str, str]:
    """`css/site.css` to `css/site.3f2a9c01d4.css`, for each file and every icon."""
    contents = dict.fromkeys(icons.MADE, icons.recipe())
    contents |= {name: path.read_bytes() for name, path in files.items()}
    return {name: _hashed(name, content) for name, content in contents.items()}


def _hashed(name: str, content: bytes) -> str:
    path = PurePosixPath(name)
    return str(path.with_suffix(f".{hashlib.sha256(content).hexdigest()[:10]}{path.suffix}"))


def build(files: dict[str, Path], target: Path, names: dict[str, str], *, plain: Collection[str] = ()) -> Path:
    """The folder below `target` that holds the files under their hashed names; made if it is not there.

    Those in `plain` are there under their plain names too: a clinic's stylesheets name pictures and fonts so.
    """
    served = [*names.items(), *((name, name) for name in plain)]
    built = target / hashlib.sha256("\n".join(to for _, to in served).encode()).hexdigest()[:16]
    if built.exists():
        with suppress(OSError):  # where it may only be read
            os.utime(built)
        return built
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target) as scratch:
        folder = Path(scratch) / built.name
        for name, to in served:
            _write(folder / to, files[name].read_bytes() if name in files else icons.MADE[name]())
        for inside in (folder, *filter(Path.is_dir, folder.rglob("*"))):
            keep_names(inside)
        with suppress(OSError):  # another server made it first
            folder.rename(built)
    return built


def _write(path: Path, content: bytes) -> None:
    """On the disk before the folder appears, which is taken for whole from then on, after a power cut too."""
    write_whole(path, content)
    if path.suffix in COMPRESSED:
        write_whole(path.with_name(path.name + ".gz"), gzip.compress(content, 9, mtime=0))
        write_whole(path.with_name(path.name + ".br"), brotli.compress(content))


def builds_before(built: Path) -> list[Path]:
    """The builds before this one, those last that a server started with most lately."""
    builds = [folder for folder in built.parent.iterdir() if _BUILD.fullmatch(folder.name) and folder != built]
    return sorted(builds, key=_last_used)


def _last_used(folder: Path) -> float:
    try:
        return folder.stat().st_mtime
    except FileNotFoundError:  # another server that starts has just removed it
        return 0


def older_files(built: Path) -> dict[str, Path]:
    """Files under hashed names in the builds before this one. Names of today, and plain ones, are today's only."""
    today = files_in(built)
    older = {name: path for folder in builds_before(built)[-OLDER:] for name, path in files_in(folder).items()}
    return {name: path for name, path in older.items() if _HASHED.search(name) and name not in today}


def remove_oldest(built: Path) -> None:
    """Remove all but the last builds, and what a server that was killed had begun."""
    since = time.time() - ABANDONED_SECONDS
    begun = [folder for folder in built.parent.glob("tmp*") if _last_used(folder) < since]
    # Each goes at once, and is taken for a whole one no more. Where another server was first, it does the rest.
    with suppress(OSError), tempfile.TemporaryDirectory(dir=built.parent) as scratch:
        for folder in builds_before(built)[:-LEFT] + begun:
            folder.rename(Path(scratch) / folder.name)


def is_there(name: str) -> bool:
    """Whether the site has a static file of this name, the program's or the clinic's own."""
    return name in current_app.extensions["static_files"]


def init_app(app: Flask) -> None:
    """Serve the files at /static/, and make `url_for("static", filename=...)` give the hashed names."""
    instance = Path(app.instance_path)
    own = files_in(instance / "static")
    files = files_in(SOURCE) | own
    names = app.extensions["static_files"] = hashed_names(files)
    folder = build(files, instance / "built", names, plain=own)
    app.wsgi_app = served = WhiteNoise(
        app.wsgi_app,
        root=folder,
        prefix="static/",
        allow_all_origins=False,
        immutable_file_test=lambda path, url: _HASHED.search(url) is not None,
        add_headers_function=lambda headers, path, url: headers.setdefault("X-Content-Type-Options", "nosniff"),
    )
    for name, path in older_files(folder).items():
        served.add_file_to_dictionary(f"/static/{name}", str(path))
    remove_oldest(folder)
    app.add_url_rule("/static/<path:filename>", "static", build_only=True)

    @app.url_defaults
    def hashed(endpoint, values):
        if endpoint == "static" and values.get("filename") in names:
            values["filename"] = names[values["filename"]]

    app.jinja_env.globals.update(
        static_url=lambda name: url_for("static", filename=name),
        has_static=is_there,
    )
