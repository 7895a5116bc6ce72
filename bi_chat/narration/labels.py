"""In: result columns and their plan. Out: the same columns labelled in the asker's language; names stay as they are."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from bi_chat.narration.pack import spoken
from bi_chat.narration.phrases import Tongue, measure_words, scalar_words
from bi_chat.semantics.model import SemanticModel
from bi_chat.values.plan import Plan
from bi_chat.values.query import ResultColumn

_GROUPS = ("dimension", "time", "attribute")


def labelled(
    columns: tuple[ResultColumn, ...], plan: Plan, model: SemanticModel, language: str, asked_on: date
) -> tuple[ResultColumn, ...]:
    """Labels in words of the language. English ones are the compiler's own; a label that the plan gives is kept.

    Labels stay unique: where two would be the same, the later column keeps the one it had.
    """
    if spoken(language) == "en":
        return columns
    t = Tongue(model, spoken(language), asked_on)
    groups = [c.name for c in columns if c.role in _GROUPS]
    words = {}
    if len(groups) == len(plan.dimensions):
        words = {n: d.label or scalar_words(d.of, t) for n, d in zip(groups, plan.dimensions, strict=True)}
    words |= {c.name: w for c in columns if c.measure is not None and (w := _of_measure(c, c.measure, plan, t))}
    taken: set[str] = set()
    found = []
    for column in columns:
        label = words.get(column.name, column.label)
        label = column.label if label in taken else label
        taken.add(label)
        found.append(replace(column, label=label))
    return tuple(found)


def _of_measure(column: ResultColumn, index: int, plan: Plan, t: Tongue) -> str:
    """A measure's words; of what was computed from it, with the kind of that behind them."""
    if index >= len(plan.measures):
        return ""
    measured = plan.measures[index]
    words = measured.label or measure_words(measured.of, t)
    if column.role == "measure":
        return words
    key = (
        "column.change_relative" if column.role == "change" and column.format == "percent" else f"column.{column.role}"
    )
    return t.say("column", measure=words, calc=t.say(key)) if t.knows(key) else ""
