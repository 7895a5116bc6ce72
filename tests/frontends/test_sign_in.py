"""`bi-chat serve` as it is run: sign-in at a provider on this machine, in a real browser, and its tokens at the API."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import httpx
import pytest

pytest.importorskip("streamlit", reason="streamlit is missing: the web extra is not installed")
pytest.importorskip("authlib", reason="Authlib is missing: the signin extra is not installed")

from cryptography.hazmat.primitives.asymmetric import rsa

from bi_chat.frontends.sample_data import FOLDER
from bi_chat.frontends.web.server import COOKIE_SECRET

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
pytestmark = [
    pytest.mark.skipif(not FOLDER.is_dir(), reason="the sample data lie only in a clone"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def module(name: str, file: Path):
    spec = spec_from_file_location(name, file)
    assert spec is not None and spec.loader is not None
    found = module_from_spec(spec)
    sys.modules[name] = found
    spec.loader.exec_module(found)
    return found


provider_file = module("provider", Path(__file__).with_name("provider.py"))


@pytest.fixture(scope="module")
def provider():
    made = provider_file.Provider({"email": "mia@shop.test", "email_verified": True})
    server = made.serve()
    yield made
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def state(tmp_path_factory):
    return tmp_path_factory.mktemp("state")


@pytest.fixture(scope="module")
def served(provider, state, tmp_path_factory):
    """The sample shop, whose policy knows people by their addresses."""
    policy = tmp_path_factory.mktemp("policy") / "policy.yaml"
    text = (FOLDER / "teahouse" / "policy.yaml").read_text("utf-8")
    policy.write_text(text.replace("  mia: {", "  mia@shop.test: {"), "utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    given = {
        "BI_CHAT_OIDC_METADATA": provider.metadata,
        "BI_CHAT_OIDC_CLIENT": provider_file.CLIENT,
        "BI_CHAT_OIDC_SECRET": provider_file.SECRET,
        "BI_CHAT_URL": url,
        "BI_CHAT_STATE_DIR": str(state),
        "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
    }
    command = [sys.executable, "-m", "bi_chat", "serve", "--policy", str(policy), "--port", str(port)]
    log = state / "log"
    with log.open("wb") as out:
        server = subprocess.Popen(command, env={**os.environ, **given}, stdout=out, stderr=out, cwd=state)
    for _ in range(150):
        try:
            httpx.get(f"{url}/healthz", trust_env=False).raise_for_status()
            break
        except httpx.HTTPError:
            assert server.poll() is None, log.read_text("utf-8")
            time.sleep(0.2)
    yield url
    server.terminate()
    server.wait(20)


@pytest.fixture(scope="module")
def browser():
    play = pytest.importorskip("playwright.sync_api", reason="playwright is missing")
    if not Path(CHROMIUM).exists():
        pytest.skip("there is no Chromium (CHROMIUM names it)")
    pictures = module("pictures", ROOT / "examples" / "pictures.py")
    with play.sync_playwright() as run:
        made = run.chromium.launch(executable_path=CHROMIUM, args=pictures.ARGS)
        yield made
        made.close()


@pytest.fixture
def page(browser):
    """Complains about whatever the page's own rules keep it from loading."""
    context = browser.new_context(locale="en-GB")
    made = context.new_page()
    made.said = []
    made.on("console", lambda m: made.said.append(m.text) if "Content Security Policy" in m.text else None)
    yield made
    context.close()


def signed_in(page, url: str) -> None:
    page.goto(url)
    page.get_by_role("button", name="Sign in").click()


@pytest.mark.browser
def test_whoever_signs_in_sees_what_the_policy_gives_them(page, served, provider, state):
    provider.claims = {"email": "mia@shop.test", "email_verified": True}
    page.goto(served)
    page.get_by_text("Sign in to ask questions").wait_for(timeout=60_000)
    assert "Revenue" not in page.inner_text("body") and not page.get_by_test_id("stChatInput").count()
    page.get_by_role("button", name="Sign in").click()
    page.get_by_text("What would you like to know?").wait_for(timeout=60_000)
    page.get_by_test_id("stChatInputTextArea").fill("revenue by month in 2024")
    page.keyboard.press("Enter")
    page.locator(".st-key-card-1 .bi-headline").wait_for(timeout=60_000)
    page.locator('.st-key-card-1 [data-testid="stPlotlyChart"] .main-svg').first.wait_for(timeout=60_000)
    page.get_by_role("tab", name="Table").click()
    page.locator(".st-key-card-1 canvas").first.wait_for(timeout=60_000)
    assert page.said == [] and "mia@shop.test" in page.inner_text("body")
    kept = {c["name"]: c for c in page.context.cookies()}
    assert kept["_streamlit_user"]["httpOnly"] and kept["_streamlit_user"]["sameSite"] == "Lax"
    assert (state / COOKIE_SECRET).stat().st_mode & 0o77 == 0
    page.get_by_role("button", name="Sign out").click()
    page.get_by_text("Sign in to ask questions").wait_for(timeout=60_000)


@pytest.mark.browser
@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"email": "eve@else.test", "email_verified": True}, "gives you nothing to see"),
        ({"email": "mia@shop.test", "email_verified": False}, "doesn't say who you are"),
        ({"email": "mia@shop.test", "email_verified": True, "iat": 1_700_000_000}, "sign in again"),
    ],
)
def test_whom_the_policy_doesn_t_know_gets_no_further(page, served, provider, claims, said):
    provider.claims = claims
    signed_in(page, served)
    page.get_by_text(said).wait_for(timeout=60_000)
    assert not page.get_by_test_id("stChatInput").count() and not page.get_by_test_id("stFileUploader").count()


def test_a_token_of_the_provider_is_taken_by_the_api(served, provider):
    provider.claims = {"email": "mia@shop.test", "email_verified": True}
    reply = asked(served, provider.token())
    assert reply.status_code == 200 and reply.json()["answer"]["status"] == "answered"


def test_a_token_that_is_not_right_in_all_respects_is_not(served, provider):
    provider.claims = {"email": "mia@shop.test", "email_verified": True}
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = provider.keys()["keys"][0]["n"]
    wrong = (
        provider.token(audience="another"),
        provider.token(iss="https://elsewhere.test"),
        provider.token(exp=int(time.time()) - 60),
        provider.token(key=other),
        provider.token(key=public, algorithm="HS256"),
    )
    assert [asked(served, token).status_code for token in wrong] == [401] * 5


def test_without_a_token_nothing_is_answered_even_on_this_machine(served):
    assert httpx.get(f"{served}/v1/model", trust_env=False).status_code == 401


def test_every_reply_keeps_other_sites_out(served):
    headers = httpx.get(served, trust_env=False).headers
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff" and headers["Referrer-Policy"] == "same-origin"


def asked(url: str, token: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.post(
        f"{url}/v1/ask", json={"question": "revenue in 2024"}, headers=headers, timeout=60, trust_env=False
    )
