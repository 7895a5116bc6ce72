"""A small OpenID Connect provider on this machine: discovery, code flow with PKCE, keys. Signs in whom it is told."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "bi_chat_tests", "a secret of the tests"


@dataclass
class Provider:
    """`claims` are of whoever signs in next; `faults` changes a token before it is signed."""

    claims: dict[str, object]
    key: rsa.RSAPrivateKey = field(
        default_factory=lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048)
    )
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    url: str = ""

    @property
    def metadata(self) -> str:
        return f"{self.url}/.well-known/openid-configuration"

    def token(self, *, audience: str = CLIENT, key: object = None, algorithm: str = "RS256", **changed: object) -> str:
        """Signed for whoever signs in; what is given changes it."""
        now = int(time.time())
        said = {"iss": self.url, "aud": audience, "sub": "7", "iat": now, "exp": now + 300, **self.claims, **changed}
        return jwt.encode(said, key or self.key, algorithm=algorithm, headers={"kid": "one"})

    def keys(self) -> dict[str, object]:
        """The public half."""
        made = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [{**made, "kid": "one", "use": "sig", "alg": "RS256"}]}

    def serve(self) -> ThreadingHTTPServer:
        """On a free port, until it is shut down."""
        server = ThreadingHTTPServer(("127.0.0.1", 0), _door(self))
        self.url = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server


def _door(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Door(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Nothing."""

        def do_GET(self) -> None:
            asked = urlsplit(self.path)
            query = {k: v[0] for k, v in parse_qs(asked.query).items()}
            if asked.path == "/authorize":
                code = hashlib.sha256(repr(query).encode()).hexdigest()
                provider.codes[code] = query
                self.send_response(302)
                back = urlencode({"code": code, "state": query["state"]})
                self.send_header("Location", f"{query['redirect_uri']}?{back}")
                self.end_headers()
            elif asked.path == "/jwks":
                self._json(provider.keys())
            else:
                self._json(
                    {
                        "issuer": provider.url,
                        "authorization_endpoint": f"{provider.url}/authorize",
                        "token_endpoint": f"{provider.url}/token",
                        "jwks_uri": f"{provider.url}/jwks",
                        "response_types_supported": ["code"],
                        "subject_types_supported": ["public"],
                        "id_token_signing_alg_values_supported": ["RS256"],
                        "code_challenge_methods_supported": ["S256"],
                    }
                )

        def do_POST(self) -> None:
            sent = {k: v[0] for k, v in parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()).items()}
            asked = provider.codes.pop(sent["code"])
            proof = base64.urlsafe_b64encode(hashlib.sha256(sent["code_verifier"].encode()).digest()).rstrip(b"=")
            assert proof.decode() == asked["code_challenge"] and asked["client_id"] == CLIENT
            token = provider.token(nonce=asked["nonce"])
            self._json({"access_token": "unused", "token_type": "Bearer", "expires_in": 300, "id_token": token})

        def _json(self, data: dict[str, object]) -> None:
            body = json.dumps(data).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Door
