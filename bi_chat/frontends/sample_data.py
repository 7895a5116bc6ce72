"""In: a name or folder. Out: the sample data sets that lie beside the package in a clone, and their day of asking."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "datasets"
DEFAULT = "teahouse"


@dataclass(frozen=True, slots=True)
class SampleQuestion:
    """A question that the data set answers; `language` is en or zh."""

    text: str
    language: str


@dataclass(frozen=True, slots=True)
class SampleData:
    """A data set that came with the clone: a folder of Parquet files, its model, its questions."""

    name: str
    folder: Path

    @property
    def model(self) -> Path:
        """The semantic model's file."""
        return self.folder / "model.yaml"

    @property
    def asked_on(self) -> datetime | None:
        """The day that the questions are asked on: the data end the day before."""
        return _asked_on(self.folder)

    @property
    def questions(self) -> tuple[SampleQuestion, ...]:
        """The questions marked as samples, in the file's order."""
        return _questions(self.folder)


@cache
def sample_sets() -> tuple[SampleData, ...]:
    """The sample data sets, the default one first; none when the package was installed without its repository."""
    if not FOLDER.is_dir():
        return ()
    found = (
        SampleData(p.parent.name, p.parent) for p in FOLDER.glob("*/model.yaml") if any(p.parent.glob("*.parquet"))
    )
    return tuple(sorted(found, key=lambda s: (s.name != DEFAULT, s.name)))


def sample_named(name: str) -> SampleData | None:
    """The sample data set of that name."""
    return next((s for s in sample_sets() if s.name == name), None)


def sample_of(spec: object) -> SampleData | None:
    """The sample data set that a spec means: by its name (where no file is called so) or by its folder."""
    if isinstance(spec, Sequence) and not isinstance(spec, str) and len(spec) == 1:
        spec = spec[0]
    if not isinstance(spec, str | Path):
        return None
    path = Path(spec)
    if path.exists():
        return next((s for s in sample_sets() if path.is_dir() and s.folder == path.resolve()), None)
    return sample_named(str(spec))


@cache
def _asked_on(folder: Path) -> datetime | None:
    """Read off the first question by hand: the whole file would take 0.2 s of YAML."""
    file = folder / "questions.yaml"
    if not file.is_file():
        return None
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            key, _, value = line.strip().partition(":")
            if key == "asked_on":
                return datetime.fromisoformat(value.strip().strip("'\""))
    return None


@cache
def _questions(folder: Path) -> tuple[SampleQuestion, ...]:
    import yaml

    file = folder / "questions.yaml"
    if not file.is_file():
        return ()
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    body = yaml.load(file.read_text("utf-8"), Loader=loader)  # noqa: S506 (a safe loader, written in C where there is one)
    rows = body["questions"] if isinstance(body, dict) else []
    return tuple(SampleQuestion(str(r["question"]), str(r.get("language", "en"))) for r in rows if r.get("sample"))
