"""What an address is, by how it begins."""

STAFF = "/staff"
# What stands behind these is a secret, whatever the answer to it is: it lets in whoever has it.
MANAGE_PATH = "/a/"  # <token>: a patient's link to one appointment
FEED_PATH = "/calendar/"  # <token>.ics: a practitioner's calendar
SECRET_PATHS = (MANAGE_PATH, FEED_PATH)
STAFFS_SECRET_PATHS = tuple(
    f"{STAFF}/{page}/"
    for page in (
        *("welcome", "first", "reset", "people"),
        *("sign-in/passkey", "confirm/passkey", "account/passkeys", "account/app"),
    )
)
# Pictures that readers of the feed and other sites' previews show in pages of theirs.
SHARED_PATHS = ("/media/", "/cards/")


def is_staffs(path: str) -> bool:
    """Whether an address is one of staff's pages."""
    return path == STAFF or path.startswith(f"{STAFF}/")
