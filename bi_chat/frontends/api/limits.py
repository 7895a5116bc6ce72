"""In: who asks, or from where. Out: how many seconds they have to wait: nobody asks too often or guesses keys."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

_MOST_NAMES = 10_000
_FREE_MISTAKES = 5
_LONGEST = 300.0
Clock = Callable[[], float]


class Rates:
    """A bucket for each name that fills evenly; half a minute's worth may be used at once."""

    def __init__(self, per_minute: float, *, clock: Clock = time.monotonic) -> None:
        self._speed, self._most, self._clock = per_minute / 60, max(1.0, per_minute / 2), clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = Lock()

    def wait(self, name: str) -> float:
        """Takes one; 0 where there was one to take, else the seconds until there is."""
        now = self._clock()
        with self._lock:
            left, since = self._left.pop(name, (self._most, now))
            left = min(self._most, left + (now - since) * self._speed)
            taken = left >= 1
            self._left[name] = (left - 1 if taken else left, now)
            if len(self._left) > _MOST_NAMES:
                self._left.popitem(last=False)
        return 0.0 if taken else (1 - left) / self._speed


class Mistakes:
    """Wrong keys from one address: a few are free, then each makes the next try wait twice as long."""

    def __init__(self, *, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._made: OrderedDict[str, tuple[int, float]] = OrderedDict()
        self._lock = Lock()

    def wait(self, address: str) -> float:
        """Seconds until a key that isn't known yet is looked at again."""
        with self._lock:
            count, last = self._made.get(address, (0, 0.0))
        pause = min(_LONGEST, 2.0 ** min(count - _FREE_MISTAKES, 9)) if count >= _FREE_MISTAKES else 0.0
        return max(0.0, last + pause - self._clock())

    def made(self, address: str) -> None:
        """One more; they are forgotten after twice the longest pause."""
        now = self._clock()
        with self._lock:
            count, last = self._made.pop(address, (0, now))
            self._made[address] = (count + 1 if now - last < 2 * _LONGEST else 1, now)
            if len(self._made) > _MOST_NAMES:
                self._made.popitem(last=False)
