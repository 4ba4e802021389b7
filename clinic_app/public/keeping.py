"""Which public pages are kept as ready bytes, and until when what they tell holds; see `web.page_cache`."""

from collections.abc import Callable
from functools import wraps

from flask import make_response

from ..blog import posts
from ..times.opening import opening
from ..web import page_cache


def kept(*, tells_posts: bool = True, **takes: Callable[[str], bool]):
    """Decorates a view whose page is the same for everybody.

    `takes` names all the arguments of the address that it reads, each with a function that tells whether a text is
    in its one right form (`2`, and not `02`). Where one is not, the page is made for the asker and not kept: else
    any number of addresses would each have a page. Other arguments never reach the view.

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
