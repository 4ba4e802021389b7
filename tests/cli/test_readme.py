"""How the README runs commands: by `flask` in the program's folder, and on a server by a program of its own."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"


@pytest.fixture
def clinic(tmp_path):
    """`clinic(*words)` is what the command line gets: its words, the folder, and the mail server's password.

    It is run as whoever runs the tests, in a folder of its own.
    """
    told = re.search(r"```sh\n( *#!/bin/sh\n.*?)```", README.read_text(), re.DOTALL)[1]
    site, env, file = tmp_path / "site", tmp_path / "clinic.env", tmp_path / "clinic"
    file.write_text(told.strip().replace("/srv/clinic", str(site)).replace("/etc/clinic.env", str(env)))
    env.write_text("CLINIC_MAIL_PASSWORD='it$ \"own\"'\n")
    flask, sudo = site / ".venv" / "bin" / "flask", tmp_path / "bin" / "sudo"
    for program, does in (
        (flask, r"""printf '%s\n' "$@" "$PWD" "$CLINIC_MAIL_PASSWORD" """),
        (sudo, '[ "$1 $2" = "-u clinic" ] && shift 2 && exec "$@"'),
    ):
        program.parent.mkdir(parents=True)
        program.write_text(f"#!/bin/sh\n{does}\n")
        program.chmod(0o755)

    def run(*words: str) -> list[str]:
        path = {"PATH": f"{sudo.parent}:/usr/bin:/bin"}
        done = subprocess.run(["sh", file, *words], env=path, cwd="/", capture_output=True, check=True, text=True)
        *given, folder, password = done.stdout.splitlines()
        assert folder == str(site)
        assert password == 'it$ "own"'
        return given

    return run


def test_words_reach_the_command_as_they_were_typed_with_the_sites_variables(clinic):
    words = ["practitioners", "off", "all", "2026-12-25", "2026-12-26", "--reason", 'It\'s $HOME "closed" *']
    assert clinic(*words)[-len(words) :] == words


def test_going_through_the_first_step_again_leaves_settings(tmp_path):
    (tmp_path / "instance").mkdir()
    (tmp_path / "instance" / "clinic.example.toml").write_text("# as it comes")
    settings = tmp_path / "instance" / "clinic.toml"
    line = re.search(r"^.*sudo -u clinic install .*$", README.read_text(), re.MULTILINE)[0]
    told = line.replace("/srv/clinic", str(tmp_path)).replace("sudo -u clinic ", "")
    for text in ("# as it comes", "# as we have it"):
        subprocess.run(["sh", "-c", told], cwd=tmp_path, check=True)
        assert settings.read_text() == text
        assert settings.stat().st_mode & 0o777 == 0o600
        settings.write_text("# as we have it")


def test_flask_needs_no_word_of_which_program_in_its_folder(tmp_path):
    env = {**os.environ, "CLINIC_INSTANCE": str(tmp_path)}
    env.pop("FLASK_APP", None)
    command = [sys.executable, "-m", "flask", "encrypt", "key"]
    assert subprocess.run(command, cwd=ROOT, env=env, capture_output=True, check=True).stdout
