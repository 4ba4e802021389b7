"""Static files: a clinic's own, in `instance/static/`, stand for the program's or beside them."""

import os
import re
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from clinic_app import create_app, schema
from clinic_app.extensions import db
from clinic_app.files import write_whole
from clinic_app.web import static_files
from tests.synced import synced

REALLY_BUILD = static_files.build  # that of all sites of the tests is another's copy
COLOURS = ':root { --brand: #5a2d6b } .wordmark { background: url("../img/logo.svg") }'
LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>'


@pytest.fixture
def started(tmp_path):
    """`started({"css/own.css": COLOURS})` starts a site with these files of its own; gives it."""
    apps = []

    def start(files: dict[str, str | bytes]):
        for name, content in files.items():
            file = tmp_path / "static" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content if isinstance(content, bytes) else content.encode())
        apps.append(create_app(instance=tmp_path, environ={}))
        return apps[-1]

    yield start
    for app in apps:
        app.extensions["content_version"].close()
        with app.app_context():
            db.engine.dispose()


def sent(app, name: str):
    """The file as a page links to it."""
    with app.test_request_context():
        address = app.jinja_env.globals["static_url"](name)
    return app.test_client().get(address, headers={"Accept-Encoding": "br"}, buffered=True)


def test_a_clinics_own_stylesheet_is_on_its_pages_after_the_programs(started):
    app = started({"css/own.css": COLOURS})
    with app.app_context():
        schema.upgrade()
        page = app.test_client().get("/").text
    assert [name.partition(".")[0] for name in re.findall(r'href="/static/css/(\S+)"', page)] == [
        "site",
        "components",
        "home",
        "own",
    ]


def test_the_clinics_own_files_are_compressed_and_kept_under_names_that_change_as_the_programs_are(started):
    answer = sent(started({"css/own.css": COLOURS}), "css/own.css")
    assert re.fullmatch(r"/static/css/own\.[0-9a-f]{10}\.css", answer.request.path)
    assert answer.headers["Content-Encoding"] == "br"
    assert "immutable" in answer.headers["Cache-Control"]


def test_stylesheets_reach_the_clinics_own_pictures_by_their_plain_names(started):
    client = started({"css/own.css": COLOURS, "img/logo.svg": LOGO}).test_client()
    answer = client.get("/static/img/logo.svg", buffered=True)
    assert answer.text == LOGO
    assert "immutable" not in answer.headers["Cache-Control"]


@pytest.mark.parametrize("name", ["img/favicon.svg", "img/icon-192.png", "css/home.css"])
def test_a_file_of_the_clinics_own_stands_for_the_programs_of_its_name(started, name):
    programs = sent(started({}), name)
    own = sent(started({name: b"our own"}), name)
    assert (programs.status_code, own.status_code) == (200, 200)
    assert own.request.path != programs.request.path
    assert len(own.data) < len(programs.data)


def test_what_is_no_file_to_show_is_left_alone(started):
    started({".DS_Store": "", "css/.own.css.swp": "", "0123456789abcdef/css/site.0123456789.css": "older"})
    started({"img/caf\udce9.png": "a name that no address can have: Latin-1"})
    app = started({"LICENSE": "Ours"})
    names = app.extensions["static_files"]
    assert set(names) - set(static_files.hashed_names(static_files.files_in(static_files.SOURCE))) == {"LICENSE"}
    assert re.fullmatch(r"LICENSE\.[0-9a-f]{10}", names["LICENSE"])


def test_a_page_of_before_finds_the_files_of_then_and_no_others(started):
    css, logo = {"css/own.css": COLOURS}, {"img/logo.svg": LOGO}
    then = started(css | logo)
    names = dict(then.extensions["static_files"])
    (Path(then.instance_path) / "static" / "img" / "logo.svg").unlink()
    now = started({"css/own.css": COLOURS + " /* mended */"})
    assert now.extensions["static_files"]["css/own.css"] != names["css/own.css"]
    of_then = now.test_client().get(
        f"/static/{names['css/own.css']}", headers={"Accept-Encoding": "br"}, buffered=True
    )
    assert (of_then.status_code, of_then.headers["Content-Encoding"]) == (200, "br")
    assert "immutable" in of_then.headers["Cache-Control"] and len(of_then.data) < len(COLOURS) * 2
    for gone in ("img/logo.svg", f"{names['css/own.css']}.br", "css/own.0123456789.css"):
        assert now.test_client().get(f"/static/{gone}", buffered=True).status_code == 404


def test_only_the_last_builds_of_before_are_served(tmp_path):
    for number in range(static_files.OLDER + 3):
        css = tmp_path / "built" / f"{number:016x}" / "css" / f"own.{number:010x}.css"
        css.parent.mkdir(parents=True)
        css.write_text("")
        os.utime(css.parent.parent, (number, number))
    (tmp_path / "built" / "tmp123").mkdir()  # one that is being made
    today = tmp_path / "built" / f"{static_files.OLDER + 2:016x}"
    for folder in (today, tmp_path / "built" / f"{static_files.OLDER + 1:016x}"):
        (folder / "logo.2026112901.png").write_text("the clinic's own name, which tells no digest")
    found = static_files.older_files(today)
    assert sorted(found) == [f"css/own.{number:010x}.css" for number in range(2, static_files.OLDER + 2)]


@pytest.fixture
def build(tmp_path, monkeypatch):
    """`build("a { }")` makes the static files of a site whose only one is this stylesheet; gives their folder."""
    monkeypatch.setattr(static_files.icons, "MADE", {})
    css = tmp_path / "site.css"

    def made(content: str) -> Path:
        write_whole(css, content.encode())
        files = {"css/site.css": css}
        return REALLY_BUILD(files, tmp_path / "built", static_files.hashed_names(files))

    return made


def test_what_is_built_is_on_the_disk_before_it_is_taken_for_whole(build):
    with synced() as numbers:
        built = build(COLOURS)
    sizes = {path.suffix: path.stat().st_size for path in built.rglob("*") if path.is_file()}
    assert set(sizes) == {".css", ".gz", ".br"} and all(sizes.values())
    assert {path.stat().st_ino for path in (built, *built.rglob("*"))} <= set(numbers)


def test_servers_that_start_at_once_build_the_same_and_leave_nothing_else(build):
    with ThreadPoolExecutor(8) as pool:
        (built,) = set(pool.map(build, [COLOURS] * 16))
    assert list(built.parent.iterdir()) == [built]


def test_a_build_that_fails_leaves_nothing(build, monkeypatch):
    def no_room(_content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(static_files.brotli, "compress", no_room)
    with pytest.raises(OSError, match="No space left"):
        build(COLOURS)
    monkeypatch.undo()
    built = build(COLOURS)
    assert list(built.parent.iterdir()) == [built]


def test_builds_that_nobody_has_any_more_are_removed(build):
    builds = [build(f"a {{ order: {number} }}") for number in range(static_files.LEFT + 4)]
    for number, folder in enumerate(builds):
        os.utime(folder, (number, number))
    killed, under_way = builds[0].parent / "tmp1", builds[0].parent / "tmp2"
    for folder in (killed, under_way):
        (folder / "css").mkdir(parents=True)
    long_ago = time.time() - static_files.ABANDONED_SECONDS - 60
    os.utime(killed, (long_ago, long_ago))
    build("a { order: 1 }")  # by a server that has gone back to it
    today = builds[2]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(static_files.remove_oldest, [today] * 8))
    assert set(today.parent.iterdir()) == {today, builds[1], *builds[-static_files.LEFT + 1 :], under_way}
    assert static_files.builds_before(today)[-1] == builds[1], "its pages are the youngest"


def test_a_start_needs_no_right_to_remove_what_is_old(build, monkeypatch):
    def refuse(*_where, **_how):
        raise PermissionError

    built = build(COLOURS)
    for name in ("mkdir", "utime", "rename"):
        monkeypatch.setattr(os, name, refuse)
    assert build(COLOURS) == built
    static_files.remove_oldest(built)
