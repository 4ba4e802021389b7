"""Static files under names that change with their content, compressed once, cached by browsers for good.

At start each file of `static/` is copied to `instance/static/<digest of all>/` under its hashed name, with a
gzip and a brotli copy beside it, and the icons are drawn. The folder appears whole or not at all, so servers may
start side by side.
"""

import gzip
import hashlib
import re
import shutil
import tempfile
from pathlib import Path

import brotli
from flask import Flask, url_for
from whitenoise import WhiteNoise

from .. import icons

SOURCE = Path(__file__).resolve().parent.parent.parent / "static"
COMPRESSED = {".css", ".js", ".svg", ".json", ".txt", ".webmanifest"}


def hashed_names(source: Path) -> dict[str, str]:
    """`css/site.css` to `css/site.3f2a9c01d4.css`, for every file below `source` and every icon."""
    paths = sorted(p for p in source.rglob("*") if p.is_file() and not p.name.startswith("."))
    contents = {path.relative_to(source).as_posix(): path.read_bytes() for path in paths}
    contents |= dict.fromkeys(icons.MADE, icons.recipe())
    return {name: _hashed(name, content) for name, content in contents.items()}


def _hashed(name: str, content: bytes) -> str:
    stem, _, kind = name.rpartition(".")
    return f"{stem}.{hashlib.sha256(content).hexdigest()[:10]}.{kind}"


def build(source: Path, target: Path, names: dict[str, str]) -> Path:
    """The folder below `target` that holds the files under their hashed names; made if it is not there."""
    built = target / hashlib.sha256("\n".join(names.values()).encode()).hexdigest()[:16]
    if built.exists():
        return built
    target.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(dir=target))
    for name, hashed in names.items():
        content = icons.MADE[name]() if name in icons.MADE else (source / name).read_bytes()
        copy = scratch / hashed
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


def init_app(app: Flask) -> None:
    """Serve the files at /static/, and make `url_for("static", filename=...)` give the hashed names."""
    names = hashed_names(SOURCE)
    folder = build(SOURCE, Path(app.instance_path) / "static", names)
    app.wsgi_app = WhiteNoise(
        app.wsgi_app,
        root=folder,
        prefix="static/",
        allow_all_origins=False,
        immutable_file_test=lambda path, url: re.search(r"\.[0-9a-f]{10}\.\w+$", url) is not None,
        add_headers_function=lambda headers, path, url: headers.setdefault("X-Content-Type-Options", "nosniff"),
    )
    app.add_url_rule("/static/<path:filename>", "static", build_only=True)

    @app.url_defaults
    def hashed(endpoint, values):
        if endpoint == "static" and values.get("filename") in names:
            values["filename"] = names[values["filename"]]

    app.jinja_env.globals["static_url"] = lambda name: url_for("static", filename=name)
