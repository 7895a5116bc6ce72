"""In: who waits, and who is being served. Out: whose turn is next, so that nobody's slow queries starve another.

An asker never has all workers at once while there are several: one is always left for somebody else; and so it is with
all those together whose queries were slow a short while ago. Among those who wait, whoever has fewest queries running
comes first, then whoever came first. An answer may need thirty quick queries one after the other: they keep its place
in the line, until they have taken a second together; then it goes to the end.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")

SHARE = 1.0
_AWAY = 0.5
_REMEMBERED = 60.0


@dataclass(slots=True, eq=False)
class Place(Generic[T]):
    """The place in the line of one answer, whose queries come one after the other; `asker` may have several answers.

    It is there `since` then, with so many seconds of work `left` before it goes to the end, and was `seen` there last.
    """

    asker: Hashable
    since: float = float("-inf")
    seen: float = float("-inf")
    left: float = SHARE
    waiting: deque[T] = field(default_factory=deque)


class Turns(Generic[T]):
    """Knows nothing of processes or threads. `size` is how many are served at once, `now` seconds of any clock."""

    def __init__(self, size: int) -> None:
        self._most = max(1, size - 1)
        self._line: list[Place[T]] = []
        self._served: Counter[Hashable] = Counter()
        self._slow: dict[Hashable, float] = {}

    def join(self, place: Place[T], item: T, *, now: float) -> None:
        """Wait behind what has been asked before at the same place."""
        self._slow = {asker: until for asker, until in self._slow.items() if until > now}
        if place not in self._line:
            if now - place.seen > _AWAY:
                place.since, place.left = now, SHARE
            self._line.append(place)
        place.waiting.append(item)

    def leave(self, place: Place[T], item: T) -> bool:
        """Wait no longer; False when it was not waiting (any more)."""
        if item not in place.waiting:
            return False
        place.waiting.remove(item)
        self._forget(place)
        return True

    def next(self) -> T | None:
        """The next to be served, who then counts as served; None when nobody may be."""
        closed = sum(self._served[asker] for asker in self._slow) >= self._most
        ready = [
            place
            for place in self._line
            if self._served[place.asker] < self._most and not (closed and place.asker in self._slow)
        ]
        if not ready:
            return None
        place = min(ready, key=lambda p: (self._served[p.asker], p.since))
        item = place.waiting.popleft()
        self._forget(place)
        self._served[place.asker] += 1
        return item

    def done(self, place: Place[T], *, now: float, took: float = 0.0) -> None:
        """One that was served is finished after so many seconds."""
        self._served[place.asker] -= 1
        if self._served[place.asker] <= 0:
            del self._served[place.asker]
        if took > SHARE:
            self._slow[place.asker] = now + _REMEMBERED
        place.seen, place.left = now, place.left - took
        if place.left <= 0:
            place.since, place.left = now, SHARE

    def _forget(self, place: Place[T]) -> None:
        if not place.waiting:
            self._line.remove(place)
