"""In: a model file that a person edited. Out: each version kept as an Ossie file, so that an edit can be undone."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from bi_chat.errors import StoreError

MOST_VERSIONS = 50
_PLAIN = re.compile(r"[^\w-]+")


@dataclass(frozen=True, slots=True)
class OwnModel:
    """The edited versions of one model, 0001.yaml and on; `given` is the text that they began from, '' for a draft.
    Edits of another text are other edits: a file that its author has changed since is not overruled."""

    folder: Path
    given: str = ""

    @staticmethod
    def of(folder: Path, source: str, place: str, given: str) -> OwnModel:
        """Those of a source, by its name and the place where it lies, in the folder of what is remembered."""
        key = sha256(f"{source}\0{place}\0{given}".encode()).hexdigest()[:12]
        return OwnModel(folder / "models" / f"{_PLAIN.sub('_', source)[:40] or 'data'}-{key}", given)

    def versions(self) -> tuple[Path, ...]:
        """The files, the latest last."""
        return tuple(sorted(self.folder.glob("[0-9]*.yaml"))) if self.folder.is_dir() else ()

    def file(self) -> Path | None:
        """The latest version; None where nothing was edited."""
        return next(iter(self.versions()[-1:]), None)

    def keep(self, text: str) -> None:
        """One more version, written beside and put in its place. Raises StoreError."""
        every = self.versions()
        number = int(every[-1].stem) + 1 if every else 1
        part = self.folder / "new.part"
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            part.write_text(text, "utf-8")
            part.replace(self.folder / f"{number:04}.yaml")
            for old in self.versions()[:-MOST_VERSIONS]:
                old.unlink(missing_ok=True)
        except OSError:
            raise StoreError(f"{self.folder} can't be written, so the change was not kept.") from None

    def undo(self) -> None:
        """As before the last edit. Raises StoreError."""
        try:
            for last in self.versions()[-1:]:
                last.unlink()
        except OSError:
            raise StoreError(f"{self.folder} can't be written, so nothing was undone.") from None

    def forget(self) -> None:
        """As before all edits."""
        shutil.rmtree(self.folder, ignore_errors=True)
