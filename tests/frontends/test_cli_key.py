"""Keys of the HTTP API from the command line, and where a server refuses to start."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bi_chat.errors import SettingsError
from bi_chat.frontends.cli import main
from bi_chat.frontends.serving import check_web, is_here, is_safe, who
from bi_chat.settings import Settings, SignIn, load_settings
from bi_chat.wiring import open_store

STRONG = "V7h-q2Lx_90RtZ4m"
SIGN_IN = SignIn("https://id.example.org/.well-known/openid-configuration", "bi_chat", STRONG)


@pytest.fixture(autouse=True)
def own_state(tmp_path, monkeypatch):
    monkeypatch.setenv("BI_CHAT_STATE_DIR", str(tmp_path / "state"))


def test_a_key_is_shown_once_listed_and_revoked(capsys):
    assert main(["key", "new", "--user", "mia", "--scope", "ask", "--expires", "7d"]) == 0
    shown = capsys.readouterr().out.strip()
    assert shown.startswith("bic_") and len(shown) == 60
    assert main(["key", "list"]) == 0
    listed = capsys.readouterr().out
    assert shown[:16] in listed and shown not in listed and "mia" in listed and "valid" in listed
    assert main(["key", "revoke", shown]) == 0 and main(["key", "revoke", shown]) == 1
    capsys.readouterr()
    main(["key", "list"])
    assert "revoked" in capsys.readouterr().out


def test_making_and_ending_keys_is_audited(capsys):
    main(["key", "new", "--user", "mia"])
    shown = capsys.readouterr().out.strip()
    main(["key", "revoke", shown[:16]])
    store = open_store(load_settings())
    entries = [r.entry for r in store.audit()]
    assert [e.decision for e in entries] == ["key made", "key revoked"] and shown[17:] not in repr(entries)
    store.close()


@pytest.mark.parametrize(
    "arguments",
    [["--scope", "all"], ["--scope", ""], ["--expires", "soon"], ["--expires", "0d"], ["--user", " "]],
)
def test_a_wrong_key_is_not_made(arguments, capsys):
    assert main(["key", "new", "--user", "mia", *arguments]) == 2
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("command", ["api", "serve"])
def test_a_server_for_others_needs_to_know_who_they_are(command, capsys):
    assert main([command, "--host", "0.0.0.0", "--port", "1"]) == 2
    said = capsys.readouterr().err
    assert "sign-in" in said and "127.0.0.1" in said


def test_half_a_sign_in_is_refused(monkeypatch, capsys):
    monkeypatch.setenv("BI_CHAT_OIDC_CLIENT", "bi_chat")
    assert main(["api"]) == 2
    assert "BI_CHAT_OIDC_SECRET" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("url", "policy", "lacks"),
    [
        ("", "policy.yaml", "BI_CHAT_URL"),
        ("http://data.example.org", "policy.yaml", "https"),
        ("https://d.test", None, "--policy"),
    ],
)
def test_sign_in_needs_a_policy_and_a_safe_address(tmp_path, url, policy, lacks):
    settings = Settings(cache_dir=tmp_path, url=url, sign_in=SIGN_IN)
    with pytest.raises(Exception, match=lacks):
        check_web("0.0.0.0", settings, policy)
    check_web("0.0.0.0", Settings(cache_dir=tmp_path, url="https://d.test", sign_in=SIGN_IN), "policy.yaml")


@pytest.mark.parametrize(
    "secret", ["short1!", "changeme-changeme-1", "aaaaaaaaaaaaaaaaaaaaaaaa", "my-Secret-0123456789"]
)
def test_a_secret_that_can_be_guessed_opens_no_server(tmp_path, secret):
    weak = Settings(cache_dir=tmp_path, url="https://d.test", sign_in=replace(SIGN_IN, secret=secret))
    with pytest.raises(SettingsError, match="BI_CHAT_OIDC_SECRET"):
        check_web("0.0.0.0", weak, "policy.yaml")
    check_web("127.0.0.1", weak, "policy.yaml")


def test_what_is_this_machine_and_what_is_safe():
    assert all(map(is_here, ("127.0.0.1", "::1", "localhost", "127.8.8.8")))
    assert not any(map(is_here, ("0.0.0.0", "::", "192.168.1.4", "example.org", "localhost.example.org")))
    assert is_safe("https://a.test/x") and is_safe("http://127.0.0.1:80/")
    assert not is_safe("http://127.0.0.1.evil.test/") and not is_safe("ftp://127.0.0.1") and not is_safe("")


def test_an_address_that_the_provider_doesn_t_vouch_for_is_nobody():
    assert who({"email": "a@b.test", "email_verified": True}, "email") == "a@b.test"
    assert who({"email": "a@b.test"}, "email") is None
    assert who({"email": "a@b.test", "email_verified": "true"}, "email") is None
    assert who({"sub": "7"}, "sub") == "7" and who({"sub": 7}, "sub") is None and who({}, "sub") is None
