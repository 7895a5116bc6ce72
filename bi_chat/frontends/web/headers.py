"""In: whatever the web app replies. Out: the same, with headers that keep other sites and injected content out.

The page may load and reach nothing but its own server, so that even a picture that somebody smuggles into a text can't
carry data away. Streamlit's page needs inline scripts and styles, and its table WebAssembly.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bi_chat.frontends.serving import HERE

POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_YEAR = 31_536_000


class Guarded:
    """Around the whole app. `here`: nobody signs in, so only this machine's own pages are answered; `url`: where people
    reach it: over https cookies go over nothing else."""

    def __init__(self, app: ASGIApp, *, here: bool, url: str = "") -> None:
        self._app, self._here, self._secure = app, here, url.startswith("https://")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes on what may come in, and adds to what goes out."""
        if scope["type"] in ("http", "websocket") and self._here and not _from_here(Headers(scope=scope)):
            await _refused(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add(MutableHeaders(scope=message))
            await send(message)

        await self._app(scope, receive, sending)

    def _add(self, headers: MutableHeaders) -> None:
        for name, value in HEADERS.items():
            headers.setdefault(name, value)
        if self._secure:
            headers.setdefault("Strict-Transport-Security", f"max-age={_YEAR}")
            cookies = headers.getlist("set-cookie")
            del headers["set-cookie"]
            for cookie in cookies:
                headers.append("set-cookie", cookie if "; secure" in cookie.lower() else f"{cookie}; Secure")


def _from_here(headers: Headers) -> bool:
    hosts = [urlsplit(f"//{headers.get('host', '')}").hostname]
    if "origin" in headers:
        hosts.append(urlsplit(headers["origin"]).hostname)
    return set(hosts) <= HERE


async def _refused(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    said = "This server answers only this machine: call it as 127.0.0.1 or localhost.\n"
    await PlainTextResponse(said, 403)(scope, receive, send)
