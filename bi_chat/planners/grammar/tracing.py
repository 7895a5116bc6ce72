"""What was decided and how surely: the material for "how I read this", for doubt and for rival readings."""

from __future__ import annotations

from dataclasses import dataclass, field

from bi_chat.planners.grammar.bind import Choice
from bi_chat.planners.grammar.pieces import Piece
from bi_chat.semantics.targets import Kind, Target
from bi_chat.values.query import Note


@dataclass(slots=True)
class Step:
    """One decision."""

    piece: Piece
    role: str
    choice: Choice | None = None
    detail: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Trace:
    """All decisions of one reading."""

    steps: list[Step] = field(default_factory=list)
    doubts: list[tuple[str, float]] = field(default_factory=list)
    follow_up: bool = False

    def choice(self, piece: Piece, role: str, choice: Choice) -> None:
        """A piece was bound to a target."""
        if not any(s.piece is piece and s.role == role for s in self.steps):
            self.steps.append(Step(piece, role, choice))

    def note(self, piece: Piece, role: str, **detail: str) -> None:
        """A piece was read by itself (a period, a grain, a limit)."""
        if not any(s.piece is piece and s.role == role for s in self.steps):
            self.steps.append(Step(piece, role, None, dict(detail)))

    def doubt(self, name: str, amount: float = 1.0) -> None:
        """Something was assumed."""
        self.doubts.append((name, amount))

    def notes(self) -> tuple[Note, ...]:
        """The assumptions, for the asker."""
        return tuple(Note(name) for name, _ in self.doubts)


def target_label(target: Target) -> str:
    """A short name of a target."""
    if target.kind in (Kind.METRIC, Kind.ROLE):
        return target.name
    if target.kind is Kind.DATASET:
        return target.dataset
    return f"{target.field} = {target.name}" if target.kind is Kind.VALUE else f"{target.dataset}.{target.field}"
