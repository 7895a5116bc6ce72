"""In: a condition on two dates of one row ("settled within 30 days", "paid late"). Out: it as a comparison.

Example: "claims that took longer than 60 days to settle". Difficulty: one date is named and the other is not.
Rule: a length of time begins at the rows' own time where no beginning is said, and ends at the one date that some rows
still lack where no end is said; late is what was done after the one date it was planned for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bi_chat.planners.grammar.durations import moment_of
from bi_chat.planners.grammar.sketch import Cond
from bi_chat.planners.grammar.states import ending_of, is_planned
from bi_chat.values.plan import Compare, Condition, Elapsed, FieldRef, Literal

if TYPE_CHECKING:
    from bi_chat.planners.grammar.conditions import Conditions

DAYS = {"day": 1, "week": 7}
TURNED = {">": "<", "<": ">", ">=": "<=", "<=": ">="}


def lasted_rows(made: Conditions, cond: Cond) -> Condition | None:
    """Rows whose two dates lie so far apart."""
    end = _end(made, cond)
    start = moment_of(made.model, made.binder, made.trace, cond.owner, end.dataset) if end is not None else None
    if start is None or end is None or start == end:
        made.trace.doubt("unplaced_amount", 2.0)
        return None
    made.trace.note(made.sketch.pieces[cond.at], "filter")
    count = cond.amounts[0].value * DAYS.get(cond.hint, 1)
    unit = "day" if cond.hint in DAYS else cond.hint
    first, last = (end, start) if cond.mode == "before" else (start, end)
    return Compare(Elapsed(first, last, unit), cond.op, Literal(int(count) if count.is_integer() else count))


def apart_rows(made: Conditions, cond: Cond) -> Condition | None:
    """Rows one of whose dates is after or before another: "paid after the due date"."""
    end = _end(made, cond)
    other = moment_of(made.model, made.binder, made.trace, cond.owner, end.dataset) if end is not None else None
    if end is None or other is None or end == other:
        made.trace.doubt("unplaced_amount", 2.0)
        return None
    made.trace.note(made.sketch.pieces[cond.at], "filter")
    return Compare(end, cond.op, other)


def late_rows(made: Conditions, cond: Cond) -> Condition | None:
    """Rows done after the one date they were planned for, or not after it."""
    rows = made.subject
    due = [f for f in rows.fields if f.is_time and is_planned(f.name)] if rows is not None else []
    end = _end(made, cond)
    if rows is None or len(due) != 1 or end is None or end == FieldRef(rows.name, due[0].name):
        made.trace.doubt("unplaced_value", 2.0)
        return None
    made.trace.note(made.sketch.pieces[cond.at], "filter", field=due[0].name)
    return Compare(end, "<=" if cond.negated else ">", FieldRef(rows.name, due[0].name))


def _end(made: Conditions, cond: Cond) -> FieldRef | None:
    """The date that was named, else the one on which such rows end."""
    if cond.noun is not None:
        beside = made.subject.name if made.subject is not None else ""
        return moment_of(made.model, made.binder, made.trace, cond.noun, beside)
    found = ending_of(made.subject)
    return FieldRef(made.subject.name, found.name) if made.subject is not None and found is not None else None
