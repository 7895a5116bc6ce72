"""In: work that takes a while, and the connection that waits for it. Out: its outcome, or its stages as they come.

Whoever hangs up stops what runs for them.
"""

from __future__ import annotations

import json
from collections.abc import Callable

import anyio
from anyio.streams.memory import MemoryObjectSendStream
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

_LOOK = 0.5
_MOST_WAITING = 1_000
Event = tuple[str, str]
Hear = Callable[[str], None]


async def watched(
    request: Request, work: Callable[[], str], stop: Callable[[], object], seats: anyio.CapacityLimiter
) -> str:
    """The outcome of `work`, which is stopped when the connection closes. Raises what it raises."""
    found, failed = "", None

    async def watch() -> None:
        while not await request.is_disconnected():
            await anyio.sleep(_LOOK)
        stop()

    async with anyio.create_task_group() as tasks:
        if request.method == "POST":
            tasks.start_soon(watch)
        try:
            found = await anyio.to_thread.run_sync(work, limiter=seats)
        except Exception as error:  # raised below: a task group would wrap it
            failed = error
        tasks.cancel_scope.cancel()
    if failed is not None:
        raise failed
    return found


class Events(Response):
    """Server-sent events: `stage` as often as there is one, then the one that `work` gives: `answer` or `error`."""

    media_type = "text/event-stream"

    def __init__(self, work: Callable[[Hear], Event], stop: Callable[[], object], seats: anyio.CapacityLimiter) -> None:
        super().__init__()
        del self.headers["content-length"]
        self._work, self._stop, self._seats = work, stop, seats

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends each event at once."""
        give, take = anyio.create_memory_object_stream[Event](_MOST_WAITING)
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async with anyio.create_task_group() as tasks, take:
            tasks.start_soon(self._until_hung_up, receive)
            tasks.start_soon(self._run, give)
            async for kind, text in take:
                event = f"event: {kind}\ndata: {text}\n\n".encode()
                await send({"type": "http.response.body", "body": event, "more_body": True})
            tasks.cancel_scope.cancel()
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _until_hung_up(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._stop()

    async def _run(self, give: MemoryObjectSendStream[Event]) -> None:
        with give:
            hear = _hearing(give)
            await give.send(await anyio.to_thread.run_sync(lambda: self._work(hear), limiter=self._seats))


def _hearing(give: MemoryObjectSendStream[Event]) -> Hear:
    """Puts a stage into the stream, from the thread of the work; each only when it begins."""
    last = ""

    def put(stage: str) -> None:
        if give.statistics().current_buffer_used < _MOST_WAITING - 1:
            give.send_nowait(("stage", json.dumps({"stage": stage})))

    def hear(stage: str) -> None:
        nonlocal last
        if stage != last:
            last = stage
            anyio.from_thread.run_sync(put, stage)

    return hear
