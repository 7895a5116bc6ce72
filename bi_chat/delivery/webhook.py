"""In: a parcel. Out: it is posted to another service, signed, with a key by which a repetition is known.

Signed as Standard Webhooks has it (standardwebhooks.com): webhook-id is the parcel's key, webhook-signature the HMAC of
"id.timestamp.body", so that nobody else can send one, or send an old one again.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import datetime
from email.message import Message
from typing import IO

from bi_chat.errors import DeliveryError
from bi_chat.values.page import Parcel

KEY = "webhook.key"
SECONDS = 30.0
_AGAIN = (408, 425, 429)
_ALREADY = 409


class Webhook:
    """A `Channel` (see ports). `key` is asked for when it is needed."""

    keyed = True

    def __init__(self, key: Callable[[], str]) -> None:
        self._key = key
        self._opener = urllib.request.build_opener(_Stay)

    def send(self, parcel: Parcel, at: datetime) -> None:
        """Posts it as JSON. Raises DeliveryError; "409 Conflict" says that it is there already."""
        body = as_body(parcel)
        stamp = str(int(at.timestamp()))
        headers = {
            "content-type": "application/json; charset=utf-8",
            "user-agent": "bi_chat",
            "idempotency-key": parcel.key,
            "webhook-id": parcel.key,
            "webhook-timestamp": stamp,
            "webhook-signature": signature(self._key(), parcel.key, stamp, body),
        }
        # the address was checked with the report: https, or http on this machine
        request = urllib.request.Request(parcel.address, body, headers, method="POST")  # noqa: S310
        try:
            with self._opener.open(request, timeout=SECONDS):
                return
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == _ALREADY:
                return
            again = error.code >= 500 or error.code in _AGAIN
            raise DeliveryError(f"The service answered {error.code}.", again=again) from None
        except (OSError, ValueError) as error:
            raise DeliveryError(f"The service can't be reached ({type(error).__name__}).") from None


class _Stay(urllib.request.HTTPRedirectHandler):
    """A redirection would carry the report to another address than the one that was reviewed."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> None:
        return None


def as_body(parcel: Parcel) -> bytes:
    """The same bytes for every attempt."""
    pages = [
        {"name": p.name, "kind": p.kind, "base64": base64.b64encode(p.content).decode("ascii")} for p in parcel.pages
    ]
    data = {
        "schema": "bi_chat.report/1",
        "key": parcel.key,
        "report": parcel.report,
        "title": parcel.subject,
        "due": parcel.due.isoformat(),
        "language": parcel.language,
        "text": parcel.text,
        "pages": pages,
    }
    return json.dumps(data, ensure_ascii=False).encode("utf-8")


def signature(key: str, name: str, stamp: str, body: bytes) -> str:
    """The header that proves who sent the body, and when."""
    made = hmac.new(key.encode("utf-8"), f"{name}.{stamp}.".encode() + body, hashlib.sha256)
    return "v1," + base64.b64encode(made.digest()).decode("ascii")
