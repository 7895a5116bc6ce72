"""In: a count of rows that are in some state, said beside another figure. Out: the state as conditions on those rows.

Example: "average deposit of open leases" in a model with a metric *open leases*. Difficulty: the words
name a figure, but no second figure is wanted. Rule: a count that qualifies ("for", "of", "across" or "only" it)
restricts the rows it counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bi_chat.planners.grammar.bind import Choice
from bi_chat.planners.grammar.measures import counts_rows
from bi_chat.planners.grammar.sketch import Cond, Mention
from bi_chat.semantics.model import Dataset, Field
from bi_chat.semantics.naming import split
from bi_chat.semantics.targets import Kind
from bi_chat.sql.joins import reachable
from bi_chat.values.period import Grain, Range, Relative
from bi_chat.values.plan import Aggregate, AllOf, AnyOf, Condition, FieldRef, Fn, IsNull, Metric, Plan, Within

if TYPE_CHECKING:
    from bi_chat.planners.grammar.assemble import Assembler
    from bi_chat.planners.grammar.conditions import Conditions

TODAY = Relative(Grain.DAY)
SPENDING = ("spend", "spent", "pay", "paid", "cost", "earn", "earned")
DATE_WORDS = ("date", "day", "time", "when", "日 期", "时 间")
PLANNED = frozenset(
    "due planned expected estimated scheduled deadline target promised next birth 计划 预计 截止 应".split()
)


def state_of(made: Assembler, mention: Mention, choice: Choice) -> tuple[Condition, ...]:
    """The conditions that a metric of rows valid today stands for where it only qualifies; () where it is a figure."""
    metric = made.model.metric(choice.target.name) if choice.target.kind is Kind.METRIC else None
    if (
        metric is None
        or not metric.as_of
        or not counts_rows(Metric(metric.name), made.model)
        or not _qualifies(made, mention)
    ):
        return ()
    if made.sketch.periods:
        return ()  # a state at another time is no condition on today's rows
    start, end = (FieldRef(dataset, name) for dataset, _, name in (text.partition(".") for text in metric.as_of))
    began = Within(start, Range(end=TODAY))
    goes_on = AnyOf((IsNull(end), Within(end, Range(start=TODAY, start_exclusive=True))))
    return (AllOf((began, goes_on)),)


def counted_events(made: Assembler) -> None:
    """ "arrivals on weekends in August": the only noun is a date, said as what happens on it: the rows are counted."""
    said = made.sketch
    mention = said.mentions[0] if len(said.mentions) == 1 else None
    if mention is None or mention.fns or not (said.periods or said.parts) or said.intent or said.elapsed is not None:
        return
    choice = made.binder.choose(mention.piece, (Kind.METRIC, Kind.DATASET, Kind.FIELD))
    field = made.binder.field(choice.target) if choice is not None and choice.target.kind is Kind.FIELD else None
    text = mention.piece.text.lower()
    if field is not None and field.is_time and not any(w in text for w in DATE_WORDS):
        mention.fns, mention.role = (Fn.COUNT,), "count"


def event_of_groups(made: Assembler, choice: Choice) -> bool:
    """ "at what hour are most orders shipped": the hour is that of the event."""
    parts = [g for g in made.sketch.groups if g.noun is None and (g.grain or g.part)]
    field = made.binder.field(choice.target)
    return bool(parts) and field is not None and field.is_time and choice.how == "event" and not made.sketch.periods


def open_rows(made: Conditions, cond: Cond) -> Condition | None:
    """ "open tickets", "still in use": the one date on which such rows end is not there yet."""
    rows, end = made.subject, ending_of(made.subject)
    if rows is None or end is None:
        made.trace.doubt("unplaced_value", 2.0)
        return None
    made.trace.note(made.sketch.pieces[cond.at], "filter", field=end.name)
    return IsNull(FieldRef(rows.name, end.name), cond.negated)


def ending_of(rows: Dataset | None) -> Field | None:
    """The one date that rows lack until they are over."""
    own = [f for f in (rows.fields if rows is not None else ()) if f.is_time and f.nulls and not is_planned(f.name)]
    ends = [f for f in own if rows is not None and f.name != rows.default_time]
    return ends[0] if len(ends) == 1 else None


def overdue_rows(made: Conditions, cond: Cond) -> Condition | None:
    """ "overdue invoices": the one planned date is before today, and the one date on which it is done not there."""
    rows = made.subject
    dates = [f for f in rows.fields if f.is_time] if rows is not None else []
    due = [f for f in dates if is_planned(f.name)]
    done = [f for f in dates if f.nulls and f not in due]
    if rows is None or cond.negated or len(due) != 1 or len(done) != 1:
        made.trace.doubt("unplaced_value", 2.0)
        return None
    made.trace.note(made.sketch.pieces[cond.at], "filter", field=due[0].name)
    past = Within(FieldRef(rows.name, due[0].name), Range(end=TODAY, end_inclusive=False))
    return AllOf((past, IsNull(FieldRef(rows.name, done[0].name))))


def is_planned(name: str) -> bool:
    """Whether a date is named as one that something is due on."""
    return bool({w.lower() for w in split(name)} & PLANNED) or any(w in name for w in PLANNED if not w.isascii())


def came_about(made: Assembler, mention: Mention, choice: Choice) -> tuple[Condition, ...]:
    """ "machines retired": what came about, where nobody says when: the date is there; not so if every row has it."""
    field = made.binder.field(choice.target)
    told = any(p.event is mention.piece for p in made.sketch.periods) or made.sketch.periods or made.sketch.groups
    if field is None or not field.nulls or told or choice.how not in ("event", "synonym", "name"):
        return ()
    made.trace.choice(mention.piece, "filter", choice)
    return (IsNull(FieldRef(*choice.target.key), True),)


def take_event(made: Assembler, mention: Mention, choice: Choice) -> None:
    """What came about; of rows that these do not refer to, it is not understood: "claims paid" of paid premiums."""
    states = came_about(made, mention, choice)
    rows = made.subject.name if made.subject is not None else choice.target.dataset
    near = reachable(made.model, rows)
    if not (states or choice.target.dataset in near or made.binder.is_named(choice.target.dataset, mention.piece)):
        made.sketch.unused.append(mention.piece)
    made.states.extend(states)


def check_current(plan: Plan, made: Assembler) -> None:
    """ "current" is nothing new about a balance; anything else has rows that are over, and the word was not used.
    Nor is a number of rows an answer to how much was spent."""
    spent = made.sketch.intent == "how_much" and any(p.text.lower() in SPENDING for p in made.sketch.pieces)
    guessed = made.sketch.intent == "how_much" and any(
        s.choice is not None and s.choice.target.kind is Kind.DATASET and s.choice.how in ("general", "near", "part")
        for s in made.trace.steps
    )
    if (
        (spent or guessed)
        and plan.measures
        and all(isinstance(m.of, Aggregate) and m.of.function is Fn.COUNT for m in plan.measures)
    ):
        made.trace.doubt("unplaced_amount", 2.0)
    check_counted(plan, made)
    at = made.sketch.flags.get("current")
    if at is None:
        return
    named = [made.model.metric(m.of.name) for m in plan.measures if isinstance(m.of, Metric)]
    if not named or not all(m is not None and m.as_of for m in named):
        made.sketch.unused.append(made.sketch.pieces[at])


def check_counted(plan: Plan, made: Assembler) -> None:
    """ "rent by building" over leases with a rent: rows are not counted where one of their numbers is called so.
    "leases expiring in July": what rows do is no state they are in ("expired"), and the period is about it."""
    counted = {m.of.dataset for m in plan.measures if isinstance(m.of, Aggregate) and m.of.function is Fn.COUNT}
    for step in list(made.trace.steps):
        choice, said = step.choice, step.piece.text.lower()
        if choice is None or choice.target.dataset not in counted or said.endswith("s"):
            continue
        if choice.target.kind is Kind.DATASET and made.measures.number_called(step.piece, choice) is not None:
            made.trace.doubt("unplaced_amount", 1.0)
    for cond in made.sketch.conditions if made.sketch.periods else ():
        before = made.sketch.pieces[cond.at - 1] if cond.at else None
        values = made.sketch.pieces[cond.at].of(Kind.VALUE)
        rows = before is not None and bool(before.of(Kind.DATASET))
        state = bool(values) and values[0].target.name.lower().endswith("ed")
        if cond.kind == "value" and rows and state and not made.sketch.pieces[cond.at].text.lower().endswith("ed"):
            made.trace.doubt("unplaced_value", 1.5)


def _qualifies(made: Assembler, mention: Mention) -> bool:
    """Whether another figure stands before, and a word that says "of these" between, or "only" after."""
    if not any(m.at < mention.at for m in made.sketch.mentions):
        return False
    pieces = made.sketch.pieces
    before = pieces[mention.at - 1] if mention.at else None
    after = pieces[mention.at + 1] if mention.at + 1 < len(pieces) else None
    only = after is not None and after.word("only") is not None
    return only or (before is not None and before.word("for", "of", "in", "with", "by", "only", "from") is not None)
