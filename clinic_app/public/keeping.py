"""Which public pages are kept as ready bytes, and until when what they tell holds; see `web.page_cache`."""

from collections.abc import Callable
from functools import wraps

from flask import make_response

from ..blog import posts
from ..opening import opening
from ..web import page_cache


def kept(*, tells_posts: bool = True, **takes: Callable[[str], bool]):
    """Decorates a view whose page is the same for everybody.

    `takes` are all the arguments in addresses that it reads, each with whether a text is its true form. Where one
    is not, the page is made for the asker, lest any number of addresses make a page each. It sees no others.

    Such a page may tell opening hours, today's date and, where it `tells_posts`, public posts. Whatever else in it
    changes with time says so itself (`page_cache.holds_until`).
    """

    def decorate(view):
        @wraps(view)
        def keeping(**values):
            response = make_response(view(**values))
            made = page_cache.begun()
            if made and made.is_lasting:  # else nothing is asked that may not be there to answer
                made.holds_until(opening(made.at).holds_until)
                made.holds_until(posts.next_to_come(made.at) if tells_posts else None)
                made.body = response.get_data()
            return response

        keeping.takes = takes  # by which the page cache knows its view
        return keeping

    return decorate
