"""In: a request and what answers it. Out: the reply. Who asks is known, limits are kept, what goes wrong is JSON.

Every route is one of these doors, so none can forget a check. What went wrong inside goes to the log with the request's
number; the caller gets the number and a sentence.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil
from urllib.parse import urlsplit

import anyio
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from bi_chat.errors import AccessDenied, BiChatError, StoreError
from bi_chat.frontends.api.bodies import MOST_BYTES, read_json
from bi_chat.frontends.api.callers import Caller, Callers
from bi_chat.frontends.api.faults import ApiFault
from bi_chat.frontends.api.streams import Events, watched
from bi_chat.frontends.serving import HERE

_LOG = logging.getLogger("bi_chat.api")
_NUMBER = re.compile(r"[\w.-]{8,64}", re.ASCII)
_SECONDS_TO_SEND = 10.0
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
Work = Callable[["Call"], str]


@dataclass(slots=True)
class Call:
    """One request as the routes see it. `progress` hears the stages; `stop` ends what runs for it."""

    caller: Caller
    request: str
    body: bytes
    path: dict[str, str]
    query: dict[str, str]
    progress: Callable[[str], None] = lambda _: None
    stop: Callable[[], object] = field(default=lambda: None)


class Door:
    """An endpoint: `work` gives the text of the reply, in a thread of its own. Without a scope anybody may call it."""

    def __init__(self, work: Work, callers: Callers, *, scope: str | None, streams: bool = False) -> None:
        self._work, self._callers, self._scope, self._streams = work, callers, scope, streams
        self._seats = anyio.CapacityLimiter(64)

    async def reply(self, request: Request) -> Response:
        """The reply, whatever happens."""
        began, number, by = time.perf_counter(), _number(request), "-"
        try:
            call = await self._call(request, number)
            by = call.caller.by
            reply = await self._reply(request, call)
        except Exception as error:
            reply = _failed(error, number)
        reply.headers.update({**HEADERS, "X-Request-ID": number})
        took = (time.perf_counter() - began) * 1000
        _LOG.info("%s %s %s %d %.0f ms by %s", number, request.method, request.url.path, reply.status_code, took, by)
        return reply

    async def _call(self, request: Request, number: str) -> Call:
        if self._callers.local is not None:
            _only_here(request)
        if self._scope is None:
            return Call(Caller("", (), "-"), number, b"", {}, {})
        address = request.client.host if request.client is not None else ""
        shown = request.headers.get("authorization", "")
        caller = await anyio.to_thread.run_sync(self._callers.of, shown, address, limiter=self._seats)
        if self._scope not in caller.scopes:
            raise ApiFault(403, "scope", f"This key is not for that: it lacks the scope {self._scope}.")
        body = await _body(request) if request.method == "POST" else b""
        return Call(caller, number, body, dict(request.path_params), dict(request.query_params))

    async def _reply(self, request: Request, call: Call) -> Response:
        if self._streams and "text/event-stream" in request.headers.get("accept", ""):
            return Events(lambda hear: self._told(call, hear), lambda: call.stop(), self._seats)
        text = await watched(request, lambda: self._work(call), lambda: call.stop(), self._seats)
        return Response(text, media_type="application/json")

    def _told(self, call: Call, hear: Callable[[str], None]) -> tuple[str, str]:
        """The last event of a stream: an answer, or the error in its place."""
        call.progress = hear
        try:
            return "answer", self._work(call)
        except Exception as error:
            return "error", bytes(_failed(error, call.request).body).decode()


def _failed(error: Exception, number: str) -> Response:
    fault = _fault(error)
    if fault.status == 500:
        _LOG.error("%s failed", number, exc_info=error)
    data = {"error": {"code": fault.code, "message": fault.message, "request": number}}
    made = Response(json.dumps(data, ensure_ascii=False), fault.status, media_type="application/json")
    if fault.wait:
        made.headers["Retry-After"] = str(ceil(fault.wait))
    if fault.status == 401:
        made.headers["WWW-Authenticate"] = "Bearer"
    return made


def _fault(error: Exception) -> ApiFault:
    if isinstance(error, ApiFault):
        return error
    if isinstance(error, AccessDenied):
        return ApiFault(403, "no_access", "The policy of these data gives you nothing to see.")
    if isinstance(error, StoreError):
        return ApiFault(503, "store", str(error), wait=5)
    if isinstance(error, TimeoutError | ClientDisconnect):
        return ApiFault(408, "too_slow", "The request took too long to arrive.")
    if isinstance(error, BiChatError):
        _LOG.warning("The set-up has a fault: %s", error)
        return ApiFault(503, "set_up", "The data can't be asked at the moment. The server's log says why.", wait=30)
    return ApiFault(500, "internal", "Something went wrong on our side. The server's log has it under this number.")


def _number(request: Request) -> str:
    given = request.headers.get("x-request-id", "")
    return given if _NUMBER.fullmatch(given) else secrets.token_hex(8)


def _only_here(request: Request) -> None:
    """A server without sign-in answers this machine alone, not a page of another site that found its way to it."""
    origin = request.headers.get("origin")
    hosts = [urlsplit(f"//{request.headers.get('host', '')}").hostname]
    hosts += [urlsplit(origin).hostname] if origin is not None else []
    if not set(hosts) <= HERE:
        raise ApiFault(403, "not_here", "This server answers only this machine: call it as 127.0.0.1 or localhost.")


async def _body(request: Request) -> bytes:
    read_json(request.headers.get("content-type", ""))
    found = b""
    with anyio.fail_after(_SECONDS_TO_SEND):
        async for part in request.stream():
            found += part
            if len(found) > MOST_BYTES:
                raise ApiFault(413, "too_large", f"A request has at most {MOST_BYTES:,} bytes.")
    return found
