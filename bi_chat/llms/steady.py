"""In: a language model. Out: the same one, asked again where that helps, left alone where it doesn't, and paid for.

Retries wait longer each time, with jitter (as in the "full jitter" of the AWS Architecture Blog, 2015). After several
failures in a row the model is not asked for a while (Nygard, Release It!, "circuit breaker"): the embedded planner
answers alone, without delay. The same request is answered from memory.
"""

from __future__ import annotations

import random
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from threading import Lock

from bi_chat.errors import BudgetSpent, LanguageModelError, ModelBusy, ModelStopped
from bi_chat.ports import LanguageModel
from bi_chat.values.exchange import ModelReply, ModelRequest

TRIES = 3
FIRST_WAIT = 0.5
LONGEST_WAIT = 5.0
FAILURES = 3
LEFT_ALONE = 60.0
KEPT = 256


@dataclass(slots=True)
class Steady:
    """`budget`: tokens that one user may spend a day; None for any number. Thread-safe."""

    inner: LanguageModel
    budget: int | None = None
    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    today: Callable[[], date] = lambda: datetime.now(UTC).date()
    _replies: OrderedDict[ModelRequest, ModelReply] = field(default_factory=OrderedDict)
    _spent: dict[tuple[str, date], int] = field(default_factory=dict)
    _failures: int = 0
    _closed_until: float = 0.0
    _lock: Lock = field(default_factory=Lock)

    @property
    def name(self) -> str:
        """The model."""
        return self.inner.name

    @property
    def server(self) -> str:
        """Where it runs."""
        return self.inner.server

    def spent(self, user: str) -> int:
        """Tokens of today."""
        return self._spent.get((user, self.today()), 0)

    def complete(self, request: ModelRequest, *, user: str = "", stop: Callable[[], bool] | None = None) -> ModelReply:
        """The reply; from memory it costs nothing. Raises LanguageModelError."""
        with self._lock:
            if (known := self._replies.get(request)) is not None:
                self._replies.move_to_end(request)
                return ModelReply(known.text, 0, 0)
        if self.budget is not None and self.spent(user) >= self.budget:
            raise BudgetSpent(f"Today's {self.budget:,} tokens are spent (BI_CHAT_LLM_BUDGET).")
        if self.now() < self._closed_until:
            raise LanguageModelError(f"{self.name} did not answer lately; it is left alone for a minute.")
        reply = self._asked(request, user, stop)
        self._keep(request, reply, user)
        return reply

    def _asked(self, request: ModelRequest, user: str, stop: Callable[[], bool] | None) -> ModelReply:
        attempt = 0
        while True:
            attempt += 1
            try:
                reply = self.inner.complete(request, user=user, stop=stop)
            except ModelStopped:
                raise
            except ModelBusy as busy:
                self._failed()
                wait = FIRST_WAIT * 2 ** (attempt - 1) * random.uniform(0.5, 1.0)  # noqa: S311 it guards nothing
                wait = wait if busy.wait is None else busy.wait
                if attempt == TRIES or wait > LONGEST_WAIT or self.now() < self._closed_until:
                    raise
                self._pause(wait, stop)
            except LanguageModelError:
                self._failed()
                raise
            else:
                self._failures = 0
                return reply

    def _pause(self, seconds: float, stop: Callable[[], bool] | None) -> None:
        until = self.now() + seconds
        while (left := until - self.now()) > 0:
            if stop is not None and stop():
                raise ModelStopped("Stopped.")
            self.sleep(min(left, 0.1))

    def _failed(self) -> None:
        with self._lock:
            self._failures += 1
            if self._failures >= FAILURES:
                self._failures, self._closed_until = 0, self.now() + LEFT_ALONE

    def _keep(self, request: ModelRequest, reply: ModelReply, user: str) -> None:
        with self._lock:
            key = (user, self.today())
            self._spent = {k: v for k, v in self._spent.items() if k[1] == key[1]}
            self._spent[key] = self._spent.get(key, 0) + reply.tokens_in + reply.tokens_out
            self._replies[request] = reply
            if len(self._replies) > KEPT:
                self._replies.popitem(last=False)
