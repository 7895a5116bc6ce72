"""In: what a person taught. Out: a YAML file for each source, which they can read, review, edit and delete."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import cast

import yaml

from bi_chat.errors import StoreError
from bi_chat.values.learned import KnownQuestion, Learned, OwnWord
from bi_chat.values.plan import Plan
from bi_chat.values.serial import Json, SerialError, plan_codec

HEAD = """# What bi_chat was taught about these data. Change or delete what is wrong; the next conversation goes by it.
# words: `says` is read as `means`. questions: `text` is read as `reading` says, which `plan` holds exactly.
"""
_PLAIN = re.compile(r"[^\w.-]+")
Record = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class LearnedFile:
    """A `Memory` (see ports) in one file."""

    file: Path

    @staticmethod
    def of(folder: Path, user: str, source: str) -> LearnedFile:
        """The file of a person and a source; names that a file can't have get a digest of their own."""
        return LearnedFile(folder / "learned" / _file_name(user or "local") / f"{_file_name(source or 'data')}.yaml")

    def learned(self) -> Learned:
        """All of it. Raises StoreError with the place when the file is no longer one of ours."""
        try:
            text = self.file.read_text("utf-8")
        except FileNotFoundError:
            return Learned()
        except OSError:
            raise StoreError(f"{self.file} can't be read.") from None
        try:
            data = yaml.safe_load(text) or {}
            words = tuple(_word(r) for r in _records(data, "words"))
            questions = tuple(_question(r) for r in _records(data, "questions"))
        except (yaml.YAMLError, SerialError, KeyError, TypeError, ValueError) as error:
            raise StoreError(
                f"{self.file} is not as bi_chat writes it: {_brief(error)} Mend it or delete it."
            ) from None
        return Learned(words, questions)

    def keep(self, learned: Learned) -> None:
        """Written beside it and put in its place, so that it is always whole."""
        data = {
            "words": [{"says": w.says, "means": _means(w), "on": w.on} for w in learned.words],
            "questions": [
                {
                    "text": q.text,
                    "reading": q.reading,
                    "language": q.language,
                    "on": q.on,
                    "plan": plan_codec().to_data(q.plan),
                }
                for q in learned.questions
            ],
        }
        part = self.file.with_suffix(".part")
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            part.write_text(HEAD + yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=120), "utf-8")
            part.replace(self.file)
        except OSError:
            raise StoreError(f"{self.file} can't be written, so this was not learnt.") from None


def forget_person(folder: Path, user: str) -> None:
    """Deletes all that a person taught, about every source."""
    shutil.rmtree(folder / "learned" / _file_name(user or "local"), ignore_errors=True)


def _file_name(text: str) -> str:
    plain = _PLAIN.sub("_", text).strip("._")[:60]
    return plain if plain == text else f"{plain}-{sha256(text.encode()).hexdigest()[:8]}"


def _means(word: OwnWord) -> str:
    """ "metric revenue", "dataset stores", "field stores.city", "value stores.city = Rome"."""
    if word.kind == "metric":
        return f"metric {word.name}"
    if word.kind == "dataset":
        return f"dataset {word.dataset}"
    place = f"{word.kind} {word.dataset}.{word.field}"
    return f"{place} = {word.name}" if word.kind == "value" else place


def _word(record: Record) -> OwnWord:
    says, on = str(record["says"]), _day(record.get("on"))
    kind, _, rest = str(record["means"]).partition(" ")
    if kind == "metric":
        return OwnWord(says, kind, name=rest, on=on)
    if kind == "dataset":
        return OwnWord(says, kind, dataset=rest, on=on)
    if kind not in ("field", "value") or "." not in rest:
        raise ValueError(f"“{says}” should mean a metric, dataset, field or value, not “{record['means']}”.")
    place, _, value = rest.partition(" = ")
    dataset, _, field = place.partition(".")
    return OwnWord(says, kind, value, dataset, field, on)


def _question(record: Record) -> KnownQuestion:
    plan = plan_codec().from_data(cast(Json, record["plan"]))
    if not isinstance(plan, Plan):
        raise ValueError(f"“{record['text']}” has no plan.")
    text, reading = str(record["text"]), str(record.get("reading") or "")
    return KnownQuestion(text, str(record.get("language") or "en"), plan, reading, _day(record.get("on")))


def _records(data: object, name: str) -> list[Record]:
    found = data.get(name) if isinstance(data, dict) else None
    return [r for r in found or [] if isinstance(r, dict)]


def _day(value: object) -> date | None:
    return value if isinstance(value, date) else None


def _brief(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    said = str(getattr(error, "problem", "") or error).rstrip(".")
    return f"line {mark.line + 1}: {said}." if mark is not None else f"{said}."
