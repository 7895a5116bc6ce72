"""Questions by HTTP: the same answers as from Python, in conversations that are one's own."""

from __future__ import annotations

import json
import threading
import time

import httpx
import pytest

from bi_chat.frontends.api.routes import ELSE, _openapi, routes
from bi_chat.frontends.open_data import open_data

SLOW = "SELECT count(*) FROM range(200000) a(x), range(100000) b(y) WHERE (x * y) % 7 = 3"


def without_times(answer: dict) -> dict:
    """What two answers to one question have in common."""
    kept = {k: v for k, v in answer.items() if k != "timings"}
    return {**kept, "result": {**(kept["result"] or {}), "seconds": 0, "as_of": ""}}


def test_answers_are_those_of_the_library(open_shop):
    questions = ["revenue by month in 2024", "only Germany", "turnover per wibbly", "2024年各产品组的销售额"]
    opened = open_data("teahouse", settings=open_shop.settings)
    session, conversation = opened.session(), None
    with open_shop.client() as client:
        for question in questions:
            body = {"question": question, "conversation": conversation}
            reply = client.post("/v1/ask", json=body)
            assert reply.status_code == 200
            conversation = reply.json()["conversation"]
            assert without_times(reply.json()["answer"]) == without_times(json.loads(session.ask(question).to_json()))
    opened.connection.close()


def test_a_conversation_is_listed_read_and_deleted(open_shop):
    with open_shop.client() as client:
        made = client.post("/v1/ask", json={"question": "orders by month in 2024"}).json()
        one = f"/v1/conversations/{made['conversation']}"
        assert made["conversation"] in [c["id"] for c in client.get("/v1/conversations").json()["conversations"]]
        assert client.get("/v1/conversations?containing=nowhere").json()["conversations"] == []
        turns = client.get(one).json()["turns"]
        assert [t["question"] for t in turns] == ["orders by month in 2024"] and turns[0]["text"]
        assert client.delete(one).json() == {"deleted": True}
        assert client.get(one).status_code == client.delete(one).status_code == 404
        again = client.post("/v1/ask", json={"question": "by shop", "conversation": made["conversation"]})
        assert again.status_code == 404


def test_a_conversation_goes_on_after_a_restart(open_shop):
    with open_shop.client() as client:
        made = client.post("/v1/ask", json={"question": "revenue by month in 2024"}).json()
        open_shop.api.live._kept.clear()
        body = {"question": "by product group", "conversation": made["conversation"]}
        answer = client.post("/v1/ask", json=body).json()["answer"]
    assert answer["status"] == "answered" and len(answer["result"]["columns"]) == 3


def test_the_day_comes_with_the_question(open_shop):
    with open_shop.client() as client:
        body = {"question": "revenue last month", "today": "2024-07-10"}
        assert "2024" in client.post("/v1/ask", json=body).json()["answer"]["restatement"]
        assert client.post("/v1/ask", json={**body, "today": "soon"}).status_code == 400


def test_own_sql_passes_the_guard(open_shop):
    with open_shop.client() as client:
        made = client.post("/v1/sql", json={"sql": "SELECT 6 * 7 AS n"}).json()["answer"]
        assert made["result"]["rows"] == [[42]]
        for sql in ("DROP TABLE purchases", "SELECT * FROM read_csv('/etc/passwd')", "SELECT 1; SELECT 2"):
            refused = client.post("/v1/sql", json={"sql": sql}).json()["answer"]
            assert refused["status"] == "declined" and refused["issues"][0]["code"] == "refused_sql"


def test_the_model_says_what_may_be_asked(open_shop):
    with open_shop.client() as client:
        made = client.get("/v1/model?language=zh").json()
        assert "revenue" in [m["name"] for m in made["metrics"]] and made["questions"]
        answer = client.post("/v1/ask", json={"question": made["questions"][0]}).json()["answer"]
        assert answer["status"] == "answered"
        assert client.get("/v1/model?language=xx").status_code == 400


def test_stages_come_as_events(open_shop):
    found = []
    with (
        open_shop.client() as client,
        client.stream(
            "POST", "/v1/ask", json={"question": "revenue by month in 2024"}, headers={"Accept": "text/event-stream"}
        ) as reply,
    ):
        assert reply.headers["content-type"].startswith("text/event-stream")
        lines = list(reply.iter_lines())
        found = [line.removeprefix("event: ") for line in lines if line.startswith("event: ")]
    assert found[0] == "stage" and found[-1] == "answer" and "stage" not in found[-1:]
    answer = json.loads(next(line for line in reversed(lines) if line.startswith("data: "))[6:])
    assert answer["answer"]["status"] == "answered" and answer["conversation"]


def test_a_fault_in_a_stream_is_an_event_too(open_shop):
    headers = {"Accept": "text/event-stream"}
    with open_shop.client() as client:
        said = client.post("/v1/ask", json={"question": " "}, headers=headers).text
    assert said.startswith("event: error") and "bad_request" in said


def test_a_running_request_is_cancelled_by_its_number(open_shop):
    replies = []

    def ask() -> None:
        with open_shop.client() as client:
            replies.append(client.post("/v1/sql", json={"sql": SLOW}, headers={"X-Request-ID": "slow-one-1"}))

    thread = threading.Thread(target=ask)
    thread.start()
    with open_shop.client() as client:
        while client.post("/v1/requests/slow-one-1/cancel", json={}).status_code == 404:
            time.sleep(0.1)
        began = time.monotonic()
        while thread.is_alive() and time.monotonic() - began < 10:  # an engine that had not begun yet hears it again
            client.post("/v1/requests/slow-one-1/cancel", json={})
            time.sleep(0.2)
    thread.join()
    assert replies[0].json()["answer"]["issues"][0]["code"] == "cancelled"
    assert replies[0].headers["X-Request-ID"] == "slow-one-1"


def test_who_hangs_up_stops_the_query(open_shop):
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(f"{open_shop.url}/v1/sql", json={"sql": SLOW}, timeout=1.5, trust_env=False)
    began = time.monotonic()
    while open_shop.api.live._running and time.monotonic() - began < 10:
        time.sleep(0.1)
    assert not open_shop.api.live._running and time.monotonic() - began < 5


def test_one_question_at_a_time_in_a_conversation(open_shop):
    with open_shop.client() as client:
        made = client.post("/v1/sql", json={"sql": "SELECT 1 AS one"}).json()["conversation"]
        open_shop.api.live._kept["local", made].lock.acquire()
        busy = client.post("/v1/ask", json={"question": "revenue", "conversation": made})
        open_shop.api.live._kept["local", made].lock.release()
    assert busy.status_code == 409 and busy.json()["error"]["code"] == "busy"


def test_the_description_names_every_route(open_shop):
    described = {(path, m.upper()) for path, item in json.loads(_openapi())["paths"].items() for m in item}
    served = {(r.path, m) for r in routes(open_shop.api) for m in r.methods if m != "HEAD" and r.path != ELSE}
    assert {d for d in described if d[1] != "PARAMETERS"} == served
    with open_shop.client() as client:
        assert client.get("/v1/openapi.json").json()["openapi"].startswith("3.")
        assert client.get("/healthz").json() == {"status": "ok"}
