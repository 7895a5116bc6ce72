"""In: pieces with several possible targets. Out: the one target each means here, chosen by what else was said.

Example: "name" is a field of nine tables; in "names of the stores" the owner decides,
in "stores by city" the other words do. Difficulty: every choice changes the evidence for the next.
Rule: what is said outright (a dataset's name, a value of one field only) is evidence;
a candidate scores by its match, its owner, the evidence for its dataset and the distance of the joins it would need.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass

from bi_chat.planners.grammar.pieces import Piece
from bi_chat.planners.grammar.sketch import Sketch
from bi_chat.semantics.model import Dataset, Field, SemanticModel
from bi_chat.semantics.targets import Hit, Kind, Target

OWNER_BONUS = 0.6
EVIDENCE_BONUS = 0.4
STEP_COST = 0.08
STRONG = 0.5  # evidence from here on says that a dataset is meant
KEY_FOR_ROWS = 1.0


@dataclass(frozen=True, slots=True)
class Choice:
    """A chosen target, its score and the rivals that came close."""

    target: Target
    score: float
    rivals: tuple[tuple[Target, float], ...] = ()
    how: str = "name"


class Binder:
    """Chooses targets for one sketch over one model."""

    def __init__(
        self, model: SemanticModel, sketch: Sketch, distances: Distances, metric_homes: dict[str, str]
    ) -> None:
        self.model = model
        self.sketch = sketch
        self.distances = distances
        self.metric_homes = metric_homes
        self._from: dict[str, set[int]] = defaultdict(set)
        self.evidence = self._gather()

    # ------------------------------------------------------------------ evidence
    def _gather(self) -> dict[str, float]:
        found: dict[str, float] = defaultdict(float)
        for piece in self.sketch.pieces:
            for dataset, weight in self._says(piece).items():
                found[dataset] = max(found[dataset], weight)
                self._from[dataset].add(id(piece) if weight >= STRONG else 0)
        return found

    def _says(self, piece: Piece) -> dict[str, float]:
        if not piece.hits:
            return {}
        best = piece.hits[0].score
        near = [h for h in piece.hits if h.score >= best - 0.12]
        datasets = {h.target.dataset for h in near if h.target.kind is Kind.DATASET}
        if datasets:
            return dict.fromkeys(datasets, 1.0 / len(datasets) if len(datasets) > 1 else 1.0)
        metrics = {self.metric_homes.get(h.target.name, "") for h in near if h.target.kind is Kind.METRIC}
        if metrics:
            return dict.fromkeys(metrics, 0.5)
        homes = {h.target.dataset for h in near}
        return dict.fromkeys(homes, 0.6) if len(homes) == 1 else dict.fromkeys(homes, 0.12)

    def add_evidence(self, dataset: str, weight: float = 0.7) -> None:
        """What was decided supports what is decided next."""
        self.evidence[dataset] = max(self.evidence.get(dataset, 0.0), weight)
        self._from[dataset].add(0)

    def is_named(self, dataset: str, piece: Piece) -> bool:
        """Whether other words than these say that a dataset is meant."""
        return self.evidence.get(dataset, 0.0) >= STRONG and bool(self._from[dataset] - {id(piece)})

    # ------------------------------------------------------------------ choosing
    def choose(
        self,
        piece: Piece,
        kinds: Iterable[Kind],
        *,
        owner: Piece | None = None,
        prefer: Iterable[str] = (),
        fits: object = None,
    ) -> Choice | None:
        """The best target of these kinds; `prefer` names datasets that are at hand; `fits(field)` filters fields."""
        wanted = tuple(kinds)
        owners = {h.target.dataset for h in owner.of(Kind.DATASET)} if owner else set()
        preferred = set(prefer)
        scored: list[tuple[float, Hit]] = []
        rows = {h.target.dataset: h.score for h in piece.of(Kind.DATASET)} if Kind.DATASET in wanted else {}
        for hit in piece.of(*wanted):
            if fits is not None and hit.target.kind is Kind.FIELD and not fits(self.field(hit.target)):  # type: ignore[operator]
                continue
            scored.append((self._score(hit, piece, owners, preferred) - self._stands_for(hit, rows), hit))
        if not scored:
            return None
        scored.sort(key=lambda s: -s[0])
        best = scored[0]
        rivals = tuple((h.target, s) for s, h in scored[1:6])
        return Choice(best[1].target, best[0], rivals, best[1].how)

    def counted_by(self, piece: Piece, choice: Choice) -> Choice:
        """ "rentals" where the model has a figure of that name over these very rows: what it counts is meant."""
        rows = max((h.score for h in piece.of(Kind.DATASET) if h.target == choice.target), default=2.0)
        for hit in piece.of(Kind.METRIC):
            spread = "distribution" in self.sketch.flags  # of the rows, and no figure
            metric = self.model.metric(hit.target.name)
            some = metric is not None and "WHERE" in metric.expression.upper()  # else the rows say the same
            if (
                hit.score >= rows
                and some
                and not spread
                and self.metric_homes.get(hit.target.name, "") == choice.target.dataset
            ):
                return Choice(hit.target, choice.score, choice.rivals, hit.how)
        return choice

    def _score(self, hit: Hit, piece: Piece, owners: set[str], preferred: set[str]) -> float:
        score = hit.score
        if hit.target.kind is Kind.METRIC:
            return score + 0.5
        dataset = hit.target.dataset
        if dataset in owners:
            score += OWNER_BONUS
        elif dataset in preferred:
            score += 0.4
        score += EVIDENCE_BONUS * min(1.0, self.evidence.get(dataset, 0.0))
        score -= STEP_COST * self._distance(dataset, piece)
        found = self.model.dataset(dataset)
        if hit.target.kind is Kind.FIELD and found is not None:
            field = found.field(hit.target.field)
            if field is not None and field.kind == "key" and hit.target.field not in found.primary_key:
                score -= 0.12
            if hit.target.field == found.display:
                score += 0.03
        return score

    def _stands_for(self, hit: Hit, rows: dict[str, float]) -> float:
        """What a field loses to the dataset of the same name: "singers" are rows, not their number in another table."""
        if hit.target.kind is not Kind.FIELD or not rows:
            return 0.0
        here = self.model.dataset(hit.target.dataset)
        same = here is not None and here.display == hit.target.field and here.display.lower() == here.name.lower()
        if here is not None and same and rows.get(here.name, 0.0) >= hit.score - 0.05:
            return 0.1
        if hit.how not in ("translated", "general", "near", "part"):
            return 0.0
        referred = {
            r.to_dataset
            for r in self.model.relationships
            if r.from_dataset == hit.target.dataset and r.from_columns == (hit.target.field,)
        }
        named = any(rows.get(dataset, 0.0) >= hit.score for dataset in referred)
        return KEY_FOR_ROWS if named else 0.0

    def _distance(self, dataset: str, piece: Piece) -> int:
        """Joins to what the other words are about: what a word may mean is no support for its own reading."""
        strong = [d for d, w in self.evidence.items() if w >= STRONG and self._from[d] - {id(piece)}]
        if not strong or dataset in strong:
            return 0
        return min(self.distances.between(dataset, d) for d in strong)

    # ------------------------------------------------------------------ model look-ups
    def field(self, target: Target) -> Field | None:
        """The field of a target."""
        return self.model.field(target.dataset, target.field)

    def dataset_of(self, piece: Piece, *, owner: Piece | None = None) -> Dataset | None:
        """The dataset a piece names."""
        choice = self.choose(piece, (Kind.DATASET,), owner=owner)
        return self.model.dataset(choice.target.dataset) if choice else None


class Distances:
    """Number of joins between datasets, found once for each model."""

    def __init__(self, model: SemanticModel) -> None:
        self._next: dict[str, set[str]] = defaultdict(set)
        for rel in model.relationships:
            self._next[rel.from_dataset].add(rel.to_dataset)
            self._next[rel.to_dataset].add(rel.from_dataset)
        self._found: dict[str, dict[str, int]] = {}

    def between(self, one: str, other: str) -> int:
        """Joins on the shortest path; 9 when there is none."""
        if one not in self._found:
            seen, queue = {one: 0}, deque([one])
            while queue:
                here = queue.popleft()
                for there in self._next[here]:
                    if there not in seen:
                        seen[there] = seen[here] + 1
                        queue.append(there)
            self._found[one] = seen
        return self._found[one].get(other, 9)


def find_owners(sketch: Sketch) -> dict[int, Piece]:
    """ "names and ages of the students": the dataset after "of" owns the nouns before it."""
    owners: dict[int, Piece] = {}
    waiting: list[Piece] = []
    after_of = False
    for piece in sketch.pieces:
        if piece.word("of", "for", "from", "in", "by") and not piece.of(Kind.DATASET):
            after_of = bool(waiting)
        elif piece.of(Kind.DATASET) and piece.of(Kind.DATASET)[0].score >= piece.hits[0].score - 0.1:
            if after_of:
                owners.update({id(p): piece for p in waiting})
            waiting, after_of = [], False
        elif piece.of(Kind.FIELD):
            waiting.append(piece)
        elif not (
            piece.unexplained
            or piece.word(
                "and", "filler", "is", "all", "their", "distinct", "show", "average", "total", "maximum", "minimum"
            )
        ):
            waiting, after_of = [], False
    return owners
