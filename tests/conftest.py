"""The site under test: migrated databases of both kinds, emptied after each test."""

import dataclasses
import gc
import shutil
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import hypothesis
import pytest
from jinja2 import BytecodeCache
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from clinic_app import create_app, database, schema
from clinic_app.extensions import db
from clinic_app.web import static_files

from . import browser as browsers
from . import databases
from .client import Client
from .stored import Made
from .tally import pytest_collection_modifyitems, pytest_terminal_summary, tally  # noqa: F401  for all tests

hypothesis.settings.register_profile("patient", deadline=None)  # machines are slow, and busy with other tests
hypothesis.settings.load_profile("patient")


def pytest_collection_finish():
    """Leave what was loaded, and the thousands of tests, out of every search for rubbish from now on.

    The search itself is made less often: what a test leaves is little, and memory is plenty.
    """
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


class Compiled(BytecodeCache):
    """Templates that this process has compiled, for all its applications; each under a digest of its text."""

    def __init__(self):
        self.codes = {}

    def load_bytecode(self, bucket):
        bucket.code = self.codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket):
        self.codes[bucket.key, bucket.checksum] = bucket.code


COMPILED = Compiled()
# Hashing takes long by intent; where that is what is tested, see the fixture `costly_hashes`.
CHEAP_HASHES = {"argon2__time_cost": 1, "argon2__memory_cost": 8}  # KiB


@pytest.fixture(scope="session", autouse=True)
def static_files_made_once(tmp_path_factory):
    """Compressing them and drawing icons takes half a second: all sites of this process share what that makes."""
    folder, really = tmp_path_factory.mktemp("static"), static_files.build

    def build(files, target, names, *, plain=()):
        built = really(files, folder, names, plain=plain)
        shared = target / built.name
        if not shared.exists():
            target.mkdir(parents=True, exist_ok=True)
            shared.symlink_to(built)
        return shared

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(static_files, "build", build)
        yield


@pytest.fixture(scope="session")
def browser():
    """One browser for all tests."""
    with browsers.launched() as browser:
        yield browser


@pytest.fixture(scope="session")
def postgres(tmp_path_factory):
    """The address of a PostgreSQL server's first database."""
    with databases.postgres_server(tmp_path_factory.mktemp("postgres")) as url:
        yield url


@pytest.fixture(scope="session")
def migrated_postgres(postgres, tmp_path_factory):
    """`migrated_postgres(name)` makes a database on the newest schema, as a copy of one; gives its address."""
    environ = {"CLINIC_DATABASE_URL": databases.create_database(postgres, databases.MIGRATED)}
    app = create_app(instance=tmp_path_factory.mktemp("migrated"), environ=environ)
    with app.app_context():
        schema.upgrade()
        db.session.remove()
        db.engine.dispose()
    app.extensions["content_version"].close()
    return partial(databases.create_database, postgres, like=databases.MIGRATED)


@pytest.fixture(scope="session", params=databases.KINDS)
def migrated_app(request, tmp_path_factory):
    """An application on a migrated database, SQLite and PostgreSQL in turn."""
    environ = {"CLINIC_PUBLIC_URL": "https://clinic.example", "CLINIC_RATE_LIMITS": "off"}
    if request.param == "postgresql":
        environ["CLINIC_DATABASE_URL"] = request.getfixturevalue("migrated_postgres")("clinic_tests")
    app = create_app(instance=tmp_path_factory.mktemp(request.param), environ=environ)
    app.jinja_env.bytecode_cache = COMPILED
    app.extensions["security"].pwd_context.update(**CHEAP_HASHES)
    app.extensions["security"].totp_factory._totp.wallet.encrypt_cost = 4  # secrets of apps for codes
    app.test_client_class = Client
    app.testing = True
    with app.app_context():
        databases.make_sqlite_hasty(db.engine)
        if request.param == "sqlite":
            schema.upgrade()
    yield app
    app.extensions["content_version"].close()
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def app(migrated_app):
    """The application, in whose context the test runs; its tables are empty."""
    settings = migrated_app.config["CLINIC"]
    with migrated_app.app_context():
        yield migrated_app
        databases.empty_all_tables()
    migrated_app.config["CLINIC"] = settings


@pytest.fixture
def writing(app):
    """All of the test is one transaction that writes."""
    with database.transaction():
        yield


@pytest.fixture
def own_folder(app, tmp_path):
    """The folder, of the test's own, in which the application keeps pictures and cards."""
    before, app.instance_path = app.instance_path, str(tmp_path)
    yield tmp_path
    app.instance_path = before


@pytest.fixture(scope="session")
def made_once():
    """`made_once("jo", make)` makes rows once on each database, and puts them into later tests' empty tables."""
    return Made()


@pytest.fixture
def costly_hashes(app):
    """Passwords are hashed at the cost that they have on a real site."""
    context = app.extensions["security"].pwd_context
    context.update(**app.config["SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS"])
    yield
    context.update(**CHEAP_HASHES)


@pytest.fixture
def client(app):
    """A visitor."""
    return app.test_client()


@pytest.fixture
def own_template(app):
    """`own_template("email/test/body.txt", "Hello")` puts one of the clinic's own in place, as before a start."""
    folder = Path(app.jinja_loader.loaders[0].searchpath[0])

    def put(name: str, content: str | bytes) -> None:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        start_anew()

    def start_anew() -> None:
        app.jinja_env.cache.clear()
        app.extensions.pop("mail_templates", None)

    yield put
    shutil.rmtree(folder, ignore_errors=True)
    start_anew()


@pytest.fixture
def full_disk(app):
    """`with full_disk():` nothing can be committed, as when the database finds no room."""

    def refuse(_session):
        raise OperationalError("COMMIT", None, Exception("database or disk is full"))

    @contextmanager
    def full():
        event.listen(db.session, "before_commit", refuse)
        try:
            yield
        finally:
            event.remove(db.session, "before_commit", refuse)

    return full


@pytest.fixture
def with_settings(app):
    """Changes settings for one test: `with_settings(testimonial_rules="none")`."""

    def change(**changes):
        app.config["CLINIC"] = dataclasses.replace(app.config["CLINIC"], **changes)

    return change
