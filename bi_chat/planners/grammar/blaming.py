"""In: a sketch that asks how a figure goes with what is mentioned. Out: the plan; where no figure is named, it is what
is paid back to who complains, else the main money."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bi_chat.planners.grammar.customers import spread_plan
from bi_chat.planners.grammar.hindsight import hindsight_plan
from bi_chat.planners.grammar.opinions import set_aside
from bi_chat.planners.grammar.roles import with_roles
from bi_chat.semantics.model import SemanticModel
from bi_chat.semantics.naming import words
from bi_chat.semantics.opinions import opinions_in
from bi_chat.semantics.targets import Kind
from bi_chat.values.analyses import Mentioned
from bi_chat.values.plan import Aggregate, FieldRef, Fn, Measured, Metric, Plan, Window

if TYPE_CHECKING:
    from bi_chat.planners.grammar.assemble import Assembler

PAID_BACK = frozenset("refund refunds refunded compensation chargeback chargebacks claims warranty".split())
PAID_BACK_ZH = ("退款", "退货", "赔")


def taken_plan(made: Assembler) -> Plan | None:
    """The plan of what was taken out of the question before it was read: of forecasts, of customers, of mentions."""
    plan = hindsight_plan(made) or spread_plan(made) or blame_plan(made)
    return with_roles(plan, made.sketch, made.model) if plan is not None else None


def blame_plan(made: Assembler) -> Plan | None:
    """The figure with the wish to see it where something is mentioned; None where nobody wrote anything."""
    said = made.sketch.blame
    if said is None:
        return None
    opinions = next((o for o in opinions_in(made.model) if o.text), None)
    figure = _figure(made, opinions.dataset.name if opinions is not None else "")
    if opinions is None or figure is None:
        made.trace.doubt("no_opinions", 3.0)
        return None
    set_aside(made)
    window = None
    for period in made.sketch.periods[:1]:
        made.trace.note(made.sketch.pieces[period.at], "period")
        window = Window(period.said.expr)
    stars = opinions.stars.name if opinions.stars is not None else ""
    asked = Mentioned(opinions.dataset.name, opinions.text, said.word, stars)
    return Plan(measures=(figure,), window=window, analysis=asked)


def _figure(made: Assembler, texts: str) -> Measured | None:
    for mention in made.sketch.mentions:
        choice = made.binder.choose(mention.piece, (Kind.METRIC, Kind.DATASET, Kind.FIELD))
        if choice is None or choice.target.dataset == texts:
            continue
        made.trace.choice(mention.piece, "measure", choice)
        field = made.binder.field(choice.target) if choice.target.kind is Kind.FIELD else None
        if choice.target.kind is Kind.METRIC:
            return made.measures.metric(mention.piece, choice)
        if choice.target.kind is Kind.DATASET:
            return made.measures.count_of_subject(made.model.dataset(choice.target.dataset))
        if field is not None and field.kind == "measure":
            return made.measures.bare_field(mention.piece, choice)
    return _paid_back(made.model) or _main_money(made.model)


def _paid_back(model: SemanticModel) -> Measured | None:
    """What is given back to who complains."""
    for metric in model.metrics:
        if metric.format == "currency" and metric.additivity == "additive" and _named_so(metric.name, metric.label):
            return Measured(Metric(metric.name))
    for dataset in model.datasets:
        for field in dataset.fields:
            if field.kind == "measure" and field.format == "currency" and _named_so(field.name, field.label):
                return Measured(Aggregate(Fn.SUM, dataset.name, FieldRef(dataset.name, field.name)))
    return None


def _named_so(*names: str) -> bool:
    said = {w.lower() for name in names for w in words(name)}
    return bool(said & PAID_BACK) or any(w in name for name in names for w in PAID_BACK_ZH)


def _main_money(model: SemanticModel) -> Measured | None:
    money = (m for m in model.metrics if m.format == "currency" and m.additivity == "additive")
    return next((Measured(Metric(m.name)) for m in money), None)
