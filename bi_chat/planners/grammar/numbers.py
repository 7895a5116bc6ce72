"""In: conditions on numbers. Out: conditions on a row's number, or on a measure of each group (HAVING)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bi_chat.planners.grammar.ages import age_field, aged
from bi_chat.planners.grammar.bind import Choice
from bi_chat.planners.grammar.deeds import fact_of
from bi_chat.planners.grammar.defaults import default_aggregate
from bi_chat.planners.grammar.measures import counts_rows, measure_home, only_field
from bi_chat.planners.grammar.pieces import Piece
from bi_chat.planners.grammar.sketch import Cond
from bi_chat.semantics.model import Field
from bi_chat.semantics.naming import split
from bi_chat.semantics.targets import Kind, Target
from bi_chat.sql.joins import reachable
from bi_chat.values.plan import (
    Age,
    Aggregate,
    AllOf,
    Compare,
    Condition,
    EntityMeasure,
    FieldRef,
    Fn,
    In,
    Literal,
    Measure,
    Measured,
    Metric,
    Nested,
    Not,
    Plan,
    Subquery,
)

if TYPE_CHECKING:
    from bi_chat.planners.grammar.conditions import Conditions

NUMBERS = ("Integer", "Decimal", "Float")
RATING_WORDS = {"rating", "ratings", "stars", "star", "score", "评分", "星级"}


class Numbers:
    """Conditions with amounts, for one sketch; what it can't place on a row goes to the plan's HAVING."""

    def __init__(self, of: Conditions) -> None:
        self.of = of
        self.model, self.sketch, self.binder, self.trace, self.subject = (
            of.model,
            of.sketch,
            of.binder,
            of.trace,
            of.subject,
        )

    def number(self, cond: Cond, plan: Plan) -> Condition | None:
        """A comparison with an amount; None when it went to the groups or could not be placed."""
        amount = cond.amounts[0]
        if cond.noun is None and cond.counting:
            self._times(cond)
            return None
        if cond.noun is None or self._names_rows(cond.noun, cond) or self._is_deed(cond.noun):
            return self._without_noun(cond, plan)
        if cond.counting or cond.fns:
            return self._counted(cond, plan)
        choice = (
            self._own_number(cond.noun)
            or self.binder.choose(cond.noun, (Kind.METRIC, Kind.FIELD), prefer=self.of.prefer(), fits=_numeric_or_year)
            or self.binder.choose(cond.noun, (Kind.METRIC, Kind.FIELD, Kind.DATASET), prefer=self.of.prefer())
        )
        if choice is None:
            return None
        self.trace.choice(cond.noun, "filter", choice)
        value = Literal(_number_of(amount.value))
        target = choice.target
        if target.kind is Kind.METRIC:
            return self._by_metric(target.name, cond, plan)
        if target.kind is Kind.DATASET:
            if cond.hint in ("", "amount") and "$" not in amount.unit:
                self.of.having.append(Compare(Aggregate(Fn.COUNT, target.dataset), cond.op, value))
            return None
        return self._by_field(target, cond, plan)

    def _times(self, cond: Cond) -> None:
        """ "ordered more than 30 times": rows of the deed are counted."""
        fact = fact_of(self.model, self.binder.metric_homes, self.subject) if self.subject is not None else None
        if fact is None:
            self.trace.doubt("unplaced_amount", 2.0)
            return
        self.trace.note(self.sketch.pieces[cond.at], "filter")
        value = Literal(_number_of(cond.amounts[0].value))
        self.of.having.append(Compare(Aggregate(Fn.COUNT, fact.name), cond.op, value))

    def _by_field(self, target: Target, cond: Cond, plan: Plan) -> Condition | None:
        amount = cond.amounts[0]
        value = Literal(_number_of(amount.value))
        ref = FieldRef(target.dataset, target.field)
        field = self.binder.field(target)
        if len(cond.amounts) > 1 and cond.op in ("=", "!="):
            return In(ref, tuple(_number_of(a.value) for a in cond.amounts), negated=cond.op == "!=")
        if field is not None and cond.hint == "age" and field.is_time:
            return Compare(Age(ref), cond.op, value)
        if field is not None and field.datatype == "String":
            return In(ref, (f"{amount.value:g}",), negated=cond.op == "!=") if cond.op in ("=", "!=") else None
        if field is not None and self._needs_sum(field, target, plan):
            self.of.having.append(Compare(Aggregate(default_aggregate(field), target.dataset, ref), cond.op, value))
            return None
        if field is not None and field.unit == "%" and amount.unit == "%" and (field.high or 0) in (0, 1):
            value = Literal(amount.value / 100)
        return Compare(ref, cond.op, value)

    def _by_metric(self, metric: str, cond: Cond, plan: Plan) -> Condition | None:
        value = Literal(_number_of(cond.amounts[0].value))
        if cond.amounts[0].unit == "%" and self._is_fraction(metric):
            value = Literal(cond.amounts[0].value / 100)
        own = self._of_each_row(metric, plan)
        if own is not None:
            return Compare(own, cond.op, value)
        self.of.having.append(Compare(Metric(metric), cond.op, value))
        return None

    def _of_each_row(self, metric: str, plan: Plan) -> FieldRef | None:
        """ "contracts with a fee above 500, how many": rows are counted, so each is judged by its own number."""
        homes = {measure_home(m.of, self.binder.metric_homes) for m in plan.measures if counts_rows(m.of, self.model)}
        home = self.binder.metric_homes.get(metric, "")
        dataset = self.model.dataset(home)
        if plan.dimensions or len(plan.measures) != 1 or homes != {home} or dataset is None:
            return None
        field = only_field(self.model, metric, dataset)
        return FieldRef(home, field.name) if field is not None else None

    def _is_fraction(self, metric: str) -> bool:
        """Whether a metric is a quotient that nobody turned into percent."""
        found = self.model.metric(metric)
        return found is not None and "/" in found.expression and "100" not in found.expression

    def _own_number(self, noun: Piece) -> Choice | None:
        """A number of the subject itself, unless something else is named better."""
        if self.subject is None or noun.of(Kind.METRIC):
            return None
        own = [
            h
            for h in noun.of(Kind.FIELD)
            if h.target.dataset == self.subject.name and _numeric_or_year(self.binder.field(h.target))
        ]
        if own and own[0].score >= max(0.4, noun.hits[0].score - (0.45 if own[0].how == "part" else 0.12)):
            return Choice(own[0].target, own[0].score, (), own[0].how)
        return self._own_by_word(noun) if not own and noun.hits[0].how in ("general", "near") else None

    def _own_by_word(self, noun: Piece) -> Choice | None:
        """ "products priced under 50": of the subject's numbers the only one of that word that is no cost."""
        assert self.subject is not None
        said = noun.text.lower()
        fields = [
            f
            for f in self.subject.fields
            if f.datatype in NUMBERS and any(len(w) > 3 and said.startswith(w) for w in split(f.name))
        ]
        if len(fields) != 1:
            return None
        return Choice(Target(Kind.FIELD, self.subject.name, fields[0].name), noun.hits[0].score, (), "name")

    def _is_deed(self, noun: Piece) -> bool:
        """ "customers who spent more than 600": a verb, not the column of that name which no join leads to."""
        if self.subject is None or noun.word("verb") is None or noun.of(Kind.METRIC):
            return False
        choice = self.binder.choose(noun, (Kind.FIELD,), prefer=self.of.prefer())
        here = self.subject.name
        there = choice.target.dataset if choice is not None else here
        return there not in reachable(self.model, here) and here not in reachable(self.model, there)

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
        return self.of.is_far(target.dataset) or (grouped and not any(m.fns for m in self.sketch.mentions))

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
            choice = self.binder.choose(cond.noun, (Kind.METRIC, Kind.FIELD), prefer=self.of.prefer())
            if choice is not None:
                self.trace.choice(cond.noun, "filter", choice)
                measure = (
                    Metric(choice.target.name)
                    if choice.target.kind is Kind.METRIC
                    else Aggregate(cond.fns[0], choice.target.dataset, FieldRef(*choice.target.key))
                )
        if measure is not None:
            self.of.having.append(Compare(measure, cond.op, value))
        return None

    def _without_noun(self, cond: Cond, plan: Plan) -> Condition | None:
        """ "older than 30", "orders above $1,000": the field follows from the comparison's own word or the unit."""
        value = Literal(_number_of(cond.amounts[0].value))
        near = [d for d in (self.binder.dataset_of(cond.noun) if cond.noun else None, self.subject) if d is not None]
        if (age := aged(cond, near)) is not None:
            return Compare(age, cond.op, value)
        if cond.hint == "rating":
            rated = next(
                (f for f in (self.subject.fields if self.subject else ()) if RATING_WORDS & set(split(f.name))), None
            )
            if rated is not None and self.subject is not None:
                return Compare(FieldRef(self.subject.name, rated.name), cond.op, value)
            self.trace.doubt("unplaced_amount", 2.0)
            return None
        if self.subject is None:
            self.trace.doubt("unplaced_amount", 2.0)
            return None
        if (rate := self._only_rate(cond)) is not None:
            return rate
        money = cond.amounts[0].unit not in ("", "%")
        numeric = [f for f in self.subject.fields if f.kind == "measure" and (not money or f.format == "currency")]
        if len(numeric) == 1:
            others = sum(f.kind != "key" and f.datatype in NUMBERS for f in self.subject.fields) > 1 and not money
            self.trace.doubt("assumed_field", 1.5 if others else 0.5)  # hours, or a price, which is no measure
            return Compare(FieldRef(self.subject.name, numeric[0].name), cond.op, value)
        metric = self._main_money() if money or cond.amounts[0].value >= 100 else None
        if metric is None:
            self.trace.doubt("unplaced_amount", 2.0)
            return None
        self.trace.doubt("assumed_field", 0.25)
        if plan.base != self.subject.name:
            return Compare(EntityMeasure(metric, self.subject.name), cond.op, value)
        self.of.having.append(Compare(metric, cond.op, value))
        return None

    def _only_rate(self, cond: Cond) -> Condition | None:
        """ "campaigns that gave 12 percent or more": the one field of the subject that holds percentages."""
        fields = self.subject.fields if self.subject is not None else ()
        rates = [f for f in fields if f.unit == "%" or f.format == "percent"]
        if self.subject is None or cond.amounts[0].unit != "%" or len(rates) != 1:
            return None
        share = (rates[0].high or 0) in (0, 1)
        value = Literal(cond.amounts[0].value / 100 if share else _number_of(cond.amounts[0].value))
        self.trace.doubt("assumed_field", 0.25)
        self.of.assumed.append(FieldRef(self.subject.name, rates[0].name))
        return Compare(self.of.assumed[-1], cond.op, value)

    def _main_money(self) -> Measure | None:
        """The first money metric whose rows belong to the subject."""
        assert self.subject is not None
        for metric in self.model.metrics:
            home = self.binder.metric_homes.get(metric.name, "")
            if "sum(" in metric.expression.lower() and self.subject.name in reachable(self.model, home):
                return Metric(metric.name)
        return None

    def between(self, cond: Cond, plan: Plan) -> Condition | None:
        """Both ends included."""
        low = replace_cond(cond, ">=", 0)
        high = replace_cond(cond, "<=", 1)
        made = [c for c in (self.number(low, plan), self.number(high, plan)) if c is not None]
        if not made:
            return None
        both = AllOf(tuple(made)) if len(made) > 1 else made[0]
        return Not(both) if cond.negated else both

    def average(self, cond: Cond, plan: Plan) -> Condition | None:
        """Above or below the mean of all rows."""
        of = age_field([self.subject]) if cond.hint == "age" and self.subject is not None else None
        choice = None if isinstance(of, FieldRef) else self._averaged(cond)
        if choice is not None and choice.target.kind is Kind.METRIC and self._against_mean(choice, cond):
            return None
        if choice is not None and choice.target.kind is Kind.FIELD and cond.noun is not None:
            self.trace.choice(cond.noun, "filter", choice)
            of = FieldRef(*choice.target.key)
        if not isinstance(of, FieldRef):
            self.trace.doubt("unplaced_amount", 2.0)
            return None
        mean = Plan(measures=(Measured(Aggregate(Fn.AVG, of.dataset, of)),))
        return Compare(of, cond.op, Subquery(mean))

    def _averaged(self, cond: Cond) -> Choice | None:
        """What is compared with its mean; a key has none."""
        if cond.noun is None:
            return None
        said = self._figure_before(cond) if self._names_rows(cond.noun, cond) else cond.noun
        return self.binder.choose(said, (Kind.METRIC, Kind.FIELD), prefer=self.of.prefer(), fits=_figure)

    def _figure_before(self, cond: Cond) -> Piece:
        """ "with revenue above the average store": the figure stands before, and the rows after."""
        before = [m for m in self.sketch.mentions if m.at < cond.at and m.piece.of(Kind.METRIC, Kind.FIELD)]
        if not before or cond.noun is None:
            return cond.noun  # type: ignore[return-value]
        self.trace.note(cond.noun, "filter")
        return before[-1].piece

    def _against_mean(self, choice: Choice, cond: Cond) -> bool:
        """ "stores with revenue above average": the mean of what each of them makes."""
        rows = self.subject
        if rows is None or len(rows.primary_key) != 1 or cond.noun is None:
            return False
        metric = Metric(choice.target.name)
        self.trace.choice(cond.noun, "filter", choice)
        each = Nested(Fn.AVG, metric, (FieldRef(rows.name, rows.primary_key[0]),))
        self.of.having.append(Compare(metric, cond.op, Subquery(Plan(measures=(Measured(each),)))))
        return True


def replace_cond(cond: Cond, op: str, which: int) -> Cond:
    """One side of a between."""
    return replace(cond, kind="number", op=op, amounts=[cond.amounts[which]])


def _number_of(value: float) -> int | float:
    return int(value) if float(value).is_integer() else value


def _numeric_or_year(field: Field | None) -> bool:
    return field is not None and (field.datatype in NUMBERS or field.is_time)


def _figure(field: Field | None) -> bool:
    return field is not None and field.kind != "key" and _numeric_or_year(field)
