"""The encrypted file: what any program that reads age's format opens, and nothing that was changed."""

import io

import pyrage
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic_app.recovery import age
from clinic_app.recovery.refusals import NotWhole, PassphraseNeeded

from .conftest import PASSPHRASE

SIZES = [0, 1, age.CHUNK - 1, age.CHUNK, age.CHUNK + 1, 2 * age.CHUNK, 3 * age.CHUNK + 17]


def encrypted(content: bytes, passphrase: str = PASSPHRASE) -> bytes:
    file = io.BytesIO()
    with age.Writer(file, passphrase) as writer:
        for start in range(0, len(content), 50_000):
            writer.write(content[start : start + 50_000])
    return file.getvalue()


def decrypted(file: bytes, passphrase: str = PASSPHRASE) -> bytes:
    return io.BufferedReader(age.Reader(io.BytesIO(file), passphrase)).read()


def content_of(size: int) -> bytes:
    return bytes(n * n % 251 for n in range(256)) * (size // 256) + b"x" * (size % 256)


@pytest.mark.parametrize("size", SIZES)
def test_what_was_encrypted_comes_back(size):
    assert decrypted(encrypted(content_of(size))) == content_of(size)


@pytest.mark.parametrize("size", SIZES)
def test_another_implementation_of_the_format_reads_what_ours_writes(size):
    assert pyrage.passphrase.decrypt(encrypted(content_of(size)), PASSPHRASE) == content_of(size)


def test_ours_reads_what_another_implementation_writes():
    assert decrypted(pyrage.passphrase.encrypt(content_of(200_000), PASSPHRASE)) == content_of(200_000)


def test_a_wrong_passphrase_opens_nothing():
    with pytest.raises(PassphraseNeeded, match="not the one"):
        decrypted(encrypted(b"a knee"), "five other fictional words")


def test_the_same_content_is_never_encrypted_alike():
    one, other = (encrypted(bytes(1000)).split(b"\n---", 1)[1] for _ in range(2))
    assert one != other


@settings(max_examples=60, deadline=None)
@given(st.floats(0, 1, exclude_max=True), st.integers(1, 255))
def test_a_changed_byte_anywhere_is_noticed(where, change):
    whole = bytearray(encrypted(content_of(age.CHUNK + 100)))
    whole[int(where * len(whole))] ^= change
    with pytest.raises((NotWhole, PassphraseNeeded)):
        decrypted(bytes(whole))


@pytest.mark.parametrize("left", [0, 10, 100, 185, 200, -1, -117, -age.CHUNK])
def test_a_file_that_was_cut_short_is_noticed(left):
    whole = encrypted(content_of(2 * age.CHUNK + 100))
    with pytest.raises(NotWhole):
        decrypted(whole[:left])


def test_chunks_that_were_taken_out_or_put_behind_are_noticed():
    whole = encrypted(content_of(3 * age.CHUNK))
    piece, header = age.CHUNK + age.TAG, len(whole) - 3 * (age.CHUNK + age.TAG)
    for wrong in (whole[: header + piece] + whole[header + 2 * piece :], whole + whole[-piece:], whole + b"more"):
        with pytest.raises(NotWhole):
            decrypted(wrong)


def test_a_header_that_asks_for_much_memory_is_refused():
    with pytest.raises(NotWhole):
        decrypted(encrypted(b"a knee").replace(b" 10\n", b" 30\n", 1))
