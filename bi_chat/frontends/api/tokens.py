"""In: a token of the OpenID provider that people sign in with. Out: who it was made for, if all of it is right."""

from __future__ import annotations

import json
import logging
import urllib.request
from threading import Lock

import jwt

from bi_chat.errors import SettingsError
from bi_chat.frontends.api.faults import ApiFault
from bi_chat.frontends.serving import is_safe, who
from bi_chat.settings import SignIn

_LOG = logging.getLogger("bi_chat.api")
_SIGNED = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")  # never a shared secret
_SECONDS = 5.0
_LEEWAY = 30.0
_MOST = 65_536


class TokenCheck:
    """Checks signature, issuer, audience and time. The provider's keys are fetched at first use."""

    def __init__(self, sign_in: SignIn) -> None:
        self._sign_in = sign_in
        self._issuer = ""
        self._keys: jwt.PyJWKClient | None = None
        self._lock = Lock()

    def user(self, token: str) -> str | None:
        """Who asks, as the policy knows them; None for a token that isn't right. Raises ApiFault while the provider
        can't be reached: then nobody has made a mistake."""
        try:
            key = self._provider().get_signing_key_from_jwt(token)
        except (OSError, ValueError, jwt.PyJWKClientConnectionError) as error:
            _LOG.warning("The sign-in provider can't be asked: %s", type(error).__name__)
            raise ApiFault(503, "provider", "The sign-in provider can't be reached.", wait=10) from None
        except jwt.PyJWTError:
            return None
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=list(_SIGNED),
                audience=self._sign_in.audience,
                issuer=self._issuer,
                leeway=_LEEWAY,
                options={"require": ["exp", "iss", "aud"]},
            )
        except (jwt.PyJWTError, ValueError) as error:
            _LOG.info("A token was refused: %s", type(error).__name__)
            return None
        return who(claims, self._sign_in.claim)

    def _provider(self) -> jwt.PyJWKClient:
        with self._lock:
            if self._keys is None:
                said = fetched(self._sign_in.metadata)
                self._issuer = str(said["issuer"])
                self._keys = jwt.PyJWKClient(str(said["jwks_uri"]), timeout=_SECONDS)
            return self._keys


def fetched(metadata: str) -> dict[str, object]:
    """The provider's own description. Raises SettingsError for an unsafe address, OSError when it can't be read."""
    if not is_safe(metadata):
        raise SettingsError("BI_CHAT_OIDC_METADATA should be an https address.")
    with urllib.request.urlopen(metadata, timeout=_SECONDS) as reply:  # noqa: S310 (the scheme is checked above)
        found = json.loads(reply.read(_MOST))
    if not isinstance(found, dict) or not {"issuer", "jwks_uri"} <= set(found):
        raise ValueError("no configuration of an OpenID provider")
    return found
