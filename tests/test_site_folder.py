"""A folder that the site cannot use: it is said in words, with what to do."""

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from clinic_app import config, site_folder

from .needs import missing
from .server import ROOT

# Root may read and write everything, unless it gives that up.
OBEYING = ("setpriv", "--bounding-set=-dac_override,-dac_read_search") if os.geteuid() == 0 else ()


NO_ROOM = ("prlimit", "--fsize=0")  # no file takes a byte


def started(instance, *command: str, under: tuple[str, ...] = ()) -> str:
    """What is said where the command, of a user who may do as files say, ends with 1; `under` what it is run."""
    if OBEYING and not shutil.which("setpriv"):
        missing("setpriv", "apt-get install util-linux")
    kept = {key: value for key, value in os.environ.items() if not key.startswith("CLINIC_")}
    environ = kept | {"CLINIC_INSTANCE": str(instance), "CLINIC_LISTEN": "127.0.0.1:0"}
    command = [*OBEYING, *under, sys.executable, *command]
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.fixture
def closed(tmp_path):
    """`closed(path, 0o500)` changes who may do what, until the test ends."""
    changed = []

    def close(path, mode):
        changed.append((path, path.stat().st_mode))
        path.chmod(mode)

    yield close
    for path, mode in reversed(changed):
        path.chmod(mode)


FLASK = ("-m", "flask", "--app", "wsgi")


@pytest.mark.parametrize("command", [(*FLASK, "doctor"), (*FLASK, "setup"), ("-c", "import wsgi")])
def test_a_folder_that_belongs_to_somebody_else_is_told_with_what_to_do(tmp_path, closed, command):
    closed(tmp_path, 0o500)
    said = started(tmp_path, *command)
    assert said.startswith("The site cannot start. ")
    assert f"{tmp_path}/.secret_key" in said
    assert f"give the folder to that user: chown -R USER {tmp_path}\n" in said


def test_settings_and_a_key_that_cannot_be_read_are_told_too(tmp_path, closed):
    for name in ("secret_key", "clinic.toml"):
        (tmp_path / name).touch()
        closed(tmp_path / name, 0)
        assert f"{tmp_path / name}: Permission denied. Run this as" in started(tmp_path, *FLASK, "doctor")


def set_up(instance) -> None:
    environ = os.environ | {"CLINIC_INSTANCE": str(instance), "CLINIC_LISTEN": "127.0.0.1:0"}
    command = [sys.executable, *FLASK, "setup", "--no-starter"]
    subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, check=True)


def test_a_set_up_that_cannot_write_says_so(tmp_path, closed):
    set_up(tmp_path)
    closed(tmp_path, 0o500)
    said = started(tmp_path, *FLASK, "setup")
    assert said.startswith(f"Error: {tmp_path}/.listens_on.")
    assert "Permission denied. Run this as" in said


def test_an_import_that_may_not_write_pictures_says_so(tmp_path, closed):
    set_up(tmp_path)
    (tmp_path / "media").mkdir()
    closed(tmp_path / "media", 0o500)
    said = started(tmp_path, *FLASK, "import", "markdown", str(site_folder.STARTER))
    assert said.startswith(f"Error: {tmp_path}/media/.")
    assert "Permission denied. Run this as the site's user, or give the folder to that user" in said


def test_a_first_start_that_finds_no_room_says_for_what(tmp_path):
    assert started(tmp_path, *FLASK, "setup", under=NO_ROOM).startswith(
        f"The site cannot start. {tmp_path}/secret_key: File too large."
    )


def test_a_later_one_says_so_and_leaves_the_address_that_was_known(tmp_path):
    set_up(tmp_path)
    assert started(tmp_path, *FLASK, "setup", under=NO_ROOM) == f"Error: {tmp_path}/listens_on: File too large.\n"
    assert config.load(tmp_path, {}).public_url == "http://127.0.0.1:0"


def test_what_lies_elsewhere_is_no_matter_of_the_folders_owner():
    error = PermissionError(errno.EACCES, "Permission denied", "/etc/clinic-keys")
    assert site_folder.trouble(error, Path("/srv/clinic/instance")) == "/etc/clinic-keys: Permission denied."


@pytest.mark.parametrize(
    ("number", "says"),
    [(errno.EROFS, "See why its disk takes no changes"), (errno.ENOSPC, "Make room on its disk.")],
)
def test_a_disk_that_takes_nothing_is_told_with_what_to_do(number, says):
    error = OSError(number, os.strerror(number), "/srv/clinic/instance/listens_on")
    assert says in site_folder.trouble(error, Path("/srv/clinic/instance"))
