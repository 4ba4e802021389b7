"""Files encrypted under a passphrase, in the format that the tool `age` reads and writes (C2SP's specification).

So a backup can be opened without this program: `age --decrypt`. The key comes from the passphrase by scrypt; the
content goes through ChaCha20-Poly1305 in chunks of 64 KiB, so a file of any size needs little memory, and one that
was changed, shortened or lengthened anywhere is noticed.
"""

import base64
import binascii
import hmac
import io
import re
import secrets
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from .refusals import NotWhole, PassphraseNeeded

INTRODUCTION = b"age-encryption.org/v1\n"
CHUNK = 64 * 1024
TAG = 16
WORK = 17  # the logarithm of scrypt's N: 128 MiB and about half a second for each guess (OWASP's advice)
MOST_WORK = 20  # of a file that is read: 1 GiB
LONGEST_LINE = 200
_STANZA = re.compile(rb"-> scrypt ([A-Za-z0-9+/]{22}) ([1-9][0-9]?)\n")
CHANGED = "The encrypted file is damaged or was cut short."


def is_encrypted(path: Path) -> bool:
    """Whether the file begins as encrypted ones do."""
    with path.open("rb") as file:
        return file.read(len(INTRODUCTION)) == INTRODUCTION


class Writer(io.RawIOBase):
    """Encrypts what is written to it into `file`. Only closing it makes the file whole; `file` stays open."""

    def __init__(self, file: BinaryIO, passphrase: str) -> None:
        file_key = secrets.token_bytes(16)
        nonce = secrets.token_bytes(16)
        file.write(_header(file_key, passphrase) + nonce)
        self._file = file
        self._cipher = _Chunks(file_key, nonce)
        self._waiting = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, content) -> int:
        self._waiting += content
        while len(self._waiting) > CHUNK:  # the last chunk is marked, so one always waits
            self._file.write(self._cipher.encrypt(bytes(self._waiting[:CHUNK]), last=False))
            del self._waiting[:CHUNK]
        return len(content)

    def close(self) -> None:
        if not self.closed:
            self._file.write(self._cipher.encrypt(bytes(self._waiting), last=True))
        super().close()


class Reader(io.RawIOBase):
    """Decrypts `file`. Raises PassphraseNeeded for a wrong passphrase, NotWhole for a file that was changed."""

    def __init__(self, file: BinaryIO, passphrase: str) -> None:
        file_key = _file_key(file, passphrase)
        self._file = file
        self._cipher = _Chunks(file_key, file.read(16))
        self._next = file.read(CHUNK + TAG)
        self._ready = memoryview(b"")
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        if not self._ready and not self._ended:
            chunk, self._next = self._next, self._file.read(CHUNK + TAG)
            self._ended = not self._next
            self._ready = memoryview(self._cipher.decrypt(chunk, last=self._ended))
        count = min(len(buffer), len(self._ready))
        buffer[:count], self._ready = self._ready[:count], self._ready[count:]
        return count


class _Chunks:
    """The cipher of the chunks, whose nonces count them and mark the last one."""

    def __init__(self, file_key: bytes, nonce: bytes) -> None:
        self._cipher = ChaCha20Poly1305(_derived(file_key, b"payload", salt=nonce))
        self._count = 0

    def encrypt(self, chunk: bytes, *, last: bool) -> bytes:
        return self._cipher.encrypt(self._nonce(last), chunk, None)

    def decrypt(self, chunk: bytes, *, last: bool) -> bytes:
        try:
            return self._cipher.decrypt(self._nonce(last), chunk, None)
        except InvalidTag:
            raise NotWhole(CHANGED) from None

    def _nonce(self, last: bool) -> bytes:
        nonce = self._count.to_bytes(11, "big") + bytes([last])
        self._count += 1
        return nonce


def _header(file_key: bytes, passphrase: str) -> bytes:
    salt = secrets.token_bytes(16)
    wrapped = _wrapping(passphrase, salt, WORK).encrypt(bytes(12), file_key, None)
    header = INTRODUCTION + b"-> scrypt %s %d\n%s\n---" % (_encoded(salt), WORK, _encoded(wrapped))
    return header + b" " + _encoded(_mac(file_key, header)) + b"\n"


def _file_key(file: BinaryIO, passphrase: str) -> bytes:
    """The key of the file's content, from its header."""
    lines = [file.readline(LONGEST_LINE) for _ in range(4)]
    stanza = _STANZA.fullmatch(lines[1])
    if not all(line.endswith(b"\n") for line in lines) or not lines[3].startswith(b"--- "):
        raise NotWhole(CHANGED)
    if lines[0] != INTRODUCTION or not stanza or int(stanza[2]) > MOST_WORK:
        raise NotWhole("The file is not encrypted in the way of this program's backups.")
    try:
        salt, wrapped, mac = (_decoded(text) for text in (stanza[1], lines[2][:-1], lines[3][4:-1]))
        file_key = _wrapping(passphrase, salt, int(stanza[2])).decrypt(bytes(12), wrapped, None)
    except binascii.Error:
        raise NotWhole(CHANGED) from None
    except InvalidTag:
        raise PassphraseNeeded("The passphrase is not the one that the backup was encrypted with.") from None
    if not hmac.compare_digest(mac, _mac(file_key, b"".join(lines[:3]) + b"---")):
        raise NotWhole(CHANGED)
    return file_key


def _wrapping(passphrase: str, salt: bytes, work: int) -> ChaCha20Poly1305:
    scrypt = Scrypt(salt=b"age-encryption.org/v1/scrypt" + salt, length=32, n=2**work, r=8, p=1)
    return ChaCha20Poly1305(scrypt.derive(passphrase.encode()))


def _mac(file_key: bytes, header: bytes) -> bytes:
    return hmac.digest(_derived(file_key, b"header"), header, "sha256")


def _derived(file_key: bytes, info: bytes, salt: bytes | None = None) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=info).derive(file_key)


def _encoded(content: bytes) -> bytes:
    return base64.b64encode(content).rstrip(b"=")


def _decoded(text: bytes) -> bytes:
    """What the text says, which is the only text that says it: loose bits at its end are refused, as age does."""
    padded = text + b"=" * (-len(text) % 4)
    said = base64.b64decode(padded, validate=True)
    if base64.b64encode(said) != padded:
        raise binascii.Error
    return said
