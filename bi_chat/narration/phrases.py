"""In: a scalar or a measure of a plan. Out: what it is called in the asker's language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bi_chat.language.display import missing_word, one_line, show_date, show_number
from bi_chat.narration.pack import knows, say
from bi_chat.narration.periods import grain_word
from bi_chat.semantics.model import Field, SemanticModel
from bi_chat.values.plan import (
    TIME,
    Age,
    Aggregate,
    Arithmetic,
    Bin,
    Constant,
    Elapsed,
    EntityMeasure,
    FieldRef,
    Fn,
    Literal,
    Measure,
    Metric,
    Nested,
    Operation,
    PartOfDate,
    Scalar,
    Scalarish,
    TimeBucket,
    Tone,
)

_SIGNS = {"*": "×", "/": "÷", "-": "−", "+": "+"}


@dataclass(frozen=True, slots=True)
class Tongue:
    """Whose words (the model's labels), which language, and the day that "last month" is seen from."""

    model: SemanticModel
    language: str
    asked_on: date

    def say(self, key: str, **fields: str) -> str:
        """A phrase of the pack's `words`."""
        return say(self.language, "words", key, **fields)

    def knows(self, key: str) -> bool:
        """Whether the pack has such a phrase."""
        return knows(self.language, "words", key)

    def listed(self, parts: list[str]) -> str:
        """Parts in a row."""
        return ("、" if self.language == "zh" else ", ").join(parts)


def readable(name: str) -> str:
    """A technical name as words."""
    return one_line(name.replace("_", " ").strip())


def own_words(label: str, name: str, synonyms: tuple[str, ...], t: Tongue) -> str:
    """A thing's name for an asker of this language: its label; in Chinese a Chinese synonym,
    where the label has none."""
    said = label or readable(name)
    if t.language == "zh" and said.isascii():
        said = next((s for s in synonyms if any("\u4e00" <= ch <= "\u9fff" for ch in s)), said)
    return one_line(said)


def dataset_words(name: str, t: Tongue) -> str:
    """A dataset's label."""
    found = t.model.dataset(name)
    return own_words(found.label, found.name, found.synonyms, t) if found else readable(name)


def field_of(ref: FieldRef, t: Tongue) -> Field | None:
    """The model's field behind a reference."""
    return t.model.field(ref.dataset, ref.field)


def field_words(ref: FieldRef, t: Tongue) -> str:
    """A field's label; with its dataset where other datasets use the same one ("name (customers)")."""
    if ref == TIME:
        return t.say("time")
    found = field_of(ref, t)
    words = own_words(found.label, found.name, found.synonyms, t) if found else readable(ref.field)
    same = sum(any((f.label or readable(f.name)).lower() == words.lower() for f in d.fields) for d in t.model.datasets)
    if same > 1:
        words = t.say("of_dataset", field=words, dataset=dataset_words(ref.dataset, t))
    roles = [r.role or readable(r.name) for r in t.model.relationships if r.name in ref.via and r.role]
    return t.say("via", of=words, role=t.listed(roles)) if roles else words


def scalar_words(of: Scalar, t: Tongue) -> str:
    """A row-level value in words."""
    match of:
        case FieldRef():
            return field_words(of, t)
        case Literal(value):
            return value_words(value, t)
        case TimeBucket(inner, grain, fiscal):
            return _bucket(inner, grain_word(grain, t.language, fiscal=fiscal), t)
        case PartOfDate(inner, part):
            return _bucket(inner, t.say(f"part.{part}"), t)
        case Elapsed(start, end, unit):
            words = t.say(f"unit.{unit}") if t.knows(f"unit.{unit}") else unit
            return t.say("elapsed", unit=words, start=scalar_words(start, t), end=scalar_words(end, t))
        case Age(inner):
            return t.say("age", of=scalar_words(inner, t))
        case Operation(op, left, right):
            return t.say("operation", left=_operand(left, t), op=_SIGNS.get(op, op), right=_operand(right, t))
        case Bin(inner, width):
            return t.say("bin", of=scalar_words(inner, t), width=show_number(width, language=t.language))
        case Tone(inner):
            return t.say("tone", of=scalar_words(inner, t))
        case EntityMeasure(measure, per):
            return t.say("entity_measure", measure=measure_words(measure, t), per=dataset_words(per, t))


def _bucket(inner: Scalar, words: str, t: Tongue) -> str:
    """The grain alone where the dataset has but one sensible date; else the date's name too."""
    if inner == TIME:
        return t.say("bucket", grain=words)
    if isinstance(inner, FieldRef):
        dataset = t.model.dataset(inner.dataset)
        if dataset is not None and dataset.default_time.split(".")[-1].lower() == inner.field.lower():
            return t.say("bucket", grain=words)
    return t.say("bucket_of", grain=words, of=scalar_words(inner, t))


def _operand(of: Scalar, t: Tongue) -> str:
    words = scalar_words(of, t)
    return t.say("in_brackets", of=words) if isinstance(of, Operation) else words


def measure_words(of: Measure, t: Tongue) -> str:
    """A measure in words."""
    match of:
        case Metric(name):
            metric = t.model.metric(name)
            return own_words(metric.label, metric.name, metric.synonyms, t) if metric else readable(name)
        case Aggregate():
            return _aggregate(of, t)
        case Arithmetic(op, left, right):
            return t.say("operation", left=_term(left, t), op=_SIGNS.get(op, op), right=_term(right, t))
        case Constant(value):
            return show_number(value, language=t.language)
        case Nested(function, inner, by, argument, other):
            words = function_words(function, measure_words(inner, t), t, argument=argument)
            if other is not None:
                words = t.say("fn.correlation", of=measure_words(inner, t), other=measure_words(other, t))
            return t.say("nested", outer=words, by=t.listed([scalar_words(s, t) for s in by]))


def _term(of: Measure, t: Tongue) -> str:
    words = measure_words(of, t)
    return t.say("in_brackets", of=words) if isinstance(of, Arithmetic) else words


def _aggregate(of: Aggregate, t: Tongue) -> str:
    inner = scalar_words(of.of, t) if of.of is not None else dataset_words(of.dataset, t)
    if of.other is not None:
        words = t.say("fn.correlation", of=inner, other=scalar_words(of.other, t))
    else:
        words = function_words(of.function, inner, t, argument=of.argument, distinct=of.distinct)
    if not of.where:
        return words
    from bi_chat.narration.conditions import conditions_words  # the two are mutually recursive, as the algebra is

    return t.say("only_where", of=words, conditions=conditions_words(of.where, t))


def function_words(function: Fn, of: str, t: Tongue, *, argument: float | None = None, distinct: bool = False) -> str:
    """An aggregate function applied to something already in words."""
    if function is Fn.COUNT and distinct:
        return t.say("fn.count_distinct", of=of)
    if function is Fn.PERCENTILE:
        level = (argument if argument is not None else 0.5) * 100
        return t.say("fn.percentile", of=of, argument=_ordinal(level, t.language))
    return t.say(f"fn.{function}", of=of)


def _ordinal(level: float, language: str) -> str:
    text = f"{level:g}"
    if language == "zh" or not text.isdigit():
        return text
    tail = "th" if text[-2:] in ("11", "12", "13") else {"1": "st", "2": "nd", "3": "rd"}.get(text[-1], "th")
    return text + tail


def value_words(value: Scalarish, t: Tongue, *, field: Field | None = None) -> str:
    """A constant in words: numbers in the field's format, dates spelled out, text as it is."""
    if value is None:
        return missing_word(t.language)
    if isinstance(value, bool):
        return t.say("true" if value else "false")
    if isinstance(value, date):
        return show_date(value, "", t.language)
    if isinstance(value, str):
        return one_line(value)
    if field is not None and field.kind in ("key", "category", "other", "text", "time"):
        return f"{value:g}" if isinstance(value, float) else str(value)
    form, unit = (field.format or "number", field.unit) if field else ("number", "")
    return show_number(value, language=t.language, format=form, unit=unit)
