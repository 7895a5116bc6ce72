"""In: the open data, the store, who may call. Out: the routes of the API, alone or beside the web app."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache, partial
from importlib import resources

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bi_chat.conversation.session import Session
from bi_chat.frontends.api.bodies import asked, own_sql
from bi_chat.frontends.api.callers import Callers
from bi_chat.frontends.api.doors import Call, Door, Work
from bi_chat.frontends.api.faults import bad, not_found
from bi_chat.frontends.api.live import DOOR, LiveSessions
from bi_chat.frontends.api.views import of_answer, of_conversations, of_model, of_turns
from bi_chat.narration.pack import LANGUAGES
from bi_chat.values.identity import ASK, SQL

ELSE = "/v1/{rest:path}"
Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Api:
    """What every route needs."""

    live: LiveSessions
    callers: Callers

    def close(self) -> None:
        """Free the data and the store."""
        self.live.close()
        if self.live.store is not None:
            self.live.store.close()


def routes(api: Api) -> list[BaseRoute]:
    """All of them; `openapi.yaml` describes each."""
    live = api.live

    def door(work: Work, *, scope: str | None, streams: bool = False) -> Endpoint:
        return Door(work, api.callers, scope=scope, streams=streams).reply

    one = "/v1/conversations/{conversation}"
    return [
        Route("/v1/ask", door(partial(_ask, live), scope=ASK, streams=True), methods=["POST"]),
        Route("/v1/sql", door(partial(_sql, live), scope=SQL, streams=True), methods=["POST"]),
        Route("/v1/model", door(partial(_model, live), scope=ASK), methods=["GET"]),
        Route("/v1/conversations", door(partial(_conversations, live), scope=ASK), methods=["GET"]),
        Route(one, door(partial(_turns, live), scope=ASK), methods=["GET"]),
        Route(one, door(partial(_delete, live), scope=ASK), methods=["DELETE"]),
        Route("/v1/requests/{request}/cancel", door(partial(_cancel, live), scope=ASK), methods=["POST"]),
        Route("/v1/openapi.json", door(lambda _: _openapi(), scope=None), methods=["GET"]),
        Route("/healthz", door(lambda _: '{"status": "ok"}', scope=None), methods=["GET"]),
        Route(ELSE, door(_nothing, scope=None), methods=["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]),
    ]


def _ask(live: LiveSessions, call: Call) -> str:
    body = asked(call.body)
    with live.one(call.caller.user, body.conversation, call.request) as session:
        call.stop = session.cancel
        made = session.ask(body.question, asked_at=body.today, language=body.language, progress=call.progress)
        return of_answer(made, session.conversation)


def _sql(live: LiveSessions, call: Call) -> str:
    body = own_sql(call.body)
    with live.one(call.caller.user, body.conversation, call.request) as session:
        call.stop = session.cancel
        return of_answer(session.sql(body.sql, progress=call.progress), session.conversation)


def _model(live: LiveSessions, call: Call) -> str:
    language = call.query.get("language", LANGUAGES[0])
    if language not in LANGUAGES:
        raise bad(f"The language is one of {', '.join(LANGUAGES)}.")
    session = _session(live, call)
    return of_model(session.model, session.starters(language))


def _conversations(live: LiveSessions, call: Call) -> str:
    return of_conversations(live.conversations(call.caller.user, call.query.get("containing", "")))


def _turns(live: LiveSessions, call: Call) -> str:
    found = live.conversation(call.caller.user, call.path["conversation"])
    return of_turns(found, _session(live, call).resume(found))


def _delete(live: LiveSessions, call: Call) -> str:
    live.delete(call.caller.user, call.path["conversation"])
    return '{"deleted": true}'


def _cancel(live: LiveSessions, call: Call) -> str:
    if not live.cancel(call.caller.user, call.path["request"]):
        raise not_found("running request of yours")
    return '{"cancelled": true}'


def _nothing(call: Call) -> str:
    raise not_found("route with that method")


def _session(live: LiveSessions, call: Call) -> Session:
    """One to look with: nothing is asked in it."""
    return live.data().session(user=call.caller.user, store=live.store, door=DOOR)


@cache
def _openapi() -> str:
    import yaml

    text = resources.files("bi_chat.frontends.api").joinpath("openapi.yaml").read_text(encoding="utf-8")
    return json.dumps(yaml.safe_load(text), ensure_ascii=False)
