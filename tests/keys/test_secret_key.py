"""The secret key."""

import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from clinic_app.checks import SettingsError
from clinic_app.keys import secret_key

from ..synced import synced


def test_it_is_made_once_and_only_the_owner_may_read_it(tmp_path):
    first = secret_key.load_or_make(tmp_path)
    assert secret_key.load_or_make(tmp_path) == first
    assert len(first) >= 32
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_it_is_on_the_disk_before_anything_is_signed_with_it(tmp_path):
    with synced() as numbers:
        secret_key.load_or_make(tmp_path)
    assert numbers == [(tmp_path / "secret_key").stat().st_ino, tmp_path.stat().st_ino]


def test_a_key_that_could_be_guessed_is_refused():
    assert secret_key.given({}) is None
    assert secret_key.given({"CLINIC_SECRET_KEY": "k" * 32}) == "k" * 32
    with pytest.raises(SettingsError, match="CLINIC_SECRET_KEY had 5 characters"):
        secret_key.given({"CLINIC_SECRET_KEY": "short"})


@pytest.mark.parametrize("content", [b"", b"\n", b"short\n", bytes(64), b"\xff" * 64, b"k" * 32 + b"\0"])
def test_a_file_that_holds_no_key_is_refused(tmp_path, content):
    (tmp_path / "secret_key").write_bytes(content)
    with pytest.raises(SettingsError, match=r"secret_key had \d+ readable characters; .* Put the old one back"):
        secret_key.load_or_make(tmp_path)
    assert (tmp_path / "secret_key").read_bytes() == content


def test_servers_that_start_together_agree(tmp_path):
    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(lambda _: secret_key.load_or_make(tmp_path), range(64)))
    assert len(keys) == 1
