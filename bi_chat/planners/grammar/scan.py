"""The cursor that rules share: it walks the pieces of a question and fills a sketch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bi_chat.language.meanings import GrainSaid
from bi_chat.planners.grammar.pieces import Piece
from bi_chat.planners.grammar.sketch import Mention, Sketch
from bi_chat.semantics.targets import Kind
from bi_chat.values.plan import Fn

Rule = Callable[["Scan"], bool]
NOUNS = (Kind.METRIC, Kind.FIELD, Kind.DATASET)
OWN_NAMES = ("name", "synonym", "own")


@dataclass(slots=True)
class Pending:
    """An aggregate word waits for its noun ("average …", "how many …")."""

    fns: tuple[Fn, ...] = ()
    distinct: bool = False
    argument: float | None = None
    at: int = 0
    sticky: bool = False
    each: GrainSaid | None = None


@dataclass(slots=True)
class Scan:
    """Pieces, a position, and what is being built."""

    pieces: Sequence[Piece]
    sketch: Sketch
    at: int = 0
    pending: Pending | None = None
    negated: str = ""
    absent: bool = False
    joiner: str = "and"
    head_expected: bool = False
    last_noun: Piece | None = None
    used: set[int] = field(default_factory=set)
    numbers: frozenset[tuple[str, str]] = frozenset()
    times: frozenset[tuple[str, str]] = frozenset()
    flags: frozenset[tuple[str, str]] = frozenset()

    def is_number(self, piece: Piece) -> bool:
        """Whether the best field a piece names holds numbers that one may order by."""
        best = piece.of(Kind.FIELD)
        return bool(best) and any(h.target.key in self.numbers for h in best if h.score >= best[0].score - 0.1)

    def names_number(self, piece: Piece) -> bool:
        """Whether a piece names, as a whole and before anything else, a column of numbers."""
        best = piece.hits[0]
        return best.target.kind is Kind.FIELD and best.how != "part" and self.is_number(piece)

    def piece(self, ahead: int = 0) -> Piece | None:
        """The piece `ahead` of the cursor."""
        i = self.at + ahead
        return self.pieces[i] if 0 <= i < len(self.pieces) else None

    def word(self, ahead: int, *tags: str) -> bool:
        """Whether the piece ahead is an operator word of these tags."""
        piece = self.piece(ahead)
        found = piece.word(*tags) if piece is not None else None
        if piece is None or found is None:
            return False
        if found.tag != "filler":
            return True
        named = piece.text.isupper() and len(piece.text) > 1 and any(p.text.islower() for p in self.pieces)  # "the US"
        return not (piece.amount or named or (piece.hits and piece.hits[0].score >= 0.9))

    def arg(self, ahead: int, *tags: str) -> str:
        """The argument of that operator word."""
        piece = self.piece(ahead)
        word = piece.word(*tags) if piece else None
        return word.arg if word else ""

    def noun(self, ahead: int = 0) -> Piece | None:
        """The piece ahead, when it names a metric, field or dataset more surely than a value."""
        piece = self.piece(ahead)
        if piece is None or piece.quoted:
            return None
        nouns, values = piece.of(*NOUNS), piece.of(Kind.VALUE)
        if not nouns or (values and values[0].score > nouns[0].score + 0.02):
            return None
        return piece

    def value(self, ahead: int = 0) -> Piece | None:
        """The piece ahead, when it names a value (or is a quotation)."""
        piece = self.piece(ahead)
        if piece is None:
            return None
        if piece.quoted:
            return piece
        return piece if piece.of(Kind.VALUE) and self.noun(ahead) is None else None

    def could_be_value(self, ahead: int = 0) -> Piece | None:
        """The piece ahead, when it may name a value, even if a noun is as likely."""
        piece = self.piece(ahead)
        return piece if piece is not None and (piece.quoted or piece.of(Kind.VALUE)) else None

    def owns_next(self, ahead: int = 0) -> bool:
        """ "lens brands", "product category": the dataset only says whose field the next noun is."""
        piece, after = self.noun(ahead), self.noun(ahead + 1)
        if piece is None or after is None or not piece.of(Kind.DATASET):
            return False
        datasets = {h.target.dataset for h in piece.of(Kind.DATASET)}
        how = piece.of(Kind.DATASET)[0].how
        names = (*OWN_NAMES, how) if how in ("translated", "general", "near") else OWN_NAMES
        return any(
            h.target.dataset in datasets and h.how in names and h.score >= after.hits[0].score - 0.1
            for h in after.of(Kind.FIELD)
        )

    def rows_follow(self) -> bool:
        """Whether rows are named later: "体重在50到60之间的选手", where the field said first is no column."""
        later = (self.noun(i) for i in range(1, len(self.pieces) - self.at))
        return any(p is not None and p.hits and p.hits[0].target.kind is Kind.DATASET for p in later)

    def advance(self, by: int = 1) -> bool:
        """Move on; what was passed counts as used."""
        self.used.update(range(self.at, self.at + by))
        self.at += by
        return True

    def mention(self, piece: Piece, role: str) -> Mention:
        """Add a noun with a role."""
        made = Mention(piece, self.at, role)
        self.sketch.mentions.append(made)
        self.last_noun = piece
        return made

    def run(self, rules: Sequence[Rule]) -> Sketch:
        """Apply the first rule that fits at each place; a piece that fits none is set aside."""
        while self.at < len(self.pieces):
            before = self.at
            if not any(rule(self) for rule in rules):
                self.sketch.unused.append(self.pieces[self.at])
                self.at += 1
            assert self.at > before or self.at >= len(self.pieces), "a rule must move on"
        self._late_count()
        return self.sketch

    def _late_count(self) -> None:
        """ "orders placed in December but shipped in January, how many": a count word that no noun followed."""
        counted = any(m.role == "count" for m in self.sketch.mentions)
        if self.pending is not None and self.pending.fns == (Fn.AVG,) and counted:
            self.sketch.flags["average_of_count"] = self.pending.at  # "how many cars does each owner have on average"
        if self.pending is None or Fn.COUNT not in self.pending.fns or any(m.fns for m in self.sketch.mentions):
            return
        before = [m for m in self.sketch.mentions if m.at < self.pending.at]
        for mention in [*reversed(before), *self.sketch.mentions]:
            if mention.piece.of(Kind.DATASET, Kind.METRIC):
                mention.fns, mention.role, mention.distinct = (Fn.COUNT,), "count", self.pending.distinct
                return
        self.sketch.flags["count_rows"] = self.pending.at
