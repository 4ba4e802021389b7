"""The passphrase of encrypted backups, from a file that only the site's user can read."""

from pathlib import Path

from .refusals import PassphraseNeeded

SHORTEST = 12  # characters


def in_file(path: Path) -> str:
    """The passphrase on the file's first line. Raises PassphraseNeeded for a file that has none worth the name."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise PassphraseNeeded(f"The passphrase file {path} cannot be read: {reason}.") from error
    return check(lines[0].strip() if lines else "", where=str(path))


def check(passphrase: str, *, where: str) -> str:
    """The passphrase, unless it could be guessed: then raises PassphraseNeeded."""
    if len(passphrase) < SHORTEST:
        raise PassphraseNeeded(
            f"The passphrase in {where} has {len(passphrase)} characters; it should have {SHORTEST} or more, such "
            'as `python -c "import secrets; print(secrets.token_urlsafe(32))"` prints.'
        )
    return passphrase
