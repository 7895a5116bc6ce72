"""In: a request. Out: the reply of any server that speaks as OpenAI's does: the openai library's adapter.

Example: one server takes a strict schema, the next only tool calls, a third plain text, a fourth another address
altogether. Difficulty: none says so before it is asked, and what one refuses the other needs. Rule: ask in the richest
way first, step down when it is refused, and go on in the way that worked. The reply is read as it streams, so that
slow, endless or unwanted ones end in time.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event, Lock, Thread
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bi_chat.errors import LanguageModelError, ModelBusy, ModelStopped
from bi_chat.values.exchange import ModelReply, ModelRequest, estimate

if TYPE_CHECKING:
    import openai

MOST_CHARACTERS = 60_000
LOOK_EVERY = 0.1
WAYS = ("schema", "tools", "object", "plain", "responses")
_OPTIONAL = ("temperature", "stream_options", "max_tokens", "max_completion_tokens", "strict")


@dataclass(slots=True)
class _Heard:
    """What has come so far."""

    parts: list[str] = field(default_factory=list)
    refused: bool = False
    tokens: tuple[int, int] | None = None

    @property
    def text(self) -> str:
        return "".join(self.parts)


class OpenAIServer:
    """One model of one server. `timeout` bounds a whole reply, in seconds, however slowly it drips."""

    def __init__(self, *, url: str, model: str, key: str = "", timeout: float = 30.0) -> None:
        self._url, self._model, self._key, self._timeout = url, model, key, timeout
        self._client: openai.OpenAI | None = None
        self._lock = Lock()
        self._way = 0
        self._without: frozenset[str] = frozenset({"max_completion_tokens"})

    @property
    def name(self) -> str:
        """The model, as its server calls it."""
        return self._model

    @property
    def server(self) -> str:
        """Host and port."""
        return urlsplit(self._url).netloc or "api.openai.com"

    def complete(self, request: ModelRequest, *, user: str = "", stop: Callable[[], bool] | None = None) -> ModelReply:
        """The reply. Raises ModelBusy, ModelStopped or LanguageModelError."""
        import openai

        until = monotonic() + self._timeout
        for _ in range(len(WAYS) + len(_OPTIONAL)):
            way = WAYS[self._way]
            try:
                heard = self._heard(request, way, until, stop)
            except openai.APIStatusError as error:
                self._refused(error)
                continue
            except (openai.APIConnectionError, openai.APITimeoutError):
                raise ModelBusy(f"The model server {self.server} can't be reached.") from None
            except openai.OpenAIError:
                raise LanguageModelError(f"The model server {self.server} sent nothing that can be read.") from None
            if heard.refused:
                raise LanguageModelError(f"{self._model} refused to answer.")
            if heard.text.strip():
                return _reply(request, heard)
            if not self._next_way():
                break
        raise LanguageModelError(f"The model server {self.server} gave an empty reply.")

    def _refused(self, error: openai.APIStatusError) -> None:
        """Go on in another way, or raise: the key, the rate and the server's own trouble are no matter of ways."""
        status = error.status_code
        if status in (401, 403):
            raise LanguageModelError(f"The model server {self.server} refused the key (BI_CHAT_LLM_KEY).") from None
        if status in (408, 409, 429) or status >= 500:
            wait = _seconds(error.response.headers.get("retry-after"))
            raise ModelBusy(f"The model server {self.server} is busy ({status}).", wait=wait) from None
        said = str(error.body or error.message).lower()
        if "max_completion_tokens" in said and "max_completion_tokens" in self._without:
            self._without = self._without - {"max_completion_tokens"} | {"max_tokens"}
            return
        for name in _OPTIONAL:
            if name in said and name not in self._without:
                self._without |= {name}
                return
        if not self._next_way():
            raise LanguageModelError(
                f"The model server {self.server} takes no request for {self._model} ({status}). "
                "See BI_CHAT_LLM_URL and BI_CHAT_LLM_MODEL."
            ) from None

    def _next_way(self) -> bool:
        if self._way + 1 >= len(WAYS):
            self._way = 0
            return False
        self._way += 1
        return True

    def _heard(self, request: ModelRequest, way: str, until: float, stop: Callable[[], bool] | None) -> _Heard:
        """Listens until the reply ends, the time is up or nobody wants it any more."""
        stream = self._opened(request, way, until)
        heard, over = _Heard(), Event()
        watch = Thread(target=_close_in_time, args=(stream, over, until, stop), daemon=True)
        watch.start()
        try:
            for event in stream:
                _take(event, heard)
                if len(heard.text) > MOST_CHARACTERS:
                    raise LanguageModelError(f"{self._model} did not come to an end.")
        except LanguageModelError:
            raise
        except Exception:
            # closed by the watch, or by the server in the middle of a word
            if not (stop is not None and stop()) and monotonic() < until:
                raise ModelBusy(f"The model server {self.server} broke off.") from None
        finally:
            over.set()
            with suppress(Exception):
                stream.close()
        if stop is not None and stop():
            raise ModelStopped("Stopped.")
        if monotonic() >= until:
            raise ModelBusy(f"{self._model} took longer than {self._timeout:g} s.")
        return heard

    def _opened(self, request: ModelRequest, way: str, until: float) -> Any:
        client = self._connected()
        left = max(0.1, until - monotonic())
        messages: list[Any] = [{"role": "system", "content": _instructions(request, way)}]
        messages += [{"role": role, "content": text} for role, text in request.said]
        schema = json.loads(request.schema)
        if way == "responses":
            return client.responses.create(model=self._model, input=messages, stream=True, timeout=left)
        body: dict[str, Any] = {
            "temperature": 0,
            "max_tokens": request.most_tokens,
            "max_completion_tokens": request.most_tokens,
            "stream_options": {"include_usage": True},
        }
        body = {k: v for k, v in body.items() if k not in self._without}
        strict = {} if "strict" in self._without else {"strict": True}
        if way == "schema":
            shape = {"name": "reading", "schema": schema, **strict}
            body["response_format"] = {"type": "json_schema", "json_schema": shape}
        elif way == "object":
            body["response_format"] = {"type": "json_object"}
        elif way == "tools":
            function = {"name": "reading", "description": "How the question reads.", "parameters": schema}
            body["tools"] = [{"type": "function", "function": function}]
            body["tool_choice"] = {"type": "function", "function": {"name": "reading"}}
        return client.chat.completions.create(model=self._model, messages=messages, stream=True, timeout=left, **body)

    def _connected(self) -> openai.OpenAI:
        """One client, made when it is first needed: without a key the library refuses to make any."""
        import openai

        with self._lock:
            if self._client is None:
                key = self._key or "none"
                self._client = openai.OpenAI(base_url=self._url or None, api_key=key, max_retries=0)
            return self._client


def _close_in_time(stream: Any, over: Event, until: float, stop: Callable[[], bool] | None) -> None:
    while not over.wait(LOOK_EVERY):
        if monotonic() >= until or (stop is not None and stop()):
            with suppress(Exception):
                stream.response.close()
            return


def _take(event: Any, heard: _Heard) -> None:
    """A piece of the stream, of either address."""
    kind = getattr(event, "type", "")
    if kind.startswith("response."):
        if kind == "response.output_text.delta":
            heard.parts.append(event.delta)
        heard.refused = heard.refused or kind.startswith("response.refusal")
        usage = getattr(getattr(event, "response", None), "usage", None)
        if usage is not None:
            heard.tokens = (usage.input_tokens, usage.output_tokens)
        return
    usage = getattr(event, "usage", None)
    if usage is not None:
        heard.tokens = (usage.prompt_tokens or 0, usage.completion_tokens or 0)
    for choice in event.choices or ():
        delta = choice.delta
        heard.refused = (
            heard.refused or bool(getattr(delta, "refusal", None)) or choice.finish_reason == "content_filter"
        )
        heard.parts.extend(_pieces(delta))


def _pieces(delta: Any) -> Iterator[str]:
    if delta.content:
        yield delta.content
    for call in delta.tool_calls or ():
        if call.function is not None and call.function.arguments:
            yield call.function.arguments


def _instructions(request: ModelRequest, way: str) -> str:
    """Where the server doesn't hold the reply to the schema, the model reads it."""
    if way in ("schema", "tools"):
        return request.instructions
    return (
        f"{request.instructions}\n\nReply with one JSON object and nothing else, of this JSON Schema:\n{request.schema}"
    )


def _reply(request: ModelRequest, heard: _Heard) -> ModelReply:
    tokens = heard.tokens or (estimate(request.instructions, *(t for _, t in request.said)), estimate(heard.text))
    return ModelReply(heard.text, *tokens)


def _seconds(text: str | None) -> float | None:
    try:
        return max(0.0, float(text)) if text else None
    except ValueError:
        return None
