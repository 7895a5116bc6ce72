"""A model server on loopback that says what a test wrote down: it speaks real HTTP as OpenAI's servers do."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Body = dict[str, Any]


@dataclass(frozen=True)
class Reply:
    """One reply: its text in pieces, or an error of that status; `pause` seconds lie between the pieces."""

    text: str = ""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    pause: float = 0.0
    pieces: int = 3
    usage: bool = True
    finish: str = "stop"
    broken_off: bool = False
    endless: bool = False
    refusal: bool = False


@dataclass
class ModelServer:
    """`say` gives the reply to each request's body; `asked` holds the paths and bodies that came."""

    say: Callable[[str, Body], Reply]
    asked: list[tuple[str, Body]] = field(default_factory=list)
    url: str = ""

    @property
    def prompts(self) -> list[str]:
        """All that was said in each request."""
        return [json.dumps(body.get("messages") or body.get("input"), ensure_ascii=False) for _, body in self.asked]


def always(text: str) -> Callable[[str, Body], Reply]:
    """The same to everything."""
    return lambda path, body: Reply(text)


def in_turn(*replies: Reply | str) -> Callable[[str, Body], Reply]:
    """One after another; the last one from then on."""
    left = [Reply(r) if isinstance(r, str) else r for r in replies]
    return lambda path, body: left.pop(0) if len(left) > 1 else left[0]


@contextmanager
def model_server(say: Callable[[str, Body], Reply] | str) -> Iterator[ModelServer]:
    """Serves on a port of loopback until the block ends."""
    told = ModelServer(always(say) if isinstance(say, str) else say)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *args: object) -> None:
            """Quiet."""

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            told.asked.append((self.path, body))
            reply = told.say(self.path, body)
            try:
                _send(self, reply, body)
            except (BrokenPipeError, ConnectionResetError):
                return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    told.url = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()


def _send(handler: BaseHTTPRequestHandler, reply: Reply, body: Body) -> None:
    if reply.status != 200:
        text = json.dumps({"error": {"message": reply.text, "type": "invalid_request_error"}}).encode()
        handler.send_response(reply.status)
        for name, value in reply.headers:
            handler.send_header(name, value)
        handler.send_header("content-type", "application/json")
        handler.send_header("content-length", str(len(text)))
        handler.end_headers()
        handler.wfile.write(text)
        return
    handler.send_response(200)
    handler.send_header("content-type", "text/event-stream")
    handler.send_header("connection", "close")
    handler.end_headers()
    handler.close_connection = True
    for event in _events(reply, body, responses=handler.path.endswith("/responses")):
        handler.wfile.write(f"data: {event if isinstance(event, str) else json.dumps(event)}\n\n".encode())
        handler.wfile.flush()
        if reply.pause:
            time.sleep(reply.pause)


def _events(reply: Reply, body: Body, *, responses: bool) -> Iterator[Body | str]:
    size = max(1, -(-len(reply.text) // reply.pieces))
    parts = [reply.text[i : i + size] for i in range(0, len(reply.text), size)]
    while reply.endless:
        yield _chunk({"content": "and so on "})
    if responses:
        for part in parts:
            yield {
                "type": "response.output_text.delta",
                "delta": part,
                "item_id": "m",
                "output_index": 0,
                "content_index": 0,
                "sequence_number": 1,
                "logprobs": [],
            }
        return
    if reply.refusal:
        yield _chunk({"refusal": "I can't help with that."})
    tools = "tools" in body
    for part in parts:
        call = {"index": 0, "id": "c", "type": "function", "function": {"name": "reading", "arguments": part}}
        yield _chunk({"tool_calls": [call]} if tools else {"content": part})
        if reply.broken_off:
            return
    yield _chunk({}, finish=reply.finish)
    if reply.usage:
        yield {
            **_chunk({}),
            "choices": [],
            "usage": {"prompt_tokens": 900, "completion_tokens": 100, "total_tokens": 1000},
        }
    yield "[DONE]"


def _chunk(delta: Body, finish: str | None = None) -> Body:
    choice = {"index": 0, "delta": {"role": "assistant", **delta}, "finish_reason": finish}
    return {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
