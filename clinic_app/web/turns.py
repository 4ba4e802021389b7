"""What many ask for at once is made by one of them at a time; the others wait for it."""

from collections.abc import Callable, Hashable
from concurrent.futures import Future
from threading import Lock
from typing import Generic, TypeVar

PATIENCE = 5.0  # seconds that one waits for another, who may have got stuck
T = TypeVar("T")


class Turns(Generic[T]):
    """Knows what is being made, by a key for each thing. Nothing is left of a turn that is over."""

    def __init__(self, patience: float = PATIENCE):
        self._patience = patience
        self._under_way: dict[Hashable, Future[T | None]] = {}
        self._lock = Lock()

    def ask(self, key: Hashable, make: Callable[[], T | None], suits: Callable[[T], bool]) -> T | None:
        """What `make` makes, or what another caller's has made meanwhile.

        The first who asks for a key makes it; the others wait. What was being made already when this call came is
        taken only if `suits` says so; what was begun later is taken in any case, so nobody waits for more than
        two. Who waits in vain makes it without a turn: where the other one failed, made what is for nobody else
        (`make` gave None), or takes longer than the patience.
        """
        for may_be_taken in (suits, lambda _: True):
            mine: Future[T | None] = Future()
            with self._lock:
                turn = self._under_way.setdefault(key, mine)
            if turn is mine:
                return self._made(key, mine, make)
            made = self._waited_for(key, turn)
            if made is None:
                break
            if may_be_taken(made):
                return made
        return make()

    def _made(self, key: Hashable, mine: Future[T | None], make: Callable[[], T | None]) -> T | None:
        made = None
        try:
            made = make()
            return made
        finally:
            self._end(key, mine)
            mine.set_result(made)

    def _waited_for(self, key: Hashable, turn: Future[T | None]) -> T | None:
        try:
            return turn.result(self._patience)
        except TimeoutError:
            self._end(key, turn)  # who comes now waits for it no more
            return None

    def _end(self, key: Hashable, turn: Future[T | None]) -> None:
        with self._lock:
            if self._under_way.get(key) is turn:
                del self._under_way[key]
