"""Servers of every dialect, and every way in which one fails, over real HTTP on loopback."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from bi_chat.errors import LanguageModelError, ModelBusy, ModelStopped
from bi_chat.llms.openai import OpenAIServer
from bi_chat.values.exchange import ModelRequest
from tests.model_server import Body, Reply, model_server

REQUEST = ModelRequest("Read the question.", (("user", "revenue by month"),), '{"type":"object","properties":{}}')
SAID = '{"readings": []}'


def refuses(*names: str) -> Any:
    """A server that knows none of these parts of a request."""

    def say(path: str, body: Body) -> Reply:
        for name in names:
            if name in body or name in str(body.get("response_format", "")):
                return Reply(f"Unknown parameter: '{name}'.", status=400)
        return Reply(SAID)

    return say


def only_at(address: str) -> Any:
    """A server that has only one address."""
    return lambda path, body: Reply(SAID) if path.endswith(address) else Reply("no such path", status=404)


@pytest.mark.parametrize(
    ("say", "way"),
    [
        (refuses(), "schema"),
        (refuses("strict"), "schema without strict"),
        (refuses("temperature"), "schema without temperature"),
        (refuses("stream_options"), "schema without usage"),
        (refuses("max_tokens"), "schema without a limit"),
        (refuses("json_schema"), "tools"),
        (refuses("json_schema", "tools"), "object"),
        (refuses("response_format", "tools"), "plain"),
        (only_at("/responses"), "responses"),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_each_dialect_is_found_and_kept_to(say: Any, way: str) -> None:
    """What a server refused once is not sent to it again."""
    with model_server(say) as server:
        client = OpenAIServer(url=server.url, model="tiny")
        assert client.complete(REQUEST).text == SAID
        before = len(server.asked)
        assert client.complete(REQUEST).text == SAID
        assert len(server.asked) == before + 1


def test_where_the_server_does_not_hold_to_the_schema_the_model_reads_it() -> None:
    with model_server(refuses("response_format", "tools")) as server:
        OpenAIServer(url=server.url, model="tiny").complete(REQUEST)
        assert "JSON Schema" in server.prompts[-1]
        assert "JSON Schema" not in server.prompts[0]


def test_newer_models_get_their_own_name_for_the_limit() -> None:
    def say(path: str, body: Body) -> Reply:
        if "max_tokens" in body:
            return Reply("Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.", status=400)
        return Reply(SAID)

    with model_server(say) as server:
        OpenAIServer(url=server.url, model="tiny").complete(REQUEST)
        assert server.asked[-1][1]["max_completion_tokens"] == REQUEST.most_tokens


def test_tokens_are_the_servers_or_estimated() -> None:
    with model_server(lambda path, body: Reply(SAID)) as server:
        counted = OpenAIServer(url=server.url, model="tiny").complete(REQUEST)
    with model_server(lambda path, body: Reply(SAID, usage=False)) as server:
        estimated = OpenAIServer(url=server.url, model="tiny").complete(REQUEST)
    assert (counted.tokens_in, counted.tokens_out) == (900, 100)
    assert 0 < estimated.tokens_in < 50
    assert 0 < estimated.tokens_out < 50


@pytest.mark.parametrize(
    ("reply", "error", "said"),
    [
        (Reply("bad key sk-secret", status=401), LanguageModelError, "BI_CHAT_LLM_KEY"),
        (Reply("slow down", status=429), ModelBusy, "busy"),
        (Reply("overloaded", status=503), ModelBusy, "busy"),
        (Reply("there is no such model", status=404), LanguageModelError, "BI_CHAT_LLM_MODEL"),
        (Reply(refusal=True), LanguageModelError, "refused"),
        (Reply(SAID, finish="content_filter"), LanguageModelError, "refused"),
        (Reply(""), LanguageModelError, "empty"),
        (Reply(endless=True), LanguageModelError, "end"),
    ],
    ids=["key", "rate", "down", "model", "refusal", "filtered", "empty", "endless"],
)
def test_each_fault_is_told_in_a_sentence_without_what_was_sent(
    reply: Reply, error: type[LanguageModelError], said: str
) -> None:
    with model_server(lambda path, body: reply) as server, pytest.raises(error) as raised:
        OpenAIServer(url=server.url, model="tiny", key="sk-secret").complete(REQUEST)
    assert said in str(raised.value)
    assert "sk-secret" not in str(raised.value)


def test_how_long_to_wait_is_taken_from_the_server() -> None:
    busy = Reply(status=429, headers=(("retry-after", "7"),))
    with model_server(lambda path, body: busy) as server, pytest.raises(ModelBusy) as raised:
        OpenAIServer(url=server.url, model="tiny").complete(REQUEST)
    assert raised.value.wait == 7


def test_nobody_at_the_address() -> None:
    with pytest.raises(ModelBusy, match="can't be reached"):
        OpenAIServer(url="http://127.0.0.1:9/v1", model="tiny").complete(REQUEST)


def test_a_slow_drip_ends_when_the_time_is_up() -> None:
    """Each piece comes well within the time; all of them together don't."""
    with model_server(lambda path, body: Reply("x" * 60, pieces=60, pause=0.1)) as server:
        began = time.monotonic()
        with pytest.raises(ModelBusy, match="longer than"):
            OpenAIServer(url=server.url, model="tiny", timeout=0.6).complete(REQUEST)
    assert time.monotonic() - began < 3


def test_a_stopped_question_waits_for_no_reply() -> None:
    stop = threading.Event()
    threading.Timer(0.3, stop.set).start()
    with model_server(lambda path, body: Reply("x" * 200, pieces=200, pause=0.1)) as server:
        began = time.monotonic()
        with pytest.raises(ModelStopped):
            OpenAIServer(url=server.url, model="tiny").complete(REQUEST, stop=stop.is_set)
    assert time.monotonic() - began < 3
