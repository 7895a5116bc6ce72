"""In: a dataset whose rows are read. Out: its FROM clause, with a join added whenever a field lies on another dataset.

Only to-one steps are joined, and as LEFT JOINs: a scope never gains or loses rows of its root by a join.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from bi_chat.semantics.model import Field
from bi_chat.sql import dates, nodes
from bi_chat.sql.compile.state import Compilation, Relation, unique
from bi_chat.sql.expressions import ExpressionFault, parse_row
from bi_chat.sql.joins import Path, Step, key_of
from bi_chat.sql.refusal import Refusal
from bi_chat.values.plan import TIME, EntityMeasure, FieldRef, Measure, Scalar


class Scope:
    """Rows of `root`. `home` (root itself, or a dataset that it refers to) is where measures and roles are read from.

    `time` is what TIME stands for; `given` holds scalars that the scope supplies itself (buckets of a calendar).
    """

    def __init__(
        self, c: Compilation, root: str, *, home: str = "", time: FieldRef | None = None, outer: Scope | None = None
    ) -> None:
        self.c, self.root, self.home, self.time = c, root, home or root, time
        self.given: dict[Scalar, exp.Expression] = {}
        self.measure: Callable[[Measure], exp.Expression] | None = None
        self.joins: list[exp.Join] = []
        self._taken: set[str] = outer._taken if outer else set()
        self._aliases: dict[Path, str] = {}
        self._routes: dict[tuple[str, tuple[str, ...]], Path | None] = {}
        self._entities: dict[EntityMeasure, exp.Expression] = {}
        self.anchor: Path = one_path(c, root, self.home) if self.home != root else ()
        self.alias = self.name(root)
        self._aliases[()] = self.alias
        self.start: exp.Expression = nodes.table(c.source(root), self.alias)

    def name(self, name: str) -> str:
        """An alias that is free here and in the scopes around."""
        found = unique(name, self._taken)
        self._taken.add(found.lower())
        return found

    def own(self, ref: FieldRef) -> FieldRef:
        """The field that TIME stands for here; any other reference is itself."""
        if ref != TIME:
            return ref
        if self.time is None:
            raise Refusal("no_time", dataset=self.home, measure=self.home)
        return self.time

    def route(self, ref: FieldRef) -> Path | None:
        """To-one steps from the root to the field's dataset; None when there are none."""
        ref = self.own(ref)
        key = (ref.dataset, ref.via)
        if key not in self._routes:
            target = self.c.dataset(ref.dataset).name
            near = self.c.graph.paths(self.home, target, ref.via)
            if near:
                self._routes[key] = (*self.anchor, *only(self.c, near, self.home, target))
            elif self.home != self.root and (far := self.c.graph.paths(self.root, target, ref.via)):
                self._routes[key] = only(self.c, far, self.root, target)
            else:
                self._routes[key] = None
        return self._routes[key]

    def reaches(self, ref: FieldRef) -> bool:
        """Whether a row of the root has (at most) one value of the field."""
        return self.route(ref) is not None

    def alias_at(self, path: Path) -> str:
        """The alias of the dataset at the end of a path, joined when it is not yet."""
        found = self._aliases.get(path)
        if found is not None:
            return found
        before = self.alias_at(path[:-1])
        step = path[-1]
        by_role = f"{step.target}_{step.role}".replace(" ", "_")
        alias = self.name(by_role if step.role and step.target.lower() in self._taken else step.target)
        self._aliases[path] = alias
        on = equal_columns(self.c, step, before, alias)
        self.joins.append(nodes.join(nodes.table(self.c.source(step.target), alias), on))
        if step.role:
            self.c.note("role_used", role=step.role, dataset=shown(self.c, step.target))
        return alias

    def field(self, ref: FieldRef) -> Field:
        """The model's field; refuses an unknown one."""
        ref = self.own(ref)
        found = self.c.dataset(ref.dataset).field(ref.field)
        if found is None:
            raise Refusal("unknown", name=f"{ref.dataset}.{ref.field}")
        return found

    def raw(self, ref: FieldRef) -> exp.Expression:
        """The field as it is stored."""
        ref = self.own(ref)
        path = self.route(ref)
        if path is None:
            raise not_joinable(self.c, self.home, ref)
        return bound(self.c, ref.dataset, ref.field, self.alias_at(path))

    def column(self, ref: FieldRef) -> exp.Expression:
        """The field as a value: dates kept as text become dates."""
        return dates.parsed(self.field(ref), self.raw(ref))

    def entity(self, value: EntityMeasure, relation: Relation, *, zero: bool) -> exp.Expression:
        """A measure for each row of a dataset, joined by its key; a row that has nothing to count or sum gets 0."""
        if value not in self._entities:
            key = key_of(self.c.dataset(value.per))
            alias = self.name(f"{value.per}_measure")
            own = [self.raw(FieldRef(value.per, k)) for k in key]
            pairs = [
                exp.EQ(this=nodes.column(n, alias), expression=k) for n, k in zip(relation.dimensions, own, strict=True)
            ]
            self.joins.append(nodes.join(nodes.derived(relation.query, alias), nodes.every(pairs)))
            found: exp.Expression = nodes.column(relation.measures[0], alias)
            self._entities[value] = nodes.coalesce(found, nodes.number(0)) if zero else found
        return self._entities[value].copy()

    def select(self, expressions: list[exp.Expression], where: list[exp.Expression]) -> exp.Select:
        """SELECT … FROM … WHERE …; call it last, when every join is known."""
        select = exp.Select(expressions=expressions, from_=exp.From(this=self.start))
        if self.joins:
            select.set("joins", self.joins)
        if where:
            select.set("where", exp.Where(this=nodes.every(where)))
        return select


def bound(c: Compilation, dataset: str, name: str, alias: str) -> exp.Expression:
    """A field's expression (or a physical column that the model does not name) over an alias of its dataset."""
    owner = c.dataset(dataset)
    field = owner.field(name)
    if field is None:
        raise Refusal("unknown", name=f"{dataset}.{name}")
    try:
        tree = parse_row(field.expression or nodes.identifier(field.name).sql(dialect="duckdb"))
    except ExpressionFault as fault:
        raise Refusal("bad_metric", metric=f"{dataset}.{name}", what=str(fault)) from fault
    if isinstance(tree, exp.Column):
        return nodes.column(tree.name, alias)
    tree = tree.copy()
    for column in list(tree.find_all(exp.Column)):
        column.replace(nodes.column(column.name, alias))
    return nodes.wrapped(tree)


def stored(c: Compilation, dataset: str, name: str, alias: str) -> exp.Expression:
    """A join key: a field of the model where there is one, else the physical column."""
    return bound(c, dataset, name, alias) if c.dataset(dataset).field(name) else nodes.column(name, alias)


def equal_columns(c: Compilation, step: Step, source: str, target: str) -> exp.Expression:
    """All columns of a step equal: a composite key is joined whole."""
    found = nodes.every(
        exp.EQ(this=stored(c, step.source, a, source), expression=stored(c, step.target, b, target))
        for a, b in zip(step.source_columns, step.target_columns, strict=True)
    )
    assert found is not None
    return found


def one_path(c: Compilation, source: str, target: str, via: tuple[str, ...] = ()) -> Path:
    """The one best path; refuses when there is none or when two are equally good."""
    paths = c.graph.paths(source, target, via)
    if not paths:
        raise not_joinable(c, source, FieldRef(target, ""))
    return only(c, paths, source, target)


def only(c: Compilation, paths: tuple[Path, ...], source: str, target: str) -> Path:
    """The single path, or the question which one is meant."""
    if len(paths) == 1:
        return paths[0]
    ways = tuple(
        " → ".join(step.role for step in path if step.role) or " → ".join(step.name for step in path) for path in paths
    )
    raise Refusal(
        "ambiguous_path",
        home=shown(c, source),
        target=shown(c, target),
        ways=" / ".join(ways),
        suggestions=ways,
    )


def shown(c: Compilation, dataset: str) -> str:
    """What a dataset is called in a message."""
    found = c.model.dataset(dataset)
    return (found.label or found.name) if found else dataset


def not_joinable(c: Compilation, home: str, ref: FieldRef) -> Refusal:
    """The refusal that names both ends and what can be used instead."""
    field = c.model.field(ref.dataset, ref.field)
    name = (field.label or field.name) if field else shown(c, ref.dataset)
    usable = [shown(c, d.name) for d in c.model.datasets if d.name in c.graph.closure(home)]
    return Refusal(
        "not_joinable",
        measure=shown(c, home),
        dimension=name,
        home=shown(c, home),
        target=shown(c, ref.dataset),
        usable=usable,
    )
