"""In: requests. Out: replies, written to files as they come, or read from such files where no model is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from bi_chat.errors import LanguageModelError
from bi_chat.ports import LanguageModel
from bi_chat.values.exchange import ModelReply, ModelRequest


@dataclass(frozen=True, slots=True)
class Recorded:
    """Asks the model, and keeps each request with its reply in a file of `folder`."""

    inner: LanguageModel
    folder: Path

    @property
    def name(self) -> str:
        """The model."""
        return self.inner.name

    @property
    def server(self) -> str:
        """Where it runs."""
        return self.inner.server

    def complete(self, request: ModelRequest, *, user: str = "", stop: Callable[[], bool] | None = None) -> ModelReply:
        """The model's reply. Raises LanguageModelError."""
        reply = self.inner.complete(request, user=user, stop=stop)
        self.folder.mkdir(parents=True, exist_ok=True)
        kept = {"model": self.name, "request": asdict(request), "reply": asdict(reply)}
        file_of(self.folder, request).write_text(json.dumps(kept, ensure_ascii=False, indent=1), "utf-8")
        return reply


@dataclass(frozen=True, slots=True)
class Replayed:
    """Answers from the files of `folder`; a request that was never made is as if the model were down."""

    folder: Path
    name: str = "replayed"
    server: str = "files"

    def complete(self, request: ModelRequest, *, user: str = "", stop: Callable[[], bool] | None = None) -> ModelReply:
        """The kept reply. Raises LanguageModelError where there is none."""
        try:
            kept = json.loads(file_of(self.folder, request).read_text("utf-8"))["reply"]
            return ModelReply(str(kept["text"]), int(kept["tokens_in"]), int(kept["tokens_out"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise LanguageModelError("There is no recorded reply to this request.") from error


def file_of(folder: Path, request: ModelRequest) -> Path:
    """Named after what was asked."""
    asked = json.dumps(asdict(request), ensure_ascii=False, sort_keys=True)
    return folder / f"{hashlib.sha256(asked.encode()).hexdigest()[:32]}.json"
