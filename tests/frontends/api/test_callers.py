"""Who may call: keys, scopes, other people's conversations, too many requests, other sites' pages, broken requests."""

from __future__ import annotations

import json
import logging
import time
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from bi_chat.frontends.api.callers import Callers
from bi_chat.frontends.api.faults import ApiFault
from bi_chat.frontends.api.keys import KeyCheck, new_key
from bi_chat.frontends.api.limits import Mistakes, Rates
from bi_chat.frontends.api.tokens import TokenCheck
from bi_chat.settings import SignIn
from bi_chat.wiring import open_keys

JSON = {"Content-Type": "application/json"}


def code(reply: httpx.Response) -> tuple[int, str]:
    return reply.status_code, reply.json()["error"]["code"]


def test_the_policy_decides_what_a_key_s_owner_sees(shop):
    question = {"question": "revenue by month in 2024"}
    with shop.client(shop.key("mia")) as mia, shop.client(shop.key("li")) as li, shop.client(shop.key("ada")) as ada:
        cut, whole = (c.post("/v1/ask", json=question).json()["answer"]["result"]["rows"] for c in (mia, li))
        assert [r[0] for r in cut] == [r[0] for r in whole] and all(
            a[1] < b[1] for a, b in zip(cut, whole, strict=True)
        )
        assert ada.post("/v1/ask", json=question).json()["answer"]["status"] == "declined"
        names = {d["name"] for d in ada.get("/v1/model").json()["datasets"]}
        assert names == {"articles", "stock_weekly"} and "purchases" not in ada.get("/v1/model").text
        refused = ada.post("/v1/sql", json={"sql": "SELECT count(*) FROM purchases"}).json()["answer"]
        assert refused["status"] == "declined" and refused["result"] is None


def test_who_the_policy_doesn_t_know_sees_nothing(shop):
    with shop.client(shop.key("stranger")) as client:
        assert code(client.post("/v1/ask", json={"question": "revenue"})) == (403, "no_access")
        assert code(client.get("/v1/model")) == (403, "no_access")
        assert client.get("/v1/conversations").json() == {"conversations": []}


def test_a_conversation_is_its_owner_s_alone(shop):
    with shop.client(shop.key("mia")) as mia, shop.client(shop.key("jan")) as jan:
        made = mia.post("/v1/ask", json={"question": "revenue in 2024"}).json()["conversation"]
        one = f"/v1/conversations/{made}"
        assert made not in jan.get("/v1/conversations").text
        assert jan.get(one).status_code == jan.delete(one).status_code == 404
        assert jan.post("/v1/ask", json={"question": "by month", "conversation": made}).status_code == 404
        assert jan.post("/v1/sql", json={"sql": "SELECT 1", "conversation": made}).status_code == 404
        assert mia.get(one).status_code == 200


def test_without_a_right_key_there_is_nothing(shop):
    right = shop.key("mia")
    wrong = right[:-1] + ("A" if right[-1] != "A" else "B")
    for shown in ("", wrong, "bic_000000000000_" + "A" * 43, "letmein"):
        with shop.client(shown) as client:
            reply = client.get("/v1/model")
            assert code(reply) == (401, "unauthorized") and reply.headers["WWW-Authenticate"] == "Bearer"
            shop.api.callers._mistakes._made.clear()
    assert httpx.get(f"{shop.url}/v1/model", auth=("mia", right), trust_env=False).status_code == 401
    assert httpx.get(f"{shop.url}/healthz", trust_env=False).status_code == 200


def test_a_key_does_only_what_it_is_for(shop):
    with shop.client(shop.key("li", "ask")) as client:
        assert client.get("/v1/model").status_code == 200
        assert code(client.post("/v1/sql", json={"sql": "SELECT 1"})) == (403, "scope")
    with shop.client(shop.key("li", "sql")) as client:
        assert client.post("/v1/sql", json={"sql": "SELECT 1 AS one"}).status_code == 200
        assert code(client.post("/v1/ask", json={"question": "revenue"})) == (403, "scope")


def test_a_revoked_key_ends_at_once_and_an_old_one_in_time(shop):
    shown = shop.key("li")
    keys = open_keys(shop.settings)
    with shop.client(shown) as client:
        assert client.get("/v1/model").status_code == 200
        assert keys.revoke(shown.split("_")[1], datetime.now(UTC)) and not keys.revoke("nothing", datetime.now(UTC))
        assert client.get("/v1/model").status_code == 401
    with shop.client(shop.key("li", days=-1)) as client:
        assert client.get("/v1/model").status_code == 401
    keys.close()


def test_only_a_hash_of_a_key_is_kept(shop):
    shown = shop.key("li")
    secret = shown.rpartition("_")[2] if shown.count("_") == 2 else shown[17:]
    kept = b"".join(f.read_bytes() for f in shop.settings.state_dir.iterdir() if f.is_file())
    assert secret.encode() not in kept and b"$argon2id$" in kept


def test_the_audit_log_names_the_owner_and_the_door(shop):
    with shop.client(shop.key("jan")) as client:
        client.post("/v1/ask", json={"question": "how many orders were there in 2023?"})
    entry = [r.entry for r in shop.api.live.store.audit()][-1]
    assert (entry.user, entry.door, entry.decision) == ("jan", "api", "answered") and entry.scope
    assert shop.api.live.store.verify().broken is None


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[]", 400),
        (b'{"question": 7}', 400),
        (b'{"question": "   "}', 400),
        (b'{"question": "x", "user": "li"}', 400),
        (b'{"question": "x", "language": "xx"}', 400),
        (json.dumps({"question": "x" * 3_000}).encode(), 400),
        (b'{"question": "' + b"x" * 70_000 + b'"}', 413),
        (b"[" * 60_000, 400),
        (b'\xff\xfe{"question": "x"}', 400),
    ],
)
def test_broken_requests_are_told_what_to_send(shop, body, status):
    with shop.client(shop.key("li")) as client:
        reply = client.post("/v1/ask", content=body, headers=JSON)
    assert reply.status_code == status and reply.json()["error"]["message"] and "Traceback" not in reply.text


def test_a_form_of_another_site_is_not_read(shop):
    with shop.client(shop.key("li")) as client:
        reply = client.post("/v1/ask", content=b'{"question": "revenue"}', headers={"Content-Type": "text/plain"})
        assert code(reply) == (415, "not_json")
        assert code(client.options("/v1/ask")) == code(client.get("/v1/nothing")) == (404, "not_found")
        assert (
            "access-control-allow-origin" not in client.get("/v1/model", headers={"Origin": "https://a.test"}).headers
        )


def test_without_sign_in_only_this_machine_s_own_pages_are_answered(open_shop):
    with open_shop.client() as client:
        assert client.get("/v1/model").status_code == 200
        for header in (
            {"Host": "evil.test"},
            {"Origin": "https://evil.test"},
            {"Origin": "null"},
            {"Host": "127.0.0.1.evil.test"},
        ):
            assert code(client.get("/v1/model", headers=header)) == (403, "not_here")


def test_what_goes_wrong_inside_is_a_number_here_and_a_trace_in_the_log(open_shop, caplog, monkeypatch):
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("SELECT secret FROM vault")

    monkeypatch.setattr(open_shop.api.live, "conversations", broken)
    with caplog.at_level(logging.INFO, logger="bi_chat.api"), open_shop.client() as client:
        reply = client.get("/v1/conversations", headers={"X-Request-ID": "number-4711"})
    assert code(reply) == (500, "internal") and reply.json()["error"]["request"] == "number-4711"
    assert (
        "vault" not in reply.text and "vault" in caplog.text and "number-4711 GET /v1/conversations 500" in caplog.text
    )


def test_replies_are_not_kept_sniffed_or_framed(open_shop):
    with open_shop.client() as client:
        headers = client.get("/healthz", headers={"X-Request-ID": "a b\tc" * 30}).headers
    assert headers["Cache-Control"] == "no-store" and headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"] and "server" not in headers
    assert len(headers["X-Request-ID"]) == 16


# ------------------------------------------------------------------ limits, with a clock of our own
def test_a_bucket_fills_evenly():
    now = [0.0]
    rates = Rates(60, clock=lambda: now[0])
    assert [rates.wait("a") for _ in range(30)] == [0.0] * 30
    assert 0 < rates.wait("a") <= 1 and rates.wait("b") == 0
    now[0] += 1.0
    assert rates.wait("a") == 0 and rates.wait("a") > 0


def test_wrong_keys_wait_longer_and_longer():
    now = [0.0]
    mistakes = Mistakes(clock=lambda: now[0])
    waits = []
    for _ in range(16):
        waits.append(mistakes.wait("here"))
        mistakes.made("here")
    assert waits[:5] == [0.0] * 5 and waits[5:] == sorted(waits[5:]) and waits[-1] == 300
    assert mistakes.wait("elsewhere") == 0
    now[0] += 601
    mistakes.made("here")
    assert mistakes.wait("here") == 0


def test_a_known_key_goes_on_while_others_guess_from_its_address(shop):
    keys = open_keys(shop.settings)
    callers = Callers(KeyCheck(keys), None, local=None, per_minute=600)
    shown = f"Bearer {shop.key('mia')}"
    assert callers.of(shown, "198.51.100.7").user == "mia"
    for _ in range(7):
        with pytest.raises(ApiFault):
            callers.of("Bearer bic_123456789abc_" + "x" * 43, "198.51.100.7")
    with pytest.raises(ApiFault) as fault:
        callers.of(f"Bearer {shop.key('li')}", "198.51.100.7")
    assert (fault.value.status, fault.value.code) == (429, "too_many_mistakes") and fault.value.wait > 0
    assert callers.of(shown, "198.51.100.7").user == "mia"
    assert callers.of(f"Bearer {shop.key('li')}", "198.51.100.8").user == "li"
    keys.close()


def test_who_asks_too_often_waits(shop):
    keys = open_keys(shop.settings)
    callers = Callers(KeyCheck(keys), None, local=None, per_minute=6)
    shown = f"Bearer {shop.key('mia')}"
    for _ in range(3):
        callers.of(shown, "")
    with pytest.raises(ApiFault) as fault:
        callers.of(shown, "")
    assert fault.value.status == 429 and 0 < fault.value.wait <= 10
    keys.close()


def test_an_unknown_prefix_takes_as_long_as_a_wrong_key(shop):
    keys = open_keys(shop.settings)
    check, now = KeyCheck(keys), datetime.now(UTC)
    shown = shop.key("mia")

    def took(key: str) -> float:
        began = time.perf_counter()
        assert check.owner(key, now) is None
        return time.perf_counter() - began

    took("bic_" + shown[4:16] + "_" + "A" * 43)
    assert took("bic_000000000000_" + "A" * 43) > 0.003  # a hash was computed: nothing else takes that long
    assert new_key("mia", ("ask",), now, now + timedelta(1))[0] != new_key("mia", ("ask",), now, None)[0]
    keys.close()


def test_while_the_provider_can_not_be_reached_nobody_has_made_a_mistake():
    nowhere = SignIn("http://127.0.0.1:9/.well-known/openid-configuration", "bi_chat", "s3cret")
    callers = Callers(None, TokenCheck(nowhere), local=None, per_minute=600)
    for _ in range(8):
        with pytest.raises(ApiFault) as fault:
            callers.of("Bearer a.b.c", "198.51.100.9")
        assert (fault.value.status, fault.value.code) == (503, "provider")
