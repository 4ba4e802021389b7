"""The file of a backup: read whole or refused, whatever happened to it."""

import gzip
import hashlib
import io
import json
import tarfile
import tracemalloc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic_app.recovery import archive
from clinic_app.recovery.manifest import Manifest
from clinic_app.recovery.refusals import NewerThanProgram, NotWhole, PassphraseNeeded, Refused

from .conftest import PASSPHRASE

ENCRYPTION = pytest.mark.parametrize("passphrase", [None, PASSPHRASE], ids=["plain", "encrypted"])


def about(**changes) -> Manifest:
    told = {
        "version": "0.1.0",
        "made_at": "2026-11-24T16:00:00+00:00",
        "database": "sqlite",
        "revision": "0001_mail",
        "tables": {"members": 2},
        "with_secrets": False,
        "key_mark": "",
        "variables": [],
    }
    return Manifest(**told | changes)


def write(path, contents, passphrase=None, **changes):
    with path.open("wb") as file:
        archive.write(file, contents, about(**changes), passphrase)
    return path


def read(path, passphrase=None, into=None):
    return archive.read(path, passphrase, lambda name: into / name if into else None)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "backup"


@ENCRYPTION
def test_members_come_back_as_they_were(file, tmp_path, passphrase):
    contents = {
        "database.sqlite": b"rows" * 100_000,
        "media/knee.png": b"",
        "templates/public/pages/é.html": b"<p>",
    }
    write(file, contents.items(), passphrase)
    told = read(file, passphrase, tmp_path / "out")
    assert {name: (tmp_path / "out" / name).read_bytes() for name in contents} == contents
    assert told.tables == {"members": 2}
    assert told.members["media/knee.png"] == {"bytes": 0, "sha256": hashlib.sha256(b"").hexdigest()}


@ENCRYPTION
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(where=st.floats(0, 1, exclude_max=True), change=st.integers(1, 255))
def test_a_changed_byte_anywhere_is_refused_or_changes_nothing(file, passphrase, where, change):
    """A few bytes of gzip mean nothing: some of its header, or from which of two like places a run is copied."""
    content = bytes(n * n % 251 for n in range(9_000))
    whole = bytearray(write(file, [("database.sqlite", content)], passphrase).read_bytes())
    whole[int(where * len(whole))] ^= change
    file.write_bytes(whole)
    try:
        told = read(file, passphrase)
    except Refused:
        return
    assert passphrase is None
    assert told.members["database.sqlite"]["sha256"] == hashlib.sha256(content).hexdigest()


def test_each_byte_of_an_encrypted_files_head_counts(file):
    whole = write(file, [("a", b"b")], PASSPHRASE).read_bytes()
    for number in range(whole.index(b"\n", whole.index(b"---"))):
        file.write_bytes(whole[:number] + bytes([whole[number] ^ 1]) + whole[number + 1 :])
        with pytest.raises(Refused):
            read(file, PASSPHRASE)


@ENCRYPTION
def test_a_file_cut_short_anywhere_is_refused(file, passphrase):
    whole = write(file, [("database.sqlite", bytes(range(256)) * 40)], passphrase).read_bytes()
    for left in range(0, len(whole), 23):
        file.write_bytes(whole[:left])
        with pytest.raises(NotWhole):
            read(file, passphrase)


def test_an_encrypted_file_asks_for_its_passphrase(file):
    write(file, [("a", b"b")], PASSPHRASE)
    with pytest.raises(PassphraseNeeded, match="--passphrase-file"):
        read(file)
    with pytest.raises(PassphraseNeeded, match="not the one"):
        read(file, "another passphrase")


@pytest.mark.parametrize(
    "content",
    [b"", b"a knee", b"\x1f\x8b", b"PK\x03\x04" * 50, gzip.compress(b"a knee" * 99, mtime=0)],
    ids=["empty", "text", "cut", "zip", "gzip"],
)
def test_another_kind_of_file_is_refused(file, content):
    file.write_bytes(content)
    with pytest.raises(NotWhole):
        read(file)


def test_the_backup_of_a_later_format_is_refused_as_that(file):
    write(file, [], format=2, version="9.0")
    with pytest.raises(NewerThanProgram, match=r"later version of this program \(9.0\)"):
        read(file)


def packed(file, *members):
    with tarfile.open(file, "w:gz") as tar:
        for member, content in members:
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return file


@pytest.mark.parametrize("name", ["../outside", "/outside", "media/../../outside", "a\\..\\outside"])
def test_a_member_that_leads_out_of_its_folder_is_refused(file, tmp_path, name):
    packed(file, (tarfile.TarInfo(name), b"x"))
    with pytest.raises(NotWhole, match="no backup of this program"):
        read(file, into=tmp_path / "in" / "here")
    assert not list(tmp_path.rglob("outside"))


def test_a_link_in_the_place_of_a_file_is_refused(file, tmp_path):
    link = tarfile.TarInfo("media/knee.png")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    packed(file, (link, b""))
    with pytest.raises(NotWhole):
        read(file, into=tmp_path / "in")


def test_what_the_manifest_does_not_know_and_what_it_misses_is_refused(file):
    manifest = tarfile.TarInfo("manifest.json")
    for known, there in (({}, "media/new.png"), ({"media/gone.png": {"bytes": 1, "sha256": ""}}, "media/new.png")):
        told = json.loads(about().as_bytes()) | {"members": known}
        packed(file, (tarfile.TarInfo(there), b"x"), (manifest, json.dumps(told).encode()))
        with pytest.raises(NotWhole, match="is damaged: media/"):
            read(file)


@ENCRYPTION
def test_a_large_backup_is_never_in_memory(file, tmp_path, passphrase):
    large = tmp_path / "large"
    with large.open("wb") as sparse:
        sparse.truncate(40_000_000)
    tracemalloc.start()
    try:
        write(file, [("database.sqlite", large)], passphrase)
        read(file, passphrase, tmp_path / "out")
        assert tracemalloc.get_traced_memory()[1] < 12_000_000
    finally:
        tracemalloc.stop()
