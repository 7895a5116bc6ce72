"""In: the conditions of a sketch. Out: a plan's WHERE and HAVING."""

from __future__ import annotations

from dataclasses import replace

from bi_chat.planners.grammar.bind import Binder, Choice
from bi_chat.planners.grammar.measures import default_aggregate
from bi_chat.planners.grammar.pieces import Piece
from bi_chat.planners.grammar.sketch import Cond, Mention, Sketch
from bi_chat.planners.grammar.tracing import Trace
from bi_chat.semantics.naming import split
from bi_chat.semantics.model import Dataset, Field, SemanticModel
from bi_chat.semantics.targets import Kind, Target
from bi_chat.sql.joins import reachable
from bi_chat.values.plan import (
    Age,
    Aggregate,
    AllOf,
    AnyOf,
    Compare,
    Condition,
    EntityMeasure,
    Exists,
    FieldRef,
    Fn,
    In,
    IsNull,
    Literal,
    Measure,
    Metric,
    Not,
    Plan,
    Scalarish,
    Subquery,
    TextMatch,
    Measured,
)

NUMBERS = ("Integer", "Decimal", "Float")
AGE_WORDS = {"age", "birth", "birthday", "birthdate", "dob", "born", "年龄", "生日", "出生", "出生日期"}
RATING_WORDS = {"rating", "ratings", "stars", "star", "score", "评分", "星级"}
TRUE_WORDS = ("true", "t", "yes", "y", "1", "是")


class Conditions:
    """Turns said conditions into conditions of the plan."""

    def __init__(self, model: SemanticModel, sketch: Sketch, binder: Binder, trace: Trace, subject: Dataset | None) -> None:
        self.model, self.sketch, self.binder, self.trace, self.subject = model, sketch, binder, trace, subject
        self.where: list[tuple[str, Condition]] = []
        self.having: list[Condition] = []

    def dataset_of_values(self) -> Dataset | None:
        """The dataset that the first value belongs to: the subject when none was named."""
        for cond in self.sketch.conditions:
            for piece in (*cond.values, *((cond.noun,) if cond.noun else ())):
                choice = self.binder.choose(piece, (Kind.VALUE, Kind.FIELD, Kind.DATASET))
                if choice is not None and choice.target.dataset:
                    return self.model.dataset(choice.target.dataset)
        return None

    def apply(self, plan: Plan, flags: list[Mention]) -> Plan:
        """The plan with all conditions."""
        for cond in self.sketch.conditions:
            self._add(cond, plan)
        for mention in flags:
            self._flag(mention)
        return replace(plan, where=(*plan.where, *self._joined()), having=(*plan.having, *self.having))

    def _joined(self) -> tuple[Condition, ...]:
        """Conditions said with "or" become alternatives of the one before."""
        groups: list[list[Condition]] = []
        for joined_by, condition in self.where:
            if joined_by == "or" and groups:
                groups[-1].append(condition)
            else:
                groups.append([condition])
        return tuple(g[0] if len(g) == 1 else AnyOf(tuple(g)) for g in groups)

    def _add(self, cond: Cond, plan: Plan) -> None:
        made: Condition | None = None
        match cond.kind:
            case "value":
                self._values(cond)
            case "number":
                made = self._number(cond, plan)
            case "between":
                made = self._between(cond, plan)
            case "text":
                made = self._text(cond)
            case "null":
                made = self._null(cond)
            case "relation":
                made = self._relation(cond)
            case "average":
                made = self._average(cond, plan)
        if made is not None:
            self.where.append((cond.joined_by, made))

    # ------------------------------------------------------------------ values
    def _values(self, cond: Cond) -> None:
        chosen: dict[tuple[str, str], list[Scalarish]] = {}
        for piece in cond.values:
            choice = self._value(piece, cond.noun, tuple(chosen))
            if choice is None:
                self._quotation(cond, piece)
                continue
            self.trace.choice(piece, "filter", choice)
            alike = [h.target.name for h in piece.of(Kind.VALUE) if h.target.key == choice.target.key and h.said and h.said != h.target.name and h.score >= 0.9]
            chosen.setdefault(choice.target.key, []).extend(alike if choice.target.name in alike else [choice.target.name])
            self.binder.add_evidence(choice.target.dataset, 0.4)
        made: list[Condition] = []
        for (dataset, name), values in chosen.items():
            made.extend(self._in(FieldRef(dataset, name), tuple(dict.fromkeys(values)), cond))
        if len(made) > 1 and not cond.strict and not cond.negated:
            self.where.append((cond.joined_by, AnyOf(tuple(made))))
        else:
            self.where.extend((cond.joined_by if i == 0 else "and", c) for i, c in enumerate(made))

    def _in(self, ref: FieldRef, values: tuple[Scalarish, ...], cond: Cond) -> list[Condition]:
        far = self._is_far(ref.dataset)
        if self.sketch.both and len(values) > 1 and far:
            return [Exists(ref.dataset, (In(ref, (v,)),), negated=cond.negated) for v in values]
        if cond.negated and far:
            return [Exists(ref.dataset, (In(ref, values),), negated=True)]
        return [In(ref, values, negated=cond.negated)]

    def _is_far(self, dataset: str) -> bool:
        """Whether the subject has many of these rows."""
        if self.subject is None or dataset == self.subject.name:
            return False
        return dataset not in reachable(self.model, self.subject.name)

    def _value(self, piece: Piece, noun: Piece | None, used: tuple[tuple[str, str], ...]) -> Choice | None:
        prefer = {self.subject.name} if self.subject else set()
        fields = {h.target.key for h in noun.of(Kind.FIELD)} if noun else set()
        best: tuple[float, Target, str] | None = None
        rivals: list[tuple[Target, float]] = []
        for hit in piece.of(Kind.VALUE):
            choice = self.binder.choose(
                Piece(piece.start, piece.end, piece.text, hits=(hit,)), (Kind.VALUE,), prefer=prefer
            )
            if choice is None:
                continue
            score = choice.score + (0.6 if hit.target.key in fields else 0) + (0.3 if hit.target.key in used else 0)
            field = self.binder.field(hit.target)
            if field is not None and field.kind in ("key", "other"):
                score -= 0.15
            rivals.append((hit.target, score))
            if best is None or score > best[0]:
                best = (score, hit.target, hit.how)
        if best is None:
            return None
        others = tuple(sorted((r for r in rivals if r[0] != best[1]), key=lambda r: -r[1])[:5])
        return Choice(best[1], best[0], others, best[2])

    def _quotation(self, cond: Cond, piece: Piece) -> None:
        """A quoted text that is no known value: looked for in the field said, else in the naming field."""
        ref = self._field_ref(cond.noun, lambda f: f.datatype == "String") if cond.noun else None
        if ref is None and self.subject is not None and self.subject.display:
            ref = FieldRef(self.subject.name, self.subject.display)
        if ref is None:
            self.trace.doubt("unplaced_value", 1.0)
            return
        said = piece.quoted or piece.text
        self.trace.note(piece, "filter", field=ref.field, value=said)
        self.where.append((cond.joined_by, In(ref, (said,), negated=cond.negated)))

    # ------------------------------------------------------------------ numbers
    def _number(self, cond: Cond, plan: Plan) -> Condition | None:
        amount = cond.amounts[0]
        if cond.noun is None or self._names_rows(cond.noun, cond):
            return self._without_noun(cond, plan)
        if cond.counting or cond.fns:
            return self._counted(cond, plan)
        choice = (
            self._own_number(cond.noun)
            or self.binder.choose(cond.noun, (Kind.METRIC, Kind.FIELD), prefer=self._prefer(), fits=_numeric_or_year)
            or self.binder.choose(cond.noun, (Kind.METRIC, Kind.FIELD, Kind.DATASET), prefer=self._prefer())
        )
        if choice is None:
            return None
        self.trace.choice(cond.noun, "filter", choice)
        value = Literal(_number_of(amount.value))
        target = choice.target
        if target.kind is Kind.METRIC:
            self.having.append(Compare(Metric(target.name), cond.op, value))
            return None
        if target.kind is Kind.DATASET:
            if cond.hint in ("", "amount") and "$" not in amount.unit:
                self.having.append(Compare(Aggregate(Fn.COUNT, target.dataset), cond.op, value))
            return None
        ref = FieldRef(target.dataset, target.field)
        field = self.binder.field(target)
        if len(cond.amounts) > 1 and cond.op in ("=", "!="):
            return In(ref, tuple(_number_of(a.value) for a in cond.amounts), negated=cond.op == "!=")
        if field is not None and cond.hint == "age" and field.is_time:
            return Compare(Age(ref), cond.op, value)
        if field is not None and field.datatype == "String":
            return In(ref, (f"{amount.value:g}",), negated=cond.op == "!=") if cond.op in ("=", "!=") else None
        if field is not None and self._needs_sum(field, target, plan):
            self.having.append(Compare(Aggregate(default_aggregate(field), target.dataset, ref), cond.op, value))
            return None
        if field is not None and field.unit == "%" and amount.unit == "%" and (field.high or 0) in (0, 1):
            value = Literal(amount.value / 100)
        return Compare(ref, cond.op, value)

    def _own_number(self, noun: Piece) -> Choice | None:
        """A number of the subject itself, unless something else is named better."""
        if self.subject is None or noun.of(Kind.METRIC):
            return None
        own = [h for h in noun.of(Kind.FIELD) if h.target.dataset == self.subject.name and _numeric_or_year(self.binder.field(h.target))]
        if not own or own[0].score < max(0.4, noun.hits[0].score - 0.45):
            return None
        return Choice(own[0].target, own[0].score, (), own[0].how)

    def _names_rows(self, noun: Piece, cond: Cond) -> bool:
        """ "drivers older than 40": the noun is whose rows, not which field."""
        money = bool(cond.amounts) and cond.amounts[0].unit not in ("", "%")
        if cond.counting or not noun.of(Kind.DATASET) or (noun.of(Kind.METRIC) and not money):
            return False
        fields = [h for h in noun.of(Kind.FIELD) if _numeric_or_year(self.binder.field(h.target))]
        return not fields or fields[0].score < noun.of(Kind.DATASET)[0].score - 0.05

    def _needs_sum(self, field: Field, target: Target, plan: Plan) -> bool:
        """ "categories with more than 300k revenue": the field is finer than what is listed, so its sum is meant."""
        if field.kind != "measure" or field.additivity != "additive":
            return False
        grouped = bool(plan.dimensions) and bool(plan.measures)
        return self._is_far(target.dataset) or (grouped and not any(m.fns for m in self.sketch.mentions))

    def _counted(self, cond: Cond, plan: Plan) -> Condition | None:
        assert cond.noun is not None
        value = Literal(_number_of(cond.amounts[0].value))
        measure: Measure | None = None
        if cond.counting:
            choice = self.binder.choose(cond.noun, (Kind.DATASET, Kind.METRIC, Kind.FIELD), prefer=())
            if choice is not None:
                self.trace.choice(cond.noun, "filter", choice)
                target = choice.target
                measure = (
                    Metric(target.name)
                    if target.kind is Kind.METRIC
                    else Aggregate(Fn.COUNT, target.dataset)
                    if target.kind is Kind.DATASET
                    else Aggregate(Fn.COUNT, target.dataset, FieldRef(*target.key), distinct=True)
                )
        else:
            choice = self.binder.choose(cond.noun, (Kind.METRIC, Kind.FIELD), prefer=self._prefer())
            if choice is not None:
                self.trace.choice(cond.noun, "filter", choice)
                measure = (
                    Metric(choice.target.name)
                    if choice.target.kind is Kind.METRIC
                    else Aggregate(cond.fns[0], choice.target.dataset, FieldRef(*choice.target.key))
                )
        if measure is not None:
            self.having.append(Compare(measure, cond.op, value))
        return None

    def _without_noun(self, cond: Cond, plan: Plan) -> Condition | None:
        """ "older than 30", "orders above $1,000": the field follows from the comparison's own word or the unit."""
        value = Literal(_number_of(cond.amounts[0].value))
        named = self.binder.dataset_of(cond.noun) if cond.noun is not None else None
        near = [d for d in (named, self.subject) if d is not None]
        if cond.hint == "age":
            for dataset in near:
                for field in dataset.fields:
                    if AGE_WORDS & set(split(field.name)):
                        ref = FieldRef(dataset.name, field.name)
                        return Compare(Age(ref) if field.is_time else ref, cond.op, value)
        if cond.hint == "rating":
            rated = next((f for f in (self.subject.fields if self.subject else ()) if RATING_WORDS & set(split(f.name))), None)
            if rated is not None and self.subject is not None:
                return Compare(FieldRef(self.subject.name, rated.name), cond.op, value)
            self.trace.doubt("unplaced_amount", 1.0)
            return None
        if self.subject is None:
            return None
        money = cond.amounts[0].unit not in ("", "%")
        numeric = [f for f in self.subject.fields if f.kind == "measure" and (not money or f.format == "currency")]
        if len(numeric) == 1:
            self.trace.doubt("assumed_field", 0.5)
            return Compare(FieldRef(self.subject.name, numeric[0].name), cond.op, value)
        if money or cond.amounts[0].value >= 100:
            metric = self._main_money()
            if metric is not None:
                self.trace.doubt("assumed_field", 0.5)
                return Compare(EntityMeasure(metric, self.subject.name), cond.op, value)
        self.trace.doubt("unplaced_amount", 1.0)
        return None

    def _main_money(self) -> Measure | None:
        """The first money metric whose rows belong to the subject."""
        assert self.subject is not None
        for metric in self.model.metrics:
            home = self.binder.metric_homes.get(metric.name, "")
            if "sum(" in metric.expression.lower() and self.subject.name in reachable(self.model, home):
                return Metric(metric.name)
        return None

    def _between(self, cond: Cond, plan: Plan) -> Condition | None:
        low = replace_cond(cond, ">=", 0)
        high = replace_cond(cond, "<=", 1)
        made = [c for c in (self._number(low, plan), self._number(high, plan)) if c is not None]
        if not made:
            return None
        both = AllOf(tuple(made)) if len(made) > 1 else made[0]
        return Not(both) if cond.negated else both

    def _average(self, cond: Cond, plan: Plan) -> Condition | None:
        if cond.noun is None:
            self.trace.doubt("unplaced_amount", 1.0)
            return None
        choice = self.binder.choose(cond.noun, (Kind.METRIC, Kind.FIELD), prefer=self._prefer(), fits=_numeric_or_year)
        if choice is None or choice.target.kind is not Kind.FIELD:
            self.trace.doubt("unplaced_amount", 1.0)
            return None
        self.trace.choice(cond.noun, "filter", choice)
        ref = FieldRef(*choice.target.key)
        mean = Plan(measures=(Measured(Aggregate(Fn.AVG, ref.dataset, ref)),))
        return Compare(ref, cond.op, Subquery(mean))

    # ------------------------------------------------------------------ the rest
    def _text(self, cond: Cond) -> Condition | None:
        ref = self._field_ref(cond.noun, lambda f: f.datatype in ("String", "")) if cond.noun else None
        if ref is None and cond.noun is not None and (dataset := self.binder.dataset_of(cond.noun)) is not None:
            texts = [f.name for f in dataset.fields if f.kind == "text"]
            name = texts[0] if texts else dataset.display
            ref = FieldRef(dataset.name, name) if name else None
        if ref is None and self.subject is not None and self.subject.display:
            ref = FieldRef(self.subject.name, self.subject.display)
        if ref is None:
            return None
        return TextMatch(ref, cond.text, cond.mode, cond.negated)

    def _null(self, cond: Cond) -> Condition | None:
        if cond.noun is None:
            return None
        ref = self._field_ref(cond.noun, None)
        if ref is None or self._is_far(ref.dataset):
            return self._relation(replace(cond, negated=not cond.negated))
        return IsNull(ref, cond.negated)

    def _relation(self, cond: Cond) -> Condition | None:
        if cond.noun is None:
            return self._deeds(cond)
        choice = self.binder.choose(cond.noun, (Kind.DATASET, Kind.METRIC, Kind.FIELD), prefer=())
        if choice is None:
            return None
        self.trace.choice(cond.noun, "filter", choice)
        dataset = choice.target.dataset or self.binder.metric_homes.get(choice.target.name, "")
        if choice.target.kind is Kind.FIELD and not self._is_far(dataset):
            return IsNull(FieldRef(*choice.target.key), not cond.negated)
        if self.subject is not None and dataset == self.subject.name:
            return None
        near = self.subject is not None and not self._is_far(dataset)
        if near and self.subject is not None:
            for rel in self.model.relationships:
                if rel.from_dataset == self.subject.name and rel.to_dataset == dataset and len(rel.from_columns) == 1:
                    return IsNull(FieldRef(self.subject.name, rel.from_columns[0]), not cond.negated)
        return Exists(dataset, (), negated=cond.negated)

    def _deeds(self, cond: Cond) -> Condition | None:
        """ "never sold", "never bought anything": no row of the fact that refers to the subject."""
        if self.subject is None:
            return None
        facts = [d for d in self.model.datasets if d.name != self.subject.name and self.subject.name in reachable(self.model, d.name)]
        if not facts:
            return None
        main = next((h for m in self.model.metrics if (h := self.binder.metric_homes.get(m.name, ""))), "")
        direct = {r.from_dataset for r in self.model.relationships if r.to_dataset == self.subject.name}
        best = max(facts, key=lambda d: (d.name in direct, d.name == main, main in ("", d.name) or d.name in reachable(self.model, main), d.rows or 0))
        self.trace.doubt("assumed_relation", 0.4)
        return Exists(best.name, (), negated=cond.negated)

    def _flag(self, mention: Mention) -> None:
        choice = self.binder.choose(mention.piece, (Kind.FIELD,), prefer=self._prefer())
        field = self.binder.field(choice.target) if choice else None
        if choice is None or field is None:
            return
        self.trace.choice(mention.piece, "filter", choice)
        truth: Scalarish = True
        if field.datatype != "Boolean":
            truth = next((v for v in field.values if v.lower() in TRUE_WORDS), 1)
            if field.datatype in NUMBERS:
                truth = 1
        self.where.append(("and", In(FieldRef(*choice.target.key), (truth,))))

    def _field_ref(self, noun: Piece | None, fits: object) -> FieldRef | None:
        if noun is None:
            return None
        choice = self.binder.choose(noun, (Kind.FIELD,), prefer=self._prefer(), fits=fits)
        if choice is None:
            return None
        self.trace.choice(noun, "filter", choice)
        return FieldRef(*choice.target.key)

    def _prefer(self) -> tuple[str, ...]:
        return (self.subject.name,) if self.subject else ()


def replace_cond(cond: Cond, op: str, which: int) -> Cond:
    """One side of a between."""
    return replace(cond, kind="number", op=op, amounts=[cond.amounts[which]])


def _number_of(value: float) -> int | float:
    return int(value) if float(value).is_integer() else value


def _numeric_or_year(field: Field | None) -> bool:
    return field is not None and (field.datatype in NUMBERS or field.is_time)
