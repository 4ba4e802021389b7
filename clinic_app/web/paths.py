"""What an address is, by how it begins."""

STAFF = "/staff"
SECRET_PATHS = ("/a/", "/calendar/")  # addresses that hold a secret, whatever the answer to them is
# Pictures that readers of the feed and other sites' previews show in pages of theirs.
SHARED_PATHS = ("/media/", "/cards/")


def is_staffs(path: str) -> bool:
    """Whether an address is one of staff's pages."""
    return path == STAFF or path.startswith(f"{STAFF}/")
