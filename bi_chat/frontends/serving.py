"""In: an address to serve at, the settings, whether there are keys. Out: whether that is safe, or what is missing."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

from bi_chat.errors import SettingsError
from bi_chat.settings import Settings

HERE = frozenset({"127.0.0.1", "localhost", "::1"})
_LEAST, _DIFFERENT = 16, 8
_USUAL = ("secret", "password", "changeme", "change-me", "example", "default", "test", "your-")


def is_here(host: str) -> bool:
    """Whether an address is this machine's alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_safe(address: str) -> bool:
    """Whether what is sent to an address can be read by nobody on the way: https, or this machine."""
    found = urlsplit(address)
    return bool(found.hostname) and (found.scheme == "https" or (found.scheme == "http" and found.hostname in HERE))


def who(claims: Mapping[str, object], claim: str) -> str | None:
    """The name in the claim. An address counts only where the provider says that it belongs to who signed in."""
    found = claims.get(claim)
    if not isinstance(found, str) or not found:
        return None
    return None if claim == "email" and claims.get("email_verified") is not True else found


def check_web(host: str, settings: Settings, policy: str | None) -> None:
    """Raises SettingsError where the web app would show data to whoever finds it."""
    if settings.sign_in is None:
        if not is_here(host):
            raise SettingsError(
                f"On {host} everybody who finds the web app would see the data. Set up sign-in (BI_CHAT_OIDC_…, see "
                "docs/api.md), or serve the API alone with `bi-chat api`, or stay at --host 127.0.0.1."
            )
        return
    _check_secret(host, settings.sign_in.secret)
    if not policy:
        raise SettingsError("Sign-in tells who somebody is; what they may see stands in a policy. Add --policy FILE.")
    if not is_safe(settings.url):
        raise SettingsError(
            "Set BI_CHAT_URL to the address at which people reach the web app, such as https://data.example.org: the "
            "sign-in leads back there. Without https only this machine's own address is allowed."
        )


def _check_secret(host: str, secret: str) -> None:
    """Whoever guesses the client's secret signs in as anybody. Raises SettingsError where that is easy."""
    usual = any(word in secret.lower() for word in _USUAL)
    if not is_here(host) and (len(secret) < _LEAST or len(set(secret)) < _DIFFERENT or usual):
        raise SettingsError(
            "BI_CHAT_OIDC_SECRET is one that can be guessed. Let the provider make a new one for this client: at least "
            f"{_LEAST} characters at random."
        )


def check_api(host: str, settings: Settings, *, keys: bool) -> None:
    """Raises SettingsError where the API would answer whoever finds it."""
    if not is_here(host) and settings.sign_in is None and not keys:
        raise SettingsError(
            f"On {host} nobody could show who they are. Make a key first, `bi-chat key new --user NAME`, or set up "
            "sign-in (BI_CHAT_OIDC_…, see docs/api.md), or stay at --host 127.0.0.1."
        )
