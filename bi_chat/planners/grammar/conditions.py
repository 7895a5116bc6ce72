"""In: the conditions of a sketch. Out: a plan's WHERE and HAVING."""

from __future__ import annotations

from dataclasses import replace

from bi_chat.planners.grammar.bind import Binder, Choice
from bi_chat.planners.grammar.deeds import fact_of, of_the_deed, whole_of
from bi_chat.planners.grammar.measures import counts_keys
from bi_chat.planners.grammar.mentioning import quotation, text_condition
from bi_chat.planners.grammar.numbers import NUMBERS, Numbers
from bi_chat.planners.grammar.pieces import Piece
from bi_chat.planners.grammar.roles import way_said
from bi_chat.planners.grammar.rules.filters import NEGATED
from bi_chat.planners.grammar.sets import either, merged
from bi_chat.planners.grammar.sketch import Cond, Mention, Sketch
from bi_chat.planners.grammar.spans import apart_rows, lasted_rows, late_rows
from bi_chat.planners.grammar.states import open_rows, overdue_rows
from bi_chat.planners.grammar.tracing import Trace
from bi_chat.semantics.model import Dataset, SemanticModel
from bi_chat.semantics.targets import Kind, Target
from bi_chat.sql.joins import reachable
from bi_chat.values.plan import (
    TIME,
    AnyOf,
    Compare,
    Condition,
    Dimension,
    Exists,
    FieldRef,
    In,
    IsNull,
    PartOfDate,
    Plan,
    Scalarish,
)

TRUE_WORDS = ("true", "t", "yes", "y", "1", "是", "有")
DATED = {"open": open_rows, "overdue": overdue_rows, "lasted": lasted_rows, "apart": apart_rows, "late": late_rows}


class Conditions:
    """Turns said conditions into conditions of the plan."""

    def __init__(
        self, model: SemanticModel, sketch: Sketch, binder: Binder, trace: Trace, subject: Dataset | None
    ) -> None:
        self.model, self.sketch, self.binder, self.trace, self.subject = model, sketch, binder, trace, subject
        self.where: list[tuple[str, Condition]] = []
        self.having: list[Condition] = []
        self.assumed: list[FieldRef] = []
        self.inverted: list[tuple[Condition, Condition]] = []
        self.dated: list[Condition] = []  # what is said of two dates of a row
        self.event: FieldRef | None = None  # the date of what is counted, where that is an event
        self.numbers = Numbers(self)

    def dataset_of_values(self) -> Dataset | None:
        """The dataset that the first value belongs to: the subject when none was named."""
        for cond in self.sketch.conditions:
            for piece in cond.values:
                if (found := self._value(piece, cond.noun, ())) is not None:
                    return self.model.dataset(found.target.dataset)
            for piece in (cond.noun,) if cond.noun else ():
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
        for piece in self.sketch.parts:
            if (only := piece.only_part) is not None:
                self.trace.note(piece, "filter")
                self.where.append(("and", In(PartOfDate(self.event or TIME, only.part), only.values)))
        self._doubt_both_sides(plan)
        plan = replace(plan, where=(*plan.where, *self._joined()), having=(*plan.having, *self.having))
        if plan.base is None or plan.measures or plan.limit:
            return plan
        shown = tuple(d for ref in self.assumed if (d := Dimension(ref)) not in plan.dimensions)
        return replace(plan, dimensions=(*plan.dimensions, *shown))

    def _doubt_both_sides(self, plan: Plan) -> None:
        """ "buyers of coffee but not of tea" of a metric of distinct keys: no single row tells both."""
        said = {c.negated for c in self.sketch.conditions if c.kind == "value"}
        if len(said) == 2 and any(counts_keys(m.of, self.model) for m in plan.measures):
            self.trace.doubt("unplaced_value", 1.5)

    def _joined(self) -> tuple[Condition, ...]:
        """Conditions said with "or" become alternatives of the one before."""
        groups: list[list[Condition]] = []
        for joined_by, condition in self.where:
            if joined_by == "or" and groups:
                groups[-1].append(condition)
            else:
                groups.append([condition])
        found = merged(tuple(either(g) for g in groups), strict=self.sketch.both)
        return tuple(self._apart(c, found) for c in found)

    def _apart(self, condition: Condition, said: tuple[Condition, ...]) -> Condition:
        """ "with both a motor and a home policy": each of them some row of its own."""
        if not isinstance(condition, In) or not isinstance(condition.of, FieldRef) or not self.sketch.both:
            return condition
        several = sum(isinstance(c, In) and c.of == condition.of for c in said) > 1
        far = self.is_far(condition.of.dataset)
        return Exists(self._fact(condition.of.dataset), (condition,)) if several and far else condition

    def _add(self, cond: Cond, plan: Plan) -> None:
        made: Condition | None = None
        match cond.kind:
            case "value":
                self._values(cond)
            case "number":
                made = self.numbers.number(cond, plan)
            case "between":
                made = self.numbers.between(cond, plan)
            case "text":
                made = text_condition(self, cond)
            case "null":
                made = self._null(cond)
            case "relation":
                made = self._relation(cond)
            case "average":
                made = self.numbers.average(cond, plan)
            case kind if kind in DATED:
                made = DATED[kind](self, cond)
                self.dated += [made] if made is not None and kind in ("lasted", "apart", "late") else []
        if made is not None:
            self.where.append((cond.joined_by, self._told(made, cond)))

    def _told(self, made: Condition, cond: Cond) -> Condition:
        """A negated comparison: no such related row; of the subject itself the other side, kept with what was said."""
        if not cond.inverted or not isinstance(made, Compare) or not isinstance(made.left, FieldRef):
            return made
        said = replace(made, op=NEGATED[made.op])
        if self.is_far(made.left.dataset):
            return Exists(made.left.dataset, (said,), negated=True)
        self.inverted.append((made, said))
        return made

    # ------------------------------------------------------------------ values
    def _values(self, cond: Cond) -> None:
        chosen: dict[tuple[str, str, tuple[str, ...]], list[Scalarish]] = {}
        for piece in cond.values:
            choice = self._value(piece, cond.noun, tuple((d, f) for d, f, _ in chosen))
            if choice is None:
                quotation(self, cond, piece)
                continue
            self.trace.choice(piece, "filter", choice)
            plain = str(choice.target.name).strip().casefold()
            alike = [
                h.target.name
                for h in piece.of(Kind.VALUE)
                if h.target.key == choice.target.key
                and (
                    h.target.name.strip().casefold() == plain or (h.said and h.said != h.target.name and h.score >= 0.9)
                )
            ]
            way = way_said(piece, choice.target.dataset, self.sketch, self.model)
            chosen.setdefault((*choice.target.key, way), []).extend(
                alike if choice.target.name in alike else [choice.target.name]
            )
            self.binder.add_evidence(choice.target.dataset, 0.4)
        made: list[Condition] = []
        for (dataset, name, way), values in chosen.items():
            made.extend(self._in(FieldRef(dataset, name, way), tuple(dict.fromkeys(values)), cond))
        if len(made) > 1 and not cond.strict and not cond.negated:
            self.where.append((cond.joined_by, AnyOf(tuple(made))))
        else:
            self.where.extend((cond.joined_by if i == 0 else "and", c) for i, c in enumerate(made))
        if cond.periods and not any(self.is_far(dataset) for dataset, _, _ in chosen):
            self.where.extend(("and", c) for c in of_the_deed(cond))  # no deed of others: the period is the rows' own

    def _in(self, ref: FieldRef, values: tuple[Scalarish, ...], cond: Cond) -> list[Condition]:
        far, when = self.is_far(ref.dataset), of_the_deed(cond)
        if not far:
            found = In(ref, values, negated=cond.negated)
            if cond.inverted:
                self.inverted.append((found, replace(found, negated=False)))
            return [found]
        fact = self._fact(ref.dataset)
        each = self.sketch.both or (cond.strict and "deed" in self.sketch.flags)  # "bought tea and coffee": not either
        if each and len(values) > 1:
            return [Exists(fact, (In(ref, (v,)), *when), negated=cond.negated) for v in values]
        if cond.negated or when or fact != ref.dataset:
            return [Exists(fact, (In(ref, values), *when), negated=cond.negated)]
        return [In(ref, values)]

    def _fact(self, dataset: str) -> str:
        """The rows that tie a value's dataset to the subject: those of the deed, where one was said."""
        if self.subject is None or "deed" not in self.sketch.flags:
            return dataset
        found = self._done(self.sketch.flags["deed"])
        if found is None or dataset not in reachable(self.model, found.name):
            found = fact_of(self.model, self.binder.metric_homes, self.subject, dataset)
        return found.name if found is not None else dataset

    def is_far(self, dataset: str) -> bool:
        """Whether the subject has many of these rows."""
        if self.subject is None or dataset == self.subject.name:
            return False
        return dataset not in reachable(self.model, self.subject.name)

    def _value(self, piece: Piece, noun: Piece | None, used: tuple[tuple[str, str], ...]) -> Choice | None:
        prefer = {self.subject.name} if self.subject else set()
        fields = {h.target.key for h in noun.of(Kind.FIELD)} if noun else set()
        roles, rows = self._role_before(piece), self._rows_after(piece)
        best: tuple[float, Target, str] | None = None
        rivals: list[tuple[Target, float]] = []
        for hit in piece.of(Kind.VALUE):
            choice = self.binder.choose(
                Piece(piece.start, piece.end, piece.text, hits=(hit,)), (Kind.VALUE,), prefer=prefer
            )
            if choice is None:
                continue
            score = choice.score + (0.6 if hit.target.key in fields else 0) + (0.3 if hit.target.key in used else 0)
            score += 0.5 if hit.target.dataset in roles else 0
            score += 0.3 if hit.target.dataset in rows else 0
            score += 0.3 if "rate" in self.sketch.flags and hit.target.name.lower().endswith("ed") else 0
            score -= 0.8 if self._is_pinned(hit.target, piece) else 0
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

    def _rows_after(self, piece: Piece) -> set[str]:
        """ "a motor and a home policy": the rows named after values are those that have them."""
        after = [p for p in self.sketch.pieces if p.start >= piece.end and not p.word("and", "or", "filler")]
        noun = next((p for p in after if not p.of(Kind.VALUE)), None)
        return {h.target.dataset for h in noun.of(Kind.DATASET) if h.score >= 0.9} if noun is not None else set()

    def _role_before(self, piece: Piece) -> set[str]:
        """ "delivered to Japan": a role's word before a value says whose value it is."""
        small = ("filler", "in", "of", "from")
        before = [p for p in self.sketch.pieces if p.end <= piece.start and (p.of(Kind.ROLE) or not p.word(*small))]
        said = {h.target.name for h in before[-1].of(Kind.ROLE) if h.how != "part"} if before else set()
        return {r.to_dataset for r in self.model.relationships if r.name in said}

    def _is_pinned(self, target: Target, piece: Piece) -> bool:
        """Whether another value names the very row: "Product X outside China" says nothing about X's origin."""
        dataset = self.model.dataset(target.dataset)
        if dataset is None or not dataset.display or target.field == dataset.display:
            return False
        names = [
            p.of(Kind.VALUE)[0] for c in self.sketch.conditions for p in c.values if p is not piece and p.of(Kind.VALUE)
        ]
        return any(h.target.key == (dataset.name, dataset.display) and h.score >= 0.9 for h in names)

    # ------------------------------------------------------------------ the rest
    def _null(self, cond: Cond) -> Condition | None:
        if cond.noun is None:
            return None
        ref = self.field_ref(cond.noun, None)
        missing = self.model.field(ref.dataset, ref.field) if ref is not None else None
        if ref is not None and missing is not None and missing.is_time and missing.nulls and self.is_far(ref.dataset):
            return Exists(ref.dataset, (IsNull(ref, cond.negated),))  # "books not returned yet"
        if ref is None or self.is_far(ref.dataset):
            return self._relation(replace(cond, negated=not cond.negated))
        field = self.model.field(ref.dataset, ref.field)
        if field is not None and field.kind == "flag":
            return self._truth(ref, yes=cond.negated)
        return IsNull(ref, cond.negated)

    def _relation(self, cond: Cond) -> Condition | None:
        if cond.noun is None:
            return self._deeds(cond)
        choice = self.binder.choose(cond.noun, (Kind.DATASET, Kind.METRIC, Kind.FIELD), prefer=())
        if choice is None:
            return None
        self.trace.choice(cond.noun, "filter", choice)
        dataset = choice.target.dataset or self.binder.metric_homes.get(choice.target.name, "")
        flag = self.binder.field(choice.target) if choice.target.kind is Kind.FIELD else None
        if flag is not None and flag.kind == "flag" and flag.datatype == "Boolean" and self.is_far(dataset):
            return Exists(dataset, (In(FieldRef(*choice.target.key), (True,)),), negated=cond.negated)
        if choice.target.kind is Kind.FIELD and not self.is_far(dataset):
            return IsNull(FieldRef(*choice.target.key), not cond.negated)
        if self.subject is not None and dataset == self.subject.name:
            self.trace.doubt("assumed_relation", 1.0)
            return None
        near = self.subject is not None and not self.is_far(dataset)
        if near and self.subject is not None and not cond.periods:
            for rel in self.model.relationships:
                if rel.from_dataset == self.subject.name and rel.to_dataset == dataset and len(rel.from_columns) == 1:
                    return IsNull(FieldRef(self.subject.name, rel.from_columns[0]), not cond.negated)
        return Exists(dataset, of_the_deed(cond), negated=cond.negated)

    def _done(self, at: int) -> Dataset | None:
        """ "who borrowed": the rows dated by the deed itself (borrowed_on), where they refer to the subject."""
        dated = [h.target.dataset for h in self.sketch.pieces[at].of(Kind.FIELD) if h.how == "event"]
        rows = [d for d in dict.fromkeys(dated) if self.subject and self.subject.name in reachable(self.model, d)]
        return self.model.dataset(rows[0]) if len(rows) == 1 else None

    def _deeds(self, cond: Cond) -> Condition | None:
        """ "never sold", "never bought anything": no row of the fact that refers to the subject."""
        if self.subject is None:
            return None
        best = self._done(cond.at) or fact_of(self.model, self.binder.metric_homes, self.subject)
        if best is None:
            return None
        whole = whole_of(best, self.model)
        best = whole if whole is not None and self.subject.name in reachable(self.model, whole.name) else best
        self.trace.note(self.sketch.pieces[cond.at], "filter")
        if not any(name == "assumed_relation" for name, _ in self.trace.doubts):
            self.trace.doubt("assumed_relation", 0.25)
        return Exists(best.name, of_the_deed(cond), negated=cond.negated)

    def _flag(self, mention: Mention) -> None:
        choice = self.binder.choose(mention.piece, (Kind.FIELD,), prefer=self.prefer())
        field = self.binder.field(choice.target) if choice else None
        if choice is None or field is None:
            return
        self.trace.choice(mention.piece, "filter", choice)
        self.where.append(("and", self._truth(FieldRef(*choice.target.key), yes=True)))

    def _truth(self, ref: FieldRef, *, yes: bool) -> Condition:
        """Rows of which a yes-or-no field is true, or is not."""
        field = self.model.field(ref.dataset, ref.field)
        if field is None or field.datatype == "Boolean":
            return In(ref, (yes,))
        if field.datatype in NUMBERS:
            return In(ref, (int(yes),))
        return In(ref, tuple(v for v in field.values if (v.strip().lower() in TRUE_WORDS) is yes))

    def field_ref(self, noun: Piece | None, fits: object) -> FieldRef | None:
        """The field that a noun names."""
        if noun is None:
            return None
        choice = self.binder.choose(noun, (Kind.FIELD,), prefer=self.prefer(), fits=fits)
        if choice is None:
            return None
        self.trace.choice(noun, "filter", choice)
        return FieldRef(*choice.target.key)

    def prefer(self) -> tuple[str, ...]:
        """Datasets that a name is looked for in first."""
        return (self.subject.name,) if self.subject else ()
