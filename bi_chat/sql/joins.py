"""In: a semantic model. Out: how its datasets hang together: to-one paths, what is reachable, where many-sides meet.

A step goes from a row to the one row it refers to. Only such steps may be joined without multiplying rows; everything
else (a finer dataset, a sibling) is named here and left to the caller to aggregate or to test for existence.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

from bi_chat.semantics.model import Dataset, Relationship, SemanticModel
from bi_chat.values.plan import Aggregate, Arithmetic, FieldRef, Measure, Metric, Nested


@dataclass(frozen=True, slots=True)
class Step:
    """From a row of `source` to its one row of `target`: `source_columns` equal `target_columns`."""

    name: str
    source: str
    target: str
    source_columns: tuple[str, ...]
    target_columns: tuple[str, ...]
    role: str = ""
    preferred: bool = False


Path = tuple[Step, ...]
_SAMPLE = 100_000


@dataclass(frozen=True, slots=True)
class Meeting:
    """Two datasets meet at `dataset`: `left` and `right` are the to-one paths that lead there."""

    dataset: str
    left: Path
    right: Path


class JoinGraph:
    """The to-one steps of a model. Names are the model's own spelling; build it once per model (`graph_of`)."""

    def __init__(self, model: SemanticModel) -> None:
        self.model = model
        self._steps: dict[str, list[Step]] = {d.name: [] for d in model.datasets}
        self._closures: dict[str, frozenset[str]] = {}
        self._paths: dict[tuple[str, str, tuple[str, ...]], tuple[Path, ...]] = {}
        self._finer: dict[tuple[str, frozenset[str]], tuple[str, ...]] = {}
        for relationship in model.relationships:
            self._add(relationship)

    def _add(self, r: Relationship) -> None:
        source, target = self.model.dataset(r.from_dataset), self.model.dataset(r.to_dataset)
        if source is None or target is None or not _is_one(target, r.to_columns):
            return
        self._steps[source.name].append(
            Step(r.name, source.name, target.name, r.from_columns, r.to_columns, r.role, r.preferred),
        )
        if r.one_to_one and _is_one(source, r.from_columns):
            self._steps[target.name].append(
                Step(r.name, target.name, source.name, r.to_columns, r.from_columns, r.role, r.preferred),
            )

    def closure(self, dataset: str) -> frozenset[str]:
        """The dataset and all that its rows refer to, directly or through others."""
        found = self._closures.get(dataset)
        if found is None:
            seen, queue = {dataset}, [dataset]
            while queue:
                for step in self._steps.get(queue.pop(), ()):
                    if step.target not in seen:
                        seen.add(step.target)
                        queue.append(step.target)
            found = self._closures[dataset] = frozenset(seen)
        return found

    def paths(self, source: str, target: str, via: tuple[str, ...] = ()) -> tuple[Path, ...]:
        """The best to-one paths; none when there is no way, more than one when they are equally good.

        `via` names relationships (or their roles) to pass in that order. Otherwise: fewest steps, then fewest roles;
        where several roles on the way tie, a longer way without any.
        """
        key = (source, target, via)
        found = self._paths.get(key)
        if found is None:
            found = self._paths[key] = self._search(source, target, via)
        return found

    def _search(self, source: str, target: str, via: tuple[str, ...]) -> tuple[Path, ...]:
        if source == target and not via:
            return ((),)
        wanted = tuple(v.lower() for v in via)
        frontier: list[tuple[str, int, Path]] = [(source, 0, ())]
        torn: tuple[Path, ...] = ()
        for _ in range(8):
            grown: list[tuple[str, int, Path]] = []
            for at, passed, path in frontier:
                for step in self._steps.get(at, ()):
                    if not wanted and (step.target == source or any(p.target == step.target for p in path)):
                        continue
                    hit = passed < len(wanted) and wanted[passed] in (step.name.lower(), step.role.lower())
                    grown.append((step.target, passed + hit, (*path, step)))
            arrived = [p for at, passed, p in grown if at == target and passed == len(wanted)]
            if arrived:
                fewest = min(_roles(p) for p in arrived)
                best = tuple(p for p in arrived if _roles(p) == fewest)
                if torn and (fewest or len(best) > 1):
                    return torn
                if wanted or len(best) == 1 or not all(_roles(p[:-1]) for p in best):
                    return best
                torn = torn or best  # the plant of who reported or who fixed: a way that asks nobody's role is meant
            frontier = grown
        return torn

    def finer(self, home: str, targets: frozenset[str]) -> tuple[str, ...]:
        """The coarsest datasets whose rows refer both to one row of `home` and to one row of each target.

        When several remain, the one that holds the lines of `home` (its time or its key comes from there) is preferred.
        """
        key = (home, targets)
        found = self._finer.get(key)
        if found is None:
            wanted = targets | {home}
            able = [d.name for d in self.model.datasets if d.name != home and wanted <= self.closure(d.name)]
            coarsest = [d for d in able if not any(o != d and o in self.closure(d) for o in able)] or able
            lines = [d for d in coarsest if self._holds_lines_of(d, home)]
            found = self._finer[key] = tuple(lines if len(lines) == 1 else self._links(coarsest, wanted))
        return found

    def _links(self, bridges: list[str], wanted: frozenset[str]) -> list[str]:
        """One side that refers to the other itself, else tables that do nothing but link: keys and dates, no facts."""
        direct = [b for b in bridges if b in wanted]
        pure = [b for b in bridges if self._only_links(b, wanted)]
        return direct or (pure if len(pure) == 1 else bridges)

    def _only_links(self, name: str, wanted: frozenset[str]) -> bool:
        dataset = self.model.dataset(name)
        steps = self._steps.get(name, ())
        if dataset is None or not wanted <= {s.target for s in steps}:
            return False
        keys = {c.lower() for s in steps for c in s.source_columns} | {c.lower() for c in dataset.primary_key}
        return all(f.name.lower() in keys or f.is_time or f.kind in ("key", "time") for f in dataset.fields)

    def _holds_lines_of(self, finer: str, home: str) -> bool:
        dataset = self.model.dataset(finer)
        assert dataset is not None
        if dataset.default_time.lower().startswith(home.lower() + "."):
            return True
        key = {c.lower() for c in dataset.primary_key}
        return any(
            s.target == home and len(key) > len(s.source_columns) and key >= {c.lower() for c in s.source_columns}
            for s in self._steps.get(finer, ())
        )

    def meetings(self, left: str, right: str, via: tuple[str, ...] = ()) -> tuple[Meeting, ...]:
        """Where to-one paths from both datasets end in the same one; the shortest, more than one when equal.

        `via` must be passed on either side.
        """
        found: list[Meeting] = []
        for shared in sorted(self.closure(left) & self.closure(right)):
            for way in ((), via) if via else ((),):
                rest = via if way == () else ()
                for one in self.paths(left, shared, way):
                    found += [Meeting(shared, one, two) for two in self.paths(right, shared, rest)]
        if not found:
            return ()
        least = min(len(m.left) + len(m.right) for m in found)
        return tuple(m for m in found if len(m.left) + len(m.right) == least)


def _is_one(target: Dataset, columns: tuple[str, ...]) -> bool:
    """Whether the columns can name a single row: by a known key, or at least not against what profiling counted.

    Counts of tables beyond the profiler's sample say nothing; then the relationship is believed.
    """
    wanted = {c.lower() for c in columns}
    if any(key and {c.lower() for c in key} <= wanted for key in (target.primary_key, *target.unique_keys)):
        return True
    found = target.field(columns[0]) if len(columns) == 1 else None
    if found is None or found.unique or found.nulls or found.distinct is None or target.rows is None:
        return True
    return target.rows > _SAMPLE or found.distinct >= target.rows


def _roles(path: Path) -> int:
    return sum(1 for step in path if step.role and not step.preferred)


_graphs: OrderedDict[int, JoinGraph] = OrderedDict()
_lock = Lock()


def graph_of(model: SemanticModel) -> JoinGraph:
    """The model's join graph, kept for the last 16 models (a graph holds its model, so that ids stay its own)."""
    with _lock:
        graph = _graphs.get(id(model))
        if graph is None:
            graph = _graphs[id(model)] = JoinGraph(model)
            if len(_graphs) > 16:
                _graphs.popitem(last=False)
        return graph


def reachable(model: SemanticModel, dataset: str) -> frozenset[str]:
    """The dataset and all datasets that a row of it refers to by to-one steps."""
    found = model.dataset(dataset)
    return graph_of(model).closure(found.name) if found else frozenset()


def describe_paths(model: SemanticModel, source: str, target: str) -> tuple[tuple[str, ...], ...]:
    """Names of the relationships of each equally good to-one path; more than one asks for `FieldRef.via`."""
    one, two = model.dataset(source), model.dataset(target)
    if one is None or two is None:
        return ()
    return tuple(tuple(step.name for step in path) for path in graph_of(model).paths(one.name, two.name))


def key_of(dataset: Dataset) -> tuple[str, ...]:
    """Columns that tell the rows of a dataset apart; empty when none are known."""
    if dataset.primary_key:
        return dataset.primary_key
    if dataset.unique_keys:
        return dataset.unique_keys[0]
    return next(((f.name,) for f in dataset.fields if f.unique and not f.nulls), ())


def default_time(model: SemanticModel, dataset: str) -> FieldRef | None:
    """The default time field of a dataset, which may lie on a dataset it refers to."""
    found = model.dataset(dataset)
    if found is None or not found.default_time:
        return None
    return time_ref(model, found.default_time, found.name)


def time_ref(model: SemanticModel, text: str, home: str) -> FieldRef | None:
    """The field named by "dataset.field" or "field"; None when there is no such field."""
    dataset, dot, name = text.rpartition(".")
    if dot and model.field(dataset, name):
        owner = model.dataset(dataset)
        assert owner is not None
        return FieldRef(owner.name, name)
    return FieldRef(home, text) if model.field(home, text) else None


def time_of(measure: Measure, model: SemanticModel) -> FieldRef | None:
    """The time field that a measure is placed by when the plan names none; None when it has none."""
    match measure:
        case Metric(name):
            return _metric_time(name, model)
        case Aggregate():
            return default_time(model, measure.dataset)
        case Arithmetic():
            return time_of(measure.left, model) or time_of(measure.right, model)
        case Nested():
            return time_of(measure.inner, model)
        case _:
            return None


def _metric_time(name: str, model: SemanticModel) -> FieldRef | None:
    from bi_chat.sql.expressions import parse_metric  # the parser is needed for metrics without a declared time only

    metric = model.metric(name)
    if metric is None or metric.as_of:
        return time_ref(model, metric.as_of[0], "") if metric and metric.as_of else None
    if metric.time:
        return time_ref(model, metric.time, "")
    found = parse_metric(metric.expression)
    homes = [c.dataset for a in found.aggregates for c in a.columns if c.dataset]
    return next((t for t in (default_time(model, h) for h in homes) if t), None)
