"""In: a sketch and a binder. Out: a plan, with how each piece was read.

The order matters: whose rows are meant (the subject), then what is shown, then conditions, periods,
order and limit, and figures computed from figures.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from bi_chat.planners.grammar.ages import tells_age
from bi_chat.planners.grammar.bind import Binder, Choice, find_owners
from bi_chat.planners.grammar.conditions import Conditions
from bi_chat.planners.grammar.deeds import claim_periods
from bi_chat.planners.grammar.derive import apply_calculations
from bi_chat.planners.grammar.dimensions import counted_in_chart, group_dimension, noun_dimension, via
from bi_chat.planners.grammar.distribution import distribution, scattered
from bi_chat.planners.grammar.durations import check_unit, elapsed_measure, said_unit
from bi_chat.planners.grammar.judging import judged_count
from bi_chat.planners.grammar.lifecycle import lifecycle_plan
from bi_chat.planners.grammar.listing import (
    list_plan,
    listed_beside,
    named_by_key,
    names_nothing,
    names_of,
    naming_field,
    regrouped,
    told_later,
)
from bi_chat.planners.grammar.measures import Measures
from bi_chat.planners.grammar.pieces import Piece
from bi_chat.planners.grammar.ranks import rank_plan
from bi_chat.planners.grammar.roles import with_roles
from bi_chat.planners.grammar.sets import over_sets
from bi_chat.planners.grammar.shape import (
    describes,
    figure_of_rows,
    is_aggregated,
    is_event,
    is_link,
    is_related,
    is_whose,
    listed_figure,
    modifies,
    names_rows,
)
from bi_chat.planners.grammar.sketch import Cond, Mention, Sketch
from bi_chat.planners.grammar.states import check_current, counted_events, event_of_groups, state_of, take_event
from bi_chat.planners.grammar.steps import steps_plan
from bi_chat.planners.grammar.supposing import unsaid_outcome
from bi_chat.planners.grammar.timing import apply_time
from bi_chat.planners.grammar.together import together_plan
from bi_chat.planners.grammar.topics import heard_plan
from bi_chat.planners.grammar.tracing import Trace
from bi_chat.planners.grammar.unsaid import (
    figure_per_number,
    group_by_rows,
    head_dimension,
    money_of_rows,
    per_entity,
    per_rows,
    rows_of_group,
    side_by_side,
    unsaid_measure,
)
from bi_chat.planners.grammar.who import doers, who_did
from bi_chat.semantics.model import Dataset, SemanticModel
from bi_chat.semantics.targets import Kind
from bi_chat.values.plan import Age, Condition, Dimension, FieldRef, Fn, Measured, Plan


class Assembler:
    """Builds one plan from one sketch."""

    def __init__(self, model: SemanticModel, sketch: Sketch, binder: Binder, trace: Trace, asked_on: date) -> None:
        self.model, self.sketch, self.binder, self.trace, self.asked_on = model, sketch, binder, trace, asked_on
        self.measures = Measures(model, binder, trace)
        self.measures.unit = said_unit(sketch)
        self.owners = find_owners(sketch)
        self.subject: Dataset | None = None
        self.columns: list[Dimension] = []
        self.measured: list[Measured] = []
        self.dimensions: list[Dimension] = []
        self.within: list[int] = []
        self.flags: list[Mention] = []
        self.states: list[Condition] = []
        self.inverted: list[tuple[Condition, Condition]] = []
        self.dated: list[Condition] = []

    # ------------------------------------------------------------------ whose rows
    def find_subject(self) -> Dataset | None:
        """The dataset whose rows are meant: named outright, else the one of the first field."""
        named: list[tuple[int, Dataset]] = []
        for mention in self.sketch.mentions:
            datasets = mention.piece.of(Kind.DATASET)
            rows = bool(datasets) and datasets[0].score >= mention.piece.hits[0].score - 0.1
            kinds = (Kind.DATASET,) if rows else (Kind.DATASET, Kind.METRIC, Kind.FIELD)
            choice = self.binder.choose(mention.piece, kinds, owner=self.owner(mention))
            if choice and choice.target.kind is Kind.DATASET:
                found = self.model.dataset(choice.target.dataset)
                if found is not None:
                    rank = 0 if mention.role == "subject" else 1 if mention.role == "count" else 2
                    named.append((rank, found))
        for ranking in self.sketch.rankings:
            if ranking.noun is not None and (found := self.binder.dataset_of(ranking.noun)) is not None:
                named.append((0, found))
        if (who := who_did(self)) is not None and all(n[1].name != who.name for n in named):
            return who
        if named:
            found = min(named, key=lambda n: n[0])[1]
            return doers(self, found) or found
        return self._whose_events()

    def _whose_events(self) -> Dataset | None:
        """ "how many signed up", "on-time delivery rate": the dataset of the counted event."""
        late = any(c.kind == "late" for c in self.sketch.conditions)
        for mention in self.sketch.mentions:
            choice = self.binder.choose(mention.piece, (Kind.FIELD,)) if mention.role == "count" or late else None
            field = self.binder.field(choice.target) if choice is not None else None
            if choice is not None and field is not None and field.is_time:
                return self.model.dataset(choice.target.dataset)
        return None

    def owner(self, mention: Mention) -> Piece | None:
        """The dataset said to own a noun."""
        return mention.owner or self.owners.get(id(mention.piece))

    # ------------------------------------------------------------------ the plan
    def build(self) -> Plan | None:
        """The plan, or None when nothing was said that could be shown."""
        counted_events(self)
        self.subject = self.find_subject()
        if self.subject is not None:
            self.binder.add_evidence(self.subject.name)
        for kind in (heard_plan, lifecycle_plan, together_plan, steps_plan):
            if (told := kind(self)) is not None:
                return with_roles(told, self.sketch, self.model)
        counted_in_chart(self)
        group_by_rows(self)
        grouped = self.groups()
        aggregated = is_aggregated(self, grouped)
        if (lasting := elapsed_measure(self)) is not None:
            self.measured.append(lasting)
        for mention in self.sketch.mentions:
            self._take(mention, aggregated)
        unsaid_outcome(self)
        per_entity(self)
        per_rows(self)
        figure_per_number(self)
        money_of_rows(self)
        claim_periods(self)
        conditions = Conditions(self.model, self.sketch, self.binder, self.trace, self.subject)
        conditions.where.extend(("and", state) for state in self.states)
        conditions.event = self.measures.counted_event
        plan = self._plain(aggregated, conditions)
        if plan is None:
            return None
        plan = rank_plan(plan, self)
        plan = regrouped(conditions.apply(plan, self.flags), self)
        plan = side_by_side(self, plan)
        self.inverted, self.dated = conditions.inverted, conditions.dated
        plan = over_sets(judged_count(apply_time(plan, self), self), self)
        check_current(plan, self)
        check_unit(plan, self)
        if plan.having and plan.measures and not plan.dimensions and plan.base is None:
            self.trace.doubt("judged_as_a_whole", 1.5)
        plan = with_roles(apply_calculations(plan, self), self.sketch, self.model)
        return replace(plan, chart=self.sketch.chart or None)

    def choose(self, mention: Mention) -> Choice | None:
        """What a noun means here; a name that a figure shares with its rows means the figure."""
        if (named := names_of(self, mention)) is not None:
            return named
        if figure_of_rows(self, mention):
            found = self.binder.choose(mention.piece, (Kind.METRIC,))
            if found is not None:
                return found
        kinds = (Kind.METRIC, Kind.DATASET) if names_rows(mention) else (Kind.METRIC, Kind.DATASET, Kind.FIELD)
        return self.binder.choose(mention.piece, kinds, owner=self.owner(mention), prefer=self.at_hand())

    def at_hand(self) -> tuple[str, ...]:
        """Datasets that a name is looked for in first."""
        return (self.subject.name,) if self.subject else ()

    # ------------------------------------------------------------------ groups
    def groups(self) -> bool:
        """Take the groups that were said; whether there are any."""
        for said in self.sketch.groups:
            dimension = group_dimension(self, said)
            if dimension is None or dimension in self.dimensions:
                continue
            if said.within:
                self.within.append(len(self.dimensions))
            self.dimensions.append(dimension)
        return bool(self.dimensions)

    # ------------------------------------------------------------------ nouns
    def _take(self, mention: Mention, aggregated: bool) -> None:
        if mention.fns:
            self.measured.extend(self.measures.aggregates(mention, self.owner(mention), self.at_hand()))
            return
        choice = None if names_nothing(self, mention) or told_later(self, mention) else self.choose(mention)
        if choice is None:
            return
        field = self.binder.field(choice.target) if choice.target.kind is Kind.FIELD else None
        counted = len(self.sketch.mentions) > 1 or "count_rows" in self.sketch.flags
        if field is not None and field.kind == "flag" and counted:
            self.flags.append(mention)
            return
        if field is not None and is_event(self, mention, choice):
            if describes(self, mention, choice):
                self.sketch.unused.append(mention.piece)
            elif event_of_groups(self, choice):
                self.measures.counted_event = FieldRef(*choice.target.key)
            else:
                take_event(self, mention, choice)
            return
        if aggregated:
            self._take_figure(mention, choice)
        elif choice.target.kind is Kind.FIELD:
            self._take_column(mention, choice)
        elif choice.target.kind is Kind.DATASET:
            self._list_rows(mention, choice)
        elif dataset := mention.piece.of(Kind.DATASET):
            self.trace.choice(mention.piece, "dataset", Choice(dataset[0].target, dataset[0].score))

    def _take_column(self, mention: Mention, choice: Choice) -> None:
        self.trace.choice(mention.piece, "dimension", choice)
        rows = self.binder.dataset_of(mention.owner) if mention.owner is not None else None
        if rows is not None and choice.target.dataset != rows.name and not mention.piece.of(Kind.DATASET):
            self.trace.doubt("assumed_field", 0.6)  # the owner that was said has no such field
        if is_link(self, mention, choice):
            return
        if (name := named_by_key(self, mention, choice)) is not None:
            self.add_column(name)
        else:
            ref = FieldRef(choice.target.dataset, choice.target.field, via(mention.role_word))
            aged = tells_age(mention.piece, self.binder.field(choice.target))
            self.add_column(Dimension(Age(ref) if aged else ref))

    def _list_rows(self, mention: Mention, choice: Choice) -> None:
        """Rows in a list: whose columns are shown, or named beside them."""
        self.trace.choice(mention.piece, "dataset", choice)
        rows = self.model.dataset(choice.target.dataset)
        if rows is not None and listed_beside(self, mention, rows.name):
            self.add_column(Dimension(FieldRef(rows.name, naming_field(rows), via(mention.role_word))))

    def _take_figure(self, mention: Mention, choice: Choice) -> None:
        """A noun where figures are wanted: a state that qualifies, a metric, a field, or rows."""
        if state := state_of(self, mention, choice):
            self.trace.choice(mention.piece, "filter", choice)
            self.states.extend(state)
        elif choice.target.kind is Kind.METRIC and self.measured and is_whose(self, mention):
            self._set_aside(mention)
        elif (counted := self.binder.counted_by(mention.piece, choice)) is not choice:
            self.measured.append(self.measures.metric(mention.piece, counted))
        elif choice.target.kind is Kind.METRIC:
            self.measured.append(self.measures.metric(mention.piece, choice))
        elif choice.target.kind is Kind.FIELD:
            self._take_field(mention, choice)
        else:
            self._take_rows(mention, choice)

    def _set_aside(self, mention: Mention) -> None:
        """ "revenue of new customers": whose figure it is; where they are no rows of their own, no plan says it."""
        rows = mention.piece.of(Kind.DATASET)
        if rows and rows[0].score >= mention.piece.hits[0].score - 0.1:
            self.trace.choice(mention.piece, "dataset", Choice(rows[0].target, rows[0].score))
        else:
            self.sketch.unused.append(mention.piece)

    def _take_rows(self, mention: Mention, choice: Choice) -> None:
        """Rows beside figures: one of the figures, a relation of what is counted, or just whose they are."""
        if listed_figure(self, mention):
            mention.fns, mention.role = (Fn.COUNT,), "count"
            self.measured.extend(self.measures.aggregates(mention, self.owner(mention), self.at_hand()))
        elif is_related(self, mention, choice):
            self.sketch.conditions.append(Cond("relation", mention.at, mention.piece))
        else:
            self.trace.choice(mention.piece, "dataset", choice)

    def _take_field(self, mention: Mention, choice: Choice) -> None:
        field = self.binder.field(choice.target)
        before = self.sketch.pieces[mention.at - 1] if mention.at else None
        if self.sketch.groups and choice.how == "part" and before is not None and before.word("for", "of", "in"):
            self.trace.doubt("assumed_field", 0.2)  # "capacity for rooms in each building": rooms are its rows
            return
        if field is not None and field.kind in ("measure", "number") and not self._is_dimension_use(mention, choice):
            self.measured.append(self.measures.bare_field(mention.piece, choice))
            return
        counted = [m for m in self.sketch.mentions if m.role == "count"]
        beside = mention.at > 0 and self.sketch.pieces[mention.at - 1].word("and") is not None
        if modifies(self, mention) or (
            counted
            and mention.at > counted[0].at
            and not beside
            and "count" in self.sketch.flags
            and not self.sketch.calculations
        ):
            return
        dimension = noun_dimension(self, mention.piece, self.owner(mention), mention.role_word)
        if dimension is not None and dimension not in self.dimensions:
            self.dimensions.append(dimension)

    def _is_dimension_use(self, mention: Mention, choice: Choice) -> bool:
        field = self.binder.field(choice.target)
        counted = any(m.fns for m in self.sketch.mentions) and self.sketch.chart != "scatter"
        return field is not None and field.kind == "number" and counted and mention.role == "select"

    def add_column(self, dimension: Dimension) -> None:
        """One more column of a list, unless it is there."""
        if dimension not in self.columns:
            self.columns.append(dimension)

    # ------------------------------------------------------------------ plain plan
    def _plain(self, aggregated: bool, conditions: Conditions) -> Plan | None:
        if not aggregated:
            return list_plan(self, conditions)
        dims: list[Dimension] = [*self.dimensions]
        head = head_dimension(self)
        if head is not None and head not in dims:
            dims.insert(0, head)
            self.within = [w + 1 for w in self.within]
        if not self.measured:
            counted = unsaid_measure(self, conditions)
            if counted is not None and not any(r.by or r.counting for r in self.sketch.rankings):
                self.measured.append(counted)
        if (
            ("distribution" in self.sketch.flags or self.sketch.width)
            and self.measured
            and (found := distribution(self, dims))
        ):
            return found
        if self.sketch.chart == "scatter" and (dots := scattered(self, dims)) is not None:
            return dots
        if not self.measured and not self.sketch.rankings:
            return None
        measures = dict.fromkeys(rows_of_group(m, dims, self.subject) for m in self.measured)  # each figure once
        return Plan(measures=tuple(measures), dimensions=tuple(dims))
