"""What every reply of the web app bears, and whom a server without sign-in answers."""

from __future__ import annotations

import anyio
import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from bi_chat.frontends.web.headers import HEADERS, Guarded
from bi_chat.frontends.web.server import look, safe


def with_cookies(_: Request) -> PlainTextResponse:
    reply = PlainTextResponse("hello", headers={"Referrer-Policy": "no-referrer"})
    reply.set_cookie("one", "1", httponly=True)
    reply.set_cookie("two", "2", secure=True)
    return reply


async def greet(socket: WebSocket) -> None:
    await socket.accept()
    await socket.close()


def reply(*, here: bool, url: str = "", **headers: str) -> httpx.Response:
    inner = Starlette(routes=[Route("/", with_cookies), WebSocketRoute("/socket", greet)])

    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(app=Guarded(inner, here=here, url=url))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await client.get("/", headers=headers)

    return anyio.run(asked)


def test_every_reply_bears_them_and_what_was_stricter_stays():
    found = reply(here=True).headers
    assert set(HEADERS) <= {name.title().replace("Csp", "CSP") for name in found}
    assert found["Referrer-Policy"] == "no-referrer" and "Strict-Transport-Security" not in found


def test_over_https_cookies_go_over_nothing_else():
    found = reply(here=False, url="https://data.example.org", Host="data.example.org").headers
    cookies = found.get_list("set-cookie")
    assert len(cookies) == 2 and all(c.lower().count("; secure") == 1 for c in cookies)
    assert found["Strict-Transport-Security"].startswith("max-age=")


@pytest.mark.parametrize("headers", [{"Host": "evil.test"}, {"Origin": "https://evil.test"}, {"Host": ""}])
def test_without_sign_in_other_sites_are_refused(headers):
    assert reply(here=True, **headers).status_code == 403
    assert reply(here=False, **headers).status_code == 200


def test_a_connection_from_another_site_is_refused_as_well():
    sent: list[dict[str, object]] = []

    async def ask() -> None:
        async def receive() -> dict[str, object]:
            return {"type": "websocket.connect"}

        async def send(message: dict[str, object]) -> None:
            sent.append(message)

        scope = {"type": "websocket", "path": "/socket", "headers": [(b"host", b"evil.test")], "subprotocols": []}
        await Guarded(Starlette(), here=True)(scope, receive, send)  # type: ignore[arg-type]

    anyio.run(ask)
    assert [m["type"] for m in sent] == ["websocket.close"]


def test_what_must_hold_goes_before_what_a_file_says():
    assert safe("0.0.0.0", 1)["server.enableXsrfProtection"] is True
    assert safe("0.0.0.0", 1)["server.maxUploadSize"] == 50 and "server.maxUploadSize" not in safe("127.0.0.1", 1)
    assert look()["theme.light.primaryColor"] == "#2f6fb0"
