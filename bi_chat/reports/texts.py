"""In: a text of a report with references to facts, and the answers by name. Out: the text, its numbers put in by code.

No number of an answer is ever typed: {revenue.relative} is looked up in the answer's facts and written as the language
writes it, or the report says that it is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bi_chat.language.display import show_number
from bi_chat.narration.tell import fact_texts
from bi_chat.reports.composed import Source
from bi_chat.reports.references import Reference, filled
from bi_chat.reports.words import word
from bi_chat.values.answer import AnswerValue
from bi_chat.values.fact import Fact
from bi_chat.values.result import Result

FIGURE = ("value", "total", "last", "rows")  # what a bare name stands for: the first of these that is known
TOLD = ("headline", "text")
_SIGNED = ("relative", "difference")


@dataclass(slots=True)
class Texts:
    """Fills texts; `unknown` gathers what could not be found, as written."""

    answers: Mapping[str, Source]
    parameters: Mapping[str, str]
    language: str
    unknown: list[Reference] = field(default_factory=list)

    def fill(self, text: str) -> tuple[str, tuple[int, ...]]:
        """The text, and the numbers of the answers that its facts come from."""
        used: dict[int, None] = {}

        def value(found: Reference) -> str:
            if found.of in self.parameters:
                return self.parameters[found.of]
            source = self.answers.get(found.of)
            said = told(source.answer, found.part, self.language) if source is not None else None
            if source is None or said is None:
                self.unknown.append(found)
                return f"({word('unknown', self.language)})"
            used[source.number] = None
            return said

        return filled(text, value), tuple(used)


def told(answer: AnswerValue, part: str, language: str) -> str | None:
    """A fact of an answer as text; None where it has none of that name."""
    if answer.status != "answered":
        return None
    if part == "headline":
        return answer.narrative.headline or None
    if part == "text":
        return " ".join(t for t in (answer.narrative.headline, *answer.narrative.sentences) if t) or None
    if answer.result is None:
        return None
    for name in (part,) if part else FIGURE:
        found = next((f for f in answer.facts if f.value(name) is not None), None)
        if found is not None:
            return _shown(found, name, answer.result, language)
    return None


def parts_of(answer: AnswerValue) -> tuple[str, ...]:
    """What can be said of an answer: {name.part}."""
    if answer.status != "answered":
        return ()
    named = [n for f in answer.facts for n, v in f.values if v is not None and n != "measure"]
    return tuple(dict.fromkeys([*named, *TOLD]))


def _shown(fact: Fact, name: str, result: Result, language: str) -> str:
    """As sentences write it; a change keeps its sign, because no word beside it says up or down."""
    value = fact.value(name)
    if name in _SIGNED and isinstance(value, int | float):
        if name == "relative":
            return show_number(value, language=language, format="percent", signed=True)
        column = next((c for c in result.columns if fact.cells and c.name == fact.cells[0].column), None)
        form, unit = (column.format, column.unit) if column is not None else ("number", "")
        return show_number(value, language=language, format=form, unit=unit, signed=True)
    return fact_texts(fact, result, language).get(name, "")
