"""In: a sketch and a binder. Out: a plan, with how each piece was read.

The order matters: whose rows are meant (the subject), then what is shown, then conditions, periods, order and limit, and
figures computed from figures.
"""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

from bi_chat.planners.grammar.bind import Binder, Choice
from bi_chat.planners.grammar.conditions import Conditions
from bi_chat.planners.grammar.measures import Measures
from bi_chat.planners.grammar.pieces import Piece
from bi_chat.planners.grammar.ranks import main_measure, rank_plan
from bi_chat.planners.grammar.roles import with_roles
from bi_chat.planners.grammar.sketch import Cond, GroupSaid, Mention, Sketch
from bi_chat.planners.grammar.timing import apply_time
from bi_chat.planners.grammar.tracing import Trace
from bi_chat.planners.grammar.derive import apply_calculations
from bi_chat.semantics.model import Dataset, SemanticModel
from bi_chat.semantics.targets import Kind
from bi_chat.sql.joins import reachable
from bi_chat.values.period import DatePart, Grain, resolve_period
from bi_chat.values.plan import TIME, Arithmetic, Metric, Aggregate, Bin, Compare, Fn, In, Order, Dimension, FieldRef, Measured, PartOfDate, Plan, Scalar, TimeBucket

LIST_INTENTS = ("list", "which", "who", "when", "where")


class Assembler:
    """Builds one plan from one sketch."""

    def __init__(self, model: SemanticModel, sketch: Sketch, binder: Binder, trace: Trace, asked_on: date) -> None:
        self.model, self.sketch, self.binder, self.trace, self.asked_on = model, sketch, binder, trace, asked_on
        self.measures = Measures(model, binder, trace)
        self.owners = find_owners(sketch)
        self.subject: Dataset | None = None
        self.columns: list[Dimension] = []
        self.measured: list[Measured] = []
        self.dimensions: list[Dimension] = []
        self.within: list[int] = []
        self.flags: list[Mention] = []

    # ------------------------------------------------------------------ whose rows
    def find_subject(self) -> Dataset | None:
        """The dataset whose rows are meant: named outright, else the one of the first field."""
        named: list[tuple[int, Dataset]] = []
        for mention in self.sketch.mentions:
            choice = self.binder.choose(mention.piece, (Kind.DATASET, Kind.METRIC, Kind.FIELD), owner=self.owner(mention))
            if choice and choice.target.kind is Kind.DATASET:
                found = self.model.dataset(choice.target.dataset)
                if found is not None:
                    rank = 0 if mention.role == "subject" else 1 if mention.role == "count" else 2
                    named.append((rank, found))
        for ranking in self.sketch.rankings:
            if ranking.noun is not None and (found := self.binder.dataset_of(ranking.noun)) is not None:
                named.append((0, found))
        if named:
            return min(named, key=lambda n: n[0])[1]
        return None

    def owner(self, mention: Mention) -> Piece | None:
        """The dataset said to own a noun."""
        return mention.owner or self.owners.get(id(mention.piece))

    # ------------------------------------------------------------------ the plan
    def build(self) -> Plan | None:
        """The plan, or None when nothing was said that could be shown."""
        self.subject = self.find_subject()
        if self.subject is not None:
            self.binder.add_evidence(self.subject.name)
        self._counted_in_chart()
        grouped = self._groups()
        aggregated = self._is_aggregated(grouped)
        for mention in self.sketch.mentions:
            self._take(mention, aggregated)
        self._per_entity()
        conditions = Conditions(self.model, self.sketch, self.binder, self.trace, self.subject)
        plan = self._plain(aggregated, conditions)
        if plan is None:
            return None
        plan = rank_plan(plan, self)
        plan = regrouped(conditions.apply(plan, self.flags), self.model)
        plan = self._side_by_side(plan)
        plan = apply_time(plan, self)
        plan = with_roles(apply_calculations(plan, self), self.sketch, self.model)
        return replace(plan, chart=self.sketch.chart or None)

    def _per_entity(self) -> None:
        """ "average revenue per customer": the total divided by those who had any part in it."""
        averaged = [m for m in self.sketch.mentions if m.fns == (Fn.AVG,) and m.piece.of(Kind.METRIC)]
        said = next((g for g in self.sketch.groups if g.noun is not None and self.sketch.pieces[g.at - 1].word("per_unit")), None)
        if len(averaged) != 1 or said is None or said.noun is None or len(self.measured) != 1:
            return
        entity = self.binder.dataset_of(said.noun)
        metric = averaged[0].piece.of(Kind.METRIC)[0].target.name
        home = self.measures.home(Metric(metric))
        if entity is None or home is None or not entity.primary_key or entity.name not in reachable(self.model, home.name):
            return
        counted = Aggregate(Fn.COUNT, home.name, FieldRef(entity.name, entity.primary_key[0]), distinct=True)
        self.measured = [Measured(Arithmetic("/", Metric(metric), counted))]
        dropped = self.group_dimension(said)
        self.dimensions = [d for d in self.dimensions if d != dropped]

    def _is_aggregated(self, grouped: bool) -> bool:
        sketch = self.sketch
        if any(m.fns for m in sketch.mentions) or sketch.calculations or {"distribution", "count_rows"} & set(sketch.flags):
            return True
        if not (sketch.mentions or sketch.groups or sketch.rankings) and (sketch.intent == "how_much" or any(p.word("verb") for p in sketch.pieces)):
            return not sketch.conditions or bool(sketch.periods)
        if sketch.intent == "how_much" and not any(self._plain_column(m) for m in sketch.mentions):
            return True
        if {"forecast", "why", "anomaly", "correlation", "trend"} & set(sketch.flags):
            return True
        if any(self._is_metric(m) for m in sketch.mentions):
            return True
        if any(r.by and (r.by.fns or self._is_metric(r.by)) or r.counting for r in sketch.rankings):
            return not any(m.role == "select" and self._plain_column(m) for m in sketch.mentions) or grouped
        if grouped:
            return not self._lists_each()
        if sketch.intent in LIST_INTENTS:
            return False
        return self._bare_measure()

    def _lists_each(self) -> bool:
        """ "the name and age of each player": one row for each, nothing to aggregate."""
        if len(self.sketch.groups) != 1 or self.sketch.rankings or not self.sketch.mentions:
            return False
        said = self.sketch.groups[0].noun
        each = self.binder.dataset_of(said) if said is not None else None
        if each is None or said is None or not said.hits or said.hits[0].target.kind is not Kind.DATASET:
            return False
        for mention in self.sketch.mentions:
            choice = self.binder.choose(mention.piece, (Kind.METRIC, Kind.DATASET, Kind.FIELD), owner=said)
            if choice is None or choice.target.kind is not Kind.FIELD or choice.target.dataset != each.name:
                return False
        self.subject, self.dimensions = each, []
        return True

    def _bare_measure(self) -> bool:
        """ "refund amount in 2024": a summable field without a list word; "tickets last month": a count."""
        additive = entity = other = 0
        for mention in self.sketch.mentions:
            choice = self._choose(mention)
            if choice is None or choice.target.kind is Kind.METRIC:
                continue
            if choice.target.kind is Kind.DATASET:
                entity += 1
                continue
            field = self.binder.field(choice.target)
            if field is not None and field.kind == "measure" and field.additivity == "additive":
                additive += 1
            elif field is not None and not (field.is_time or field.kind in ("time", "flag")):
                other += 1
        if additive and not other:
            return not (entity and self.sketch.intent == "list")
        return bool(entity) and not other and not additive and bool(self.sketch.periods) and not self.sketch.rankings

    def _is_metric(self, mention: Mention) -> bool:
        hits = mention.piece.of(Kind.METRIC)
        if not hits or hits[0].score < mention.piece.hits[0].score - 0.1:
            return False
        dataset = mention.piece.of(Kind.DATASET)
        listing = self.sketch.intent in ("list", "which", "who") and mention.role in ("subject", "select")
        return not (dataset and dataset[0].score >= hits[0].score - 0.05 and listing)

    def _choose(self, mention: Mention) -> Choice | None:
        return self.binder.choose(
            mention.piece, (Kind.METRIC, Kind.DATASET, Kind.FIELD), owner=self.owner(mention), prefer=self._at_hand()
        )

    def _at_hand(self) -> tuple[str, ...]:
        return (self.subject.name,) if self.subject else ()

    def _plain_column(self, mention: Mention) -> bool:
        choice = self._choose(mention)
        return choice is not None and choice.target.kind is Kind.FIELD

    # ------------------------------------------------------------------ groups
    def _groups(self) -> bool:
        for said in self.sketch.groups:
            dimension = self.group_dimension(said)
            if dimension is None or dimension in self.dimensions:
                continue
            if said.within:
                self.within.append(len(self.dimensions))
            self.dimensions.append(dimension)
        return bool(self.dimensions)

    def group_dimension(self, said: GroupSaid) -> Dimension | None:
        """The scalar of a grouping."""
        if said.noun is not None and (said.grain or said.part):
            return self._cut_date(said)
        if said.grain is not None and said.grain.grain is Grain.HOUR and not self._within_days():
            self.trace.note(self.sketch.pieces[said.at], "dimension", part=DatePart.HOUR_OF_DAY.value)
            return Dimension(PartOfDate(TIME, DatePart.HOUR_OF_DAY))
        if said.grain is not None:
            self.trace.note(self.sketch.pieces[said.at], "dimension", grain=said.grain.grain.value)
            return Dimension(TimeBucket(TIME, said.grain.grain, said.grain.fiscal))
        if said.part is not None:
            self.trace.note(self.sketch.pieces[said.at], "dimension", part=said.part.part.value)
            return Dimension(PartOfDate(TIME, said.part.part))
        assert said.noun is not None
        return self.noun_dimension(said.noun, said.owner or self.owners.get(id(said.noun)), said.role_word)

    def _counted_in_chart(self) -> None:
        """ "a pie chart of the number of cities": the picture of a count shows the groups."""
        drawn = self.sketch.chart in ("bar", "pie", "stacked_bar") or "chart" in self.sketch.flags
        counted = [m for m in self.sketch.mentions if m.role == "count" and not m.distinct]
        if not drawn or len(counted) != 1 or self.sketch.groups:
            return
        choice = self.binder.choose(counted[0].piece, (Kind.METRIC, Kind.DATASET, Kind.FIELD), owner=self.owner(counted[0]))
        field = self.binder.field(choice.target) if choice is not None and choice.target.kind is Kind.FIELD else None
        if field is not None and field.kind in ("category", "time", "flag"):
            counted[0].fns, counted[0].role = (), "select"
            self.sketch.groups.append(GroupSaid(counted[0].at, noun=counted[0].piece, owner=self.owner(counted[0])))
            self.sketch.mentions.remove(counted[0])

    def _within_days(self) -> bool:
        """Whether the question is about a few days, where each hour stands for itself."""
        for mention in self.sketch.periods:
            try:
                found = resolve_period(mention.said.expr, self.asked_on, self.model.calendar)
            except ValueError:
                continue
            if found.start is not None and found.end is not None and (found.end - found.start).days <= 7:
                return True
        return False

    def _cut_date(self, said: GroupSaid) -> Dimension | None:
        """A named date field at a grain, or folded to a part."""
        assert said.noun is not None
        choice = self.binder.choose(said.noun, (Kind.FIELD,), prefer=self._at_hand(), fits=lambda f: f is not None and f.is_time)
        if choice is None:
            return None
        self.trace.choice(said.noun, "dimension", choice)
        ref = FieldRef(*choice.target.key)
        self.columns = [c for c in self.columns if c.of != ref]
        if said.grain is not None:
            return Dimension(TimeBucket(ref, said.grain.grain, said.grain.fiscal))
        return Dimension(PartOfDate(ref, said.part.part)) if said.part is not None else None

    def noun_dimension(self, noun: Piece, owner: Piece | None = None, role: Piece | None = None) -> Dimension | None:
        """A field, or the field that names a dataset's rows."""
        choice = self.binder.choose(noun, (Kind.FIELD, Kind.DATASET), owner=owner, prefer=self._at_hand())
        if choice is None:
            return None
        via = self._via(role)
        self.trace.choice(noun, "dimension", choice)
        self.binder.add_evidence(choice.target.dataset, 0.5)
        dataset = self.model.dataset(choice.target.dataset)
        if choice.target.kind is Kind.DATASET and dataset is not None:
            return Dimension(FieldRef(dataset.name, naming_field(dataset), via))
        field = self.binder.field(choice.target)
        if field is not None and field.kind == "key" and dataset is not None:
            referred = self._referred(dataset, field.name)
            if referred is not None:
                return Dimension(FieldRef(referred[0].name, naming_field(referred[0]), (referred[1],)))
        ref = FieldRef(choice.target.dataset, choice.target.field, via)
        if field is not None and field.is_time and field.datatype in ("DateTime", "DateTimeTz"):
            return Dimension(TimeBucket(ref, Grain.DAY))
        return Dimension(ref)

    def _referred(self, dataset: Dataset, key: str) -> tuple[Dataset, str] | None:
        if self.sketch.intent == "list" or "id" in key.lower().replace("_", " ").split():
            return None
        for rel in self.model.relationships:
            if rel.from_dataset == dataset.name and rel.from_columns == (key,):
                found = self.model.dataset(rel.to_dataset)
                return (found, rel.name) if found is not None else None
        return None

    def _via(self, role: Piece | None) -> tuple[str, ...]:
        return (role.of(Kind.ROLE)[0].target.name,) if role is not None else ()

    # ------------------------------------------------------------------ nouns
    def _take(self, mention: Mention, aggregated: bool) -> None:
        if mention.fns:
            self.measured.extend(self.measures.aggregates(mention, self.owner(mention), self._at_hand()))
            return
        choice = self._choose(mention)
        if choice is None:
            return
        field = self.binder.field(choice.target) if choice.target.kind is Kind.FIELD else None
        if field is not None and field.kind == "flag" and len(self.sketch.mentions) > 1:
            self.flags.append(mention)
            return
        if field is not None and self._is_event(mention, choice):
            return
        if aggregated and choice.target.kind is Kind.METRIC:
            self.measured.append(self.measures.metric(mention.piece, choice))
        elif aggregated and choice.target.kind is Kind.FIELD:
            self._take_field(mention, choice)
        elif choice.target.kind is Kind.FIELD:
            self.trace.choice(mention.piece, "dimension", choice)
            ref = FieldRef(choice.target.dataset, choice.target.field, self._via(mention.role_word))
            self._column(Dimension(ref))
        elif aggregated and choice.target.kind is Kind.DATASET and self._is_related(mention, choice):
            self.sketch.conditions.append(Cond("relation", mention.at, mention.piece))
        elif choice.target.kind is Kind.METRIC and not aggregated:
            dataset = mention.piece.of(Kind.DATASET)
            if dataset:
                self.trace.choice(mention.piece, "dataset", Choice(dataset[0].target, dataset[0].score))
        else:
            self.trace.choice(mention.piece, "dataset", choice)

    def _is_related(self, mention: Mention, choice: Choice) -> bool:
        """ "how many members take part in an activity": counted are those that have such a row."""
        counted = [m for m in self.sketch.mentions if m.role == "count"]
        if not counted or mention.at < counted[0].at or self.subject is None or choice.target.dataset == self.subject.name:
            return False
        return choice.target.dataset not in reachable(self.model, self.subject.name) and self.owner(counted[0]) is not mention.piece

    def _is_event(self, mention: Mention, choice: Choice) -> bool:
        """ "signed up": the words of a time field, said as an event of the subject, not as a column."""
        field = self.binder.field(choice.target)
        said_by_period = any(p.event is mention.piece for p in self.sketch.periods)
        is_time = field is not None and (field.is_time or field.kind == "time")
        return is_time and (said_by_period or (choice.how in ("event", "general", "part") and len(self.sketch.mentions) > 1))

    def _take_field(self, mention: Mention, choice: Choice) -> None:
        field = self.binder.field(choice.target)
        if field is not None and field.kind in ("measure", "number") and not self._is_dimension_use(mention, choice):
            self.measured.append(self.measures.bare_field(mention.piece, choice))
            return
        counted = [m for m in self.sketch.mentions if m.role == "count"]
        beside = mention.at > 0 and self.sketch.pieces[mention.at - 1].word("and") is not None
        if self._modifies(mention) or (counted and mention.at > counted[0].at and not beside and "count" in self.sketch.flags and not self.sketch.calculations):
            return
        dimension = self.noun_dimension(mention.piece, self.owner(mention), mention.role_word)
        if dimension is not None and dimension not in self.dimensions:
            self.dimensions.append(dimension)

    def _is_dimension_use(self, mention: Mention, choice: Choice) -> bool:
        field = self.binder.field(choice.target)
        counted = any(m.fns for m in self.sketch.mentions)
        return field is not None and field.kind == "number" and counted and mention.role == "select"

    def _column(self, dimension: Dimension) -> None:
        if dimension not in self.columns:
            self.columns.append(dimension)

    # ------------------------------------------------------------------ plain plan
    def _plain(self, aggregated: bool, conditions: Conditions) -> Plan | None:
        if not aggregated:
            return self._list_plan(conditions)
        dims: list[Dimension] = [*self.dimensions]
        head = self._head_dimension()
        if head is not None and head not in dims:
            dims.insert(0, head)
            self.within = [w + 1 for w in self.within]
        if not self.measured:
            counted = self._unsaid_measure(conditions)
            if counted is not None and not any(r.by or r.counting for r in self.sketch.rankings):
                self.measured.append(counted)
        if ("distribution" in self.sketch.flags or self.sketch.width) and self.measured and (found := self._distribution(dims)):
            return found
        if not self.measured and not self.sketch.rankings:
            return None
        return Plan(measures=tuple(self.measured), dimensions=tuple(dims))

    def _side_by_side(self, plan: Plan) -> Plan:
        """ "compare web and store": the values that are compared stand as groups."""
        if not ({"compare", "versus"} & set(self.sketch.flags)) or not plan.measures:
            return plan
        for condition in plan.where:
            if isinstance(condition, In) and len(condition.values) > 1 and not condition.negated:
                dimension = Dimension(condition.of)
                if dimension not in plan.dimensions:
                    return replace(plan, dimensions=(*plan.dimensions, dimension))
        return plan

    def _modifies(self, mention: Mention) -> bool:
        """ "Lumina products": a noun right after its own value says what the value is, not how to group."""
        before = self.sketch.pieces[mention.at - 1] if mention.at > 0 else None
        if before is None or not before.of(Kind.VALUE) or mention.role != "select":
            return False
        datasets = {h.target.dataset for h in before.of(Kind.VALUE)}
        return any(h.target.dataset in datasets for h in mention.piece.hits)

    def _unsaid_measure(self, conditions: Conditions) -> Measured | None:
        """ "how much did we sell", "share of each category": the main money measure; else the rows are counted."""
        sketch = self.sketch
        earns = sketch.intent == "how_much" or any(p.word("verb") and not p.hits for p in sketch.pieces)
        entity = any(m.piece.of(Kind.DATASET) for m in sketch.mentions if m.role in ("select", "subject"))
        if (earns or sketch.calculations) and not entity:
            main = main_measure(self)
            if main is not None:
                self.trace.doubt("assumed_measure", 0.25)
                return Measured(main)
        return self.measures.count_of_subject(self.subject or conditions.dataset_of_values())

    def _head_dimension(self) -> Dimension | None:
        """ "which region had …": the head noun is the grouping."""
        for mention in self.sketch.mentions:
            if mention.role == "subject" and not mention.fns and not self._is_metric(mention):
                return self.noun_dimension(mention.piece, self.owner(mention), mention.role_word)
        for ranking in self.sketch.rankings:
            if ranking.noun is not None:
                return self.noun_dimension(ranking.noun)
        needs_entity = bool(self.sketch.rankings) or any(c.counting or c.fns for c in self.sketch.conditions)
        if needs_entity and not self.dimensions and self.subject is not None:
            counted = any(m.role == "count" for m in self.sketch.mentions)
            return None if counted else Dimension(FieldRef(self.subject.name, naming_field(self.subject)))
        return None

    def _distribution(self, dims: list[Dimension]) -> Plan | None:
        """Rows of the subject counted by a number's value or bucket; as single values for a histogram."""
        measure = next((m.of for m in self.measured if not (isinstance(m.of, Aggregate) and m.of.function is Fn.COUNT)), None)
        if measure is None or (self.sketch.width is None and dims and self.sketch.chart != "box"):
            return None
        scalar, home = self.measures.per_row(measure, self.subject)
        if scalar is None or home is None:
            return None
        if self.sketch.chart in ("histogram", "box") and self.sketch.width is None:
            return Plan(dimensions=(*dims, Dimension(scalar)), base=home.name)
        counted = self.measures.count_of_subject(home)
        width = self.sketch.width or self._width(scalar)
        bucket = Dimension(Bin(scalar, width) if width else scalar)
        return Plan(measures=(counted,) if counted else (), dimensions=(bucket, *dims), order=(Order(bucket.of, False),))

    def _width(self, scalar: Scalar) -> float | None:
        """No buckets for a few distinct values, else about ten round ones."""
        field = self.model.field(scalar.dataset, scalar.field) if isinstance(scalar, FieldRef) else None
        if field is None or field.low is None or field.high is None:
            return 100.0
        if (field.distinct or 99) <= 25:
            return None
        spread = (float(field.high) - float(field.low)) / 10
        power = 10 ** math.floor(math.log10(spread)) if spread > 0 else 1.0
        return next(step * power for step in (1, 2, 5, 10) if step * power >= spread)

    def _list_plan(self, conditions: Conditions) -> Plan | None:
        columns = self.columns or []
        base = self.subject
        if "all_columns" in self.sketch.flags and (whole := base or conditions.dataset_of_values()) is not None:
            columns, base = [Dimension(FieldRef(whole.name, f.name)) for f in whole.fields], whole
        if base is None and not columns:
            base = conditions.dataset_of_values()
        if not columns and base is not None:
            columns = [Dimension(FieldRef(base.name, naming_field(base)))]
        if not columns:
            return None
        owner = base.name if base is not None else None
        if owner is None:
            first = columns[0].of
            owner = first.dataset if isinstance(first, FieldRef) else None
        if base is not None and self._also_named(base, columns):
            columns = [Dimension(FieldRef(base.name, naming_field(base))), *columns]
        distinct = self.sketch.distinct or (self.subject is None and self._repeats(columns))
        return Plan(dimensions=tuple(columns), base=owner, distinct=distinct)

    def _also_named(self, base: Dataset, columns: list[Dimension]) -> bool:
        """ "the stores with their opening date": the rows' own name comes first."""
        first = next((m for m in self.sketch.mentions if m.piece.of(Kind.DATASET)), None)
        if first is None or first.owner or not self.columns or any(d.of == FieldRef(base.name, naming_field(base)) for d in columns):
            return False
        later = [m for m in self.sketch.mentions if m.at > first.at and m.piece.of(Kind.FIELD)]
        earlier = [m for m in self.sketch.mentions if m.at < first.at]
        between = self.sketch.pieces[first.at + 1 : later[0].at] if later else ()
        return not earlier and any(p.word("with", "their") for p in between)

    def _repeats(self, columns: list[Dimension]) -> bool:
        """ "show all product colors": one attribute, whose rows nobody named: each value once."""
        if len(columns) != 1 or not isinstance(columns[0].of, FieldRef) or self.sketch.conditions or self.sketch.orders:
            return False
        field = self.model.field(columns[0].of.dataset, columns[0].of.field)
        return field is not None and field.kind == "category" and not field.unique


def regrouped(plan: Plan, model: SemanticModel) -> Plan:
    """ "countries with more than one mountain": a list of an attribute, judged by counts of its own rows, is grouped."""
    if plan.measures or plan.base is None:
        return plan
    judged = [c.left for c in plan.having if isinstance(c, Compare)] + [o.by for o in plan.order]
    counts = [m for m in judged if isinstance(m, Aggregate)]
    columns = [d.of for d in plan.dimensions if isinstance(d.of, FieldRef)]
    if not counts or len(columns) != len(plan.dimensions):
        return plan
    own = {m.dataset for m in counts}
    dataset = model.dataset(columns[0].dataset)
    if dataset is None or own != {dataset.name} or any(c.dataset != dataset.name for c in columns):
        return plan
    if any((f := dataset.field(c.field)) is None or f.unique for c in columns):
        return plan
    measures = tuple(dict.fromkeys(Measured(m) for m in counts))
    return replace(plan, base=None, measures=measures, hidden=tuple(range(len(measures))))


def naming_field(dataset: Dataset) -> str:
    """The field that names a row to a person: its display field, else its key."""
    if dataset.display and dataset.field(dataset.display):
        return dataset.display
    if dataset.primary_key:
        return dataset.primary_key[0]
    return dataset.fields[0].name if dataset.fields else ""


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
        elif not (piece.unexplained or piece.word("and", "filler", "is", "all", "their", "distinct", "show", "average", "total", "maximum", "minimum")):
            waiting, after_of = [], False
    return owners


PARTS = {p.value: p for p in DatePart}
