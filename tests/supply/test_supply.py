"""What is installed is what was tested, down to the file; and nothing of it has a licence that nobody has read."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import distribution, version

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from clinic_app.version import VERSION

from . import licences
from .pins import ROOT, lock, pins, requirements


@pytest.fixture(scope="module")
def here():
    """The pins for this machine, by name."""
    return {canonicalize_name(pin.name): pin for pin in pins() if pin.is_for_here}


def test_every_requirement_is_locked_at_a_version_that_it_allows(here):
    for requirement in requirements():
        pin = here[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(pin.version), f"{requirement}: {pin.version}. Run `make lock`."


def test_all_that_the_requirements_lead_to_is_locked_and_nothing_else(here):
    waiting, reached = [(requirement, "") for requirement in requirements()], {}
    while waiting:
        requirement, extra = waiting.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        name = canonicalize_name(requirement.name)
        assert name in here, f"{requirement} is not locked. Run `make lock`."
        extras = {"", *requirement.extras} - reached.setdefault(name, set())
        reached[name] |= extras
        needed = [Requirement(text) for text in distribution(name).requires or []]
        waiting += [(need, extra) for need in needed for extra in extras]
    assert set(reached) == set(here)


def test_what_the_tests_run_on_is_what_is_locked(here):
    installed = {name: version(name) for name in here}
    assert installed == {name: pin.version for name, pin in here.items()}


def test_every_package_is_known_by_its_files_and_none_by_an_address():
    assert len(pins()) == len(re.findall(r"^[\w-]+==", lock(), re.M))
    for pin in pins():
        assert pin.files >= 1
    assert not re.search(r"https?:|file:|--(?!hash=)|@", lock())


def test_packages_with_compiled_parts_are_known_for_other_machines_too():
    """Linux and macOS on both processors, three Pythons: a release has many files, and the lock all of them."""
    compiled = {"cryptography", "pillow", "psycopg-binary", "granian", "brotli", "nh3", "markupsafe"}
    for pin in pins():
        if pin.name in compiled:
            assert pin.files >= 10, pin.name


def test_the_list_of_licences_is_true_and_every_licence_was_looked_at():
    text = licences.FILE.read_text()
    assert text.startswith(licences.HEADING)
    assert [line for line in licences.lines() if line not in text] == [], "Run `make lock`."


def test_a_licence_that_nobody_has_looked_at_is_refused():
    (pin,) = [pin for pin in pins() if pin.name == "flask"]
    kept = licences.PERMISSIVE.pop("BSD-3-Clause")
    try:
        with pytest.raises(licences.UnknownLicence, match="flask: BSD-3-Clause"):
            licences.licence(pin)
    finally:
        licences.PERMISSIVE["BSD-3-Clause"] = kept


def test_the_program_tells_the_version_that_the_project_has():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == VERSION


def test_an_environment_that_could_not_be_made_is_not_taken_for_one(tmp_path):
    """As on Debian without python3-venv: what `python3 -m venv` began has no pip."""
    python = tmp_path / "python3"
    python.write_text(f"""#!/bin/sh
[ "$1" = -c ] && exec {sys.executable} "$@"
mkdir -p "$3/bin"; touch "$3/bin/python"; exit 1
""")
    python.chmod(0o755)
    (tmp_path / "requirements.lock").touch()
    command = ["make", "-f", ROOT / "Makefile", "install", f"PYTHON={python}"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert b"venv .venv" in done.stdout
    assert done.returncode == 2
    assert not (tmp_path / ".venv").exists()


def test_make_run_installs_by_the_lock():
    assert "--require-hashes -r requirements.lock" in (ROOT / "Makefile").read_text()


def test_installing_frightens_nobody_with_what_pip_means_to_do_some_day(tmp_path):
    """As Debian 12's pip warns of a library that is there as its source only."""
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    warns = (
        "from pip._internal.utils import deprecation; deprecation.install_warning_logger(); "
        "deprecation.deprecated(reason='installed by setup.py', replacement=None, gone_in=None)"
    )
    python.write_text(f"""#!/bin/sh
while [ "$1" != -m ]; do flags="$flags $1"; shift; done
exec {sys.executable} $flags -c "{warns}"
""")
    python.chmod(0o755)
    (tmp_path / "requirements.lock").touch()
    command = ["make", "-f", ROOT / "Makefile", "install"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True)
    assert b"pip install" in done.stdout
    assert done.stderr == b""
