"""Out: what goes to a language model and what comes back, and what an answer tells about it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """`instructions` are ours; `said` are (role, text) pairs, role user or assistant, in their order.

    `schema` is the JSON Schema of the reply, as text; `most_tokens` bounds the reply.
    """

    instructions: str
    said: tuple[tuple[str, str], ...]
    schema: str
    most_tokens: int = 3_000


@dataclass(frozen=True, slots=True)
class ModelReply:
    """The words of a reply, as they came; tokens as the server counts them, or estimated where it doesn't."""

    text: str
    tokens_in: int
    tokens_out: int


@dataclass(frozen=True, slots=True)
class Sent:
    """What left this machine for one answer: to which model where, in how many calls, and which kinds of things.

    `shared`: question, names, values, earlier (questions and plans).
    """

    model: str
    server: str
    calls: int
    tokens_in: int
    tokens_out: int
    shared: tuple[str, ...]
    seconds: float = 0.0


def estimate(*texts: str) -> int:
    """Tokens of texts, roughly: four letters of a word, or one and a half signs of a script without spaces."""
    letters = sum(sum(c.isascii() for c in text) for text in texts)
    return round(letters / 4 + (sum(map(len, texts)) - letters) / 1.5)
