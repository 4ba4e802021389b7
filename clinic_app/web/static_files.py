"""Static files under names that change with their content, compressed once, cached by browsers for good.

A clinic's own files, in `instance/static/`, stand for the program's of the same name, or beside them. At start
each is copied to `instance/built/<digest of all>/` under its hashed name, with a gzip and a brotli copy beside it,
and the icons are drawn. The folder appears whole or not at all, so servers may start side by side.

Folders of before stay, and the last of them are served too: a page that a browser, a CDN or an older server holds
names the files of its time.
"""

import gzip
import hashlib
import re
import shutil
import tempfile
from collections.abc import Collection
from pathlib import Path, PurePosixPath

import brotli
from flask import Flask, current_app, url_for
from whitenoise import WhiteNoise

from .. import icons

SOURCE = Path(__file__).resolve().parent.parent.parent / "static"
COMPRESSED = {".css", ".js", ".svg", ".json", ".txt", ".webmanifest"}
OLDER = 5  # builds of before that are served
_HASHED = re.compile(r"\.[0-9a-f]{10}\.\w+$")
_BUILD = re.compile(r"[0-9a-f]{16}")
_BUILT_BEFORE = re.compile(r"[0-9a-f]{16}/")  # what earlier versions made in `instance/static/`


def files_in(folder: Path) -> dict[str, Path]:
    """`css/site.css` and where it is, for every file below the folder."""
    paths = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    return {name: path for name, path in paths.items() if "/." not in f"/{name}" and not _BUILT_BEFORE.match(name)}


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
        return built
    target.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(dir=target))
    for name, to in served:
        content = files[name].read_bytes() if name in files else icons.MADE[name]()
        copy = scratch / to
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(content)
        if copy.suffix in COMPRESSED:
            copy.with_name(copy.name + ".gz").write_bytes(gzip.compress(content, 9, mtime=0))
            copy.with_name(copy.name + ".br").write_bytes(brotli.compress(content))
    scratch.chmod(0o755)
    try:
        scratch.rename(built)
    except OSError:  # another server made it first
        shutil.rmtree(scratch)
    return built


def older_files(built: Path) -> dict[str, Path]:
    """Files under hashed names in the builds before this one. Names of today, and plain ones, are today's only."""
    builds = [folder for folder in built.parent.iterdir() if _BUILD.fullmatch(folder.name) and folder != built]
    last, today = sorted(builds, key=lambda folder: folder.stat().st_mtime)[-OLDER:], files_in(built)
    older = {name: path for folder in last for name, path in files_in(folder).items()}
    return {name: path for name, path in older.items() if _HASHED.search(name) and name not in today}


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
    app.add_url_rule("/static/<path:filename>", "static", build_only=True)

    @app.url_defaults
    def hashed(endpoint, values):
        if endpoint == "static" and values.get("filename") in names:
            values["filename"] = names[values["filename"]]

    app.jinja_env.globals.update(
        static_url=lambda name: url_for("static", filename=name),
        has_static=is_there,
    )
