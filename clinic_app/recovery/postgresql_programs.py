"""PostgreSQL's own programs, which have to be on the PATH."""

import os
import shutil
import subprocess
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from tempfile import TemporaryFile

from sqlalchemy import URL

from .refusals import ProgramFailed

PROGRAMS = ("pg_dump", "pg_restore", "psql")
LONGEST_WORDS = 500
# Restored by whom it may be: the database's user need not have the name that it had.
_ANYBODYS = ("--no-owner", "--no-privileges")
# Newer programs set what older servers do not know, and would stop there.
_FOR_ANY_SERVER = {
    b"SET transaction_timeout = 0;\n": (
        b"SELECT set_config(name, '0', false) FROM pg_settings WHERE name = 'transaction_timeout';\n"
    )
}
_HEAD_LINES = 40  # of a script, behind which only its tables and rows come
# Secrets for which libpq reads no variable (PostgreSQL, libpq, "Environment Variables").
_OTHER_SECRETS = {"sslpassword", "oauth_client_secret", "scram_client_key", "scram_server_key"}


def missing() -> list[str]:
    """Those of PROGRAMS that are not on the PATH."""
    return [program for program in PROGRAMS if shutil.which(program) is None]


def dump(url: URL, to: Path, *, schema: str, snapshot: str) -> None:
    """Write what the schema holds in the snapshot to a file. Raises ProgramFailed."""
    options = ("--format=custom", "--compress=0", f"--schema={schema}", f"--snapshot={snapshot}")
    _run("pg_dump", url, *options, *_ANYBODYS, f"--file={to}")


def read(file: Path) -> None:
    """Read a dump to its end. Raises ProgramFailed."""
    _run("pg_restore", None, f"--file={os.devnull}", str(file))


def restore(file: Path, url: URL, *, schema: str) -> None:
    """Carry the dump out, all of it or nothing. Raises ProgramFailed.

    One program writes the script and the other carries it out. What breaks off, on whichever side, never comes to
    the COMMIT.
    """
    script = (f"--schema={schema}", *_ANYBODYS, "--file=-", str(file))
    client = ("--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--output={os.devnull}")
    with (
        _started("pg_restore", None, *script, stdout=subprocess.PIPE) as writing,
        _started("psql", url, *client, stdin=subprocess.PIPE) as carrying,
        suppress(BrokenPipeError),  # by an end, whose words are told
        carrying.stdin as there,
        writing.stdout as here,
    ):
        there.write(b"BEGIN;\n")
        there.writelines(_FOR_ANY_SERVER.get(line, line) for line in islice(here, _HEAD_LINES))
        shutil.copyfileobj(here, there)
        if writing.wait() == 0:
            there.write(b"COMMIT;\n")


def _run(program: str, url: URL | None, *arguments: str) -> None:
    """Run a program on this database. Raises ProgramFailed."""
    with _started(program, url, *arguments):
        pass


@contextmanager
def _started(program: str, url: URL | None, *arguments: str, **pipes):
    """The program, started on this database; it has ended behind the block. Raises ProgramFailed, with its own
    words."""
    command, environ = _command(program, url, arguments)
    with TemporaryFile("w+", errors="replace") as said:
        started = subprocess.Popen(command, env=environ, stderr=said, **pipes)  # noqa: S603
        with started:
            yield started
        if started.returncode != 0:
            said.seek(0)
            raise ProgramFailed(f"{program} failed: {said.read().strip()[-LONGEST_WORDS:]}")


def _command(program: str, url: URL | None, arguments: tuple[str, ...]) -> tuple[list[str], dict[str, str]]:
    """The command line, and the environment that it is run in. Raises ProgramFailed.

    The password goes through the environment: what stands on a command line can be read by everybody.
    """
    path = shutil.which(program)
    if path is None:
        raise ProgramFailed(
            f"{program} is not on the PATH. Install PostgreSQL's client programs (on Debian: postgresql-client), "
            "of the server's version or a later one."
        )
    environ = dict(os.environ)
    if url is not None:
        told = _told_openly(url, program)
        if password := told.pop("password", ""):
            environ["PGPASSWORD"] = password
        arguments = ("--no-password", f"--dbname={_as_one(told)}", *arguments)
    return [path, *arguments], environ


def _told_openly(url: URL, program: str) -> dict[str, str]:
    """What the driver is told of the database, of which only the password is a secret. Raises ProgramFailed."""
    _, told = url.get_dialect()().create_connect_args(url)
    if secrets_in_it := sorted(_OTHER_SECRETS & told.keys()):
        raise ProgramFailed(
            f"database_url has {secrets_in_it[0]} in it, which {program} takes on its command line only, where "
            "everybody on this machine could read it: put it into a file ~/.pg_service.conf that only the site's "
            "user can read, and name that service in database_url (?service=NAME)."
        )
    return told


def _as_one(told: dict[str, str]) -> str:
    from psycopg.conninfo import make_conninfo  # the driver is loaded for sites on it only

    return make_conninfo(**told)
