"""Out: what a caller did wrong, or may not do, as a status and a sentence of our own."""

from __future__ import annotations


class ApiFault(Exception):
    """Becomes the reply. `wait`: seconds after which trying again makes sense."""

    def __init__(self, status: int, code: str, message: str, *, wait: float = 0.0) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.wait = status, code, message, wait


def not_found(what: str) -> ApiFault:
    """It doesn't exist, or it is somebody else's, which is the same to the caller."""
    return ApiFault(404, "not_found", f"There is no such {what}.")


def bad(message: str) -> ApiFault:
    """The request can't be read."""
    return ApiFault(400, "bad_request", message)
